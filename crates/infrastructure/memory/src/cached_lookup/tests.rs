mod never_older;
mod nodes;
mod world;

use crate::Freshness;
use doorward_ports::outbound::{Lookup as _, Revocation};
use std::collections::BTreeMap;
use std::time::Duration;
use world::{Database, NOW, Node, SharedBytes, a_moment, session_of, user};

#[tokio::test(start_paused = true)]
async fn what_is_warm_is_not_asked_for_again() {
    let database = Database::with_users(1);
    let node = Node::on(&database).await;
    for _ in 0..5 {
        assert!(node.sees(0).await.is_some());
        assert!(node.sessions.find(&session_of(0)).await.unwrap().is_some());
    }
    assert_eq!((database.asked_for_users(), database.asked_for_sessions()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn what_was_revoked_is_asked_for_at_once() {
    for revocation in [Revocation::User(user(0)), Revocation::Account(user(0)), Revocation::Everyone] {
        let database = Database::with_users(1);
        let node = Node::on(&database).await;
        node.sees(0).await;
        database.change_silently(0);
        node.hear(revocation);
        assert_eq!(node.sees(0).await, Some(2), "{revocation:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_is_asked_for_when_it_or_its_account_was_revoked_and_not_when_its_owner_signed_in_again() {
    let concerning = [Revocation::Session(session_of(0)), Revocation::User(user(0)), Revocation::Everyone];
    for (revocation, times) in concerning.map(|revocation| (revocation, 2)).into_iter().chain([
        (Revocation::Account(user(0)), 1),
        (Revocation::User(user(1)), 1),
        (Revocation::Roles, 1),
    ]) {
        let database = Database::with_users(2);
        let node = Node::on(&database).await;
        node.sessions.find(&session_of(0)).await.unwrap();
        node.hear(revocation);
        node.sessions.find(&session_of(0)).await.unwrap();
        assert_eq!(database.asked_for_sessions(), times, "{revocation:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_on_its_way_while_its_subject_is_revoked_is_not_remembered() {
    let database = Database::with_users(1);
    let node = Node::on(&database).await;
    let held = database.hold();
    let early = tokio::spawn({
        let node = node.clone();
        async move { node.sees(0).await }
    });
    a_moment().await;
    database.change_silently(0);
    node.hear(Revocation::User(user(0)));
    held.release();
    assert_eq!(early.await.unwrap(), Some(1), "it was asked before the change");
    assert_eq!(node.sees(0).await, Some(2));
}

#[tokio::test(start_paused = true)]
async fn a_crowd_that_asks_the_same_asks_once() {
    let database = Database::with_users(1);
    let node = Node::on(&database).await;
    let held = database.hold();
    let crowd: Vec<_> = (0..32)
        .map(|_| {
            let node = node.clone();
            tokio::spawn(async move { node.sees(0).await })
        })
        .collect();
    a_moment().await;
    held.release();
    for one in crowd {
        assert_eq!(one.await.unwrap(), Some(1));
    }
    assert_eq!(database.asked_for_users(), 1);
}

#[tokio::test(start_paused = true)]
async fn who_comes_after_a_revocation_does_not_take_the_answer_that_others_waited_for_before_it() {
    let database = Database::with_users(1);
    let node = Node::on(&database).await;
    let held = database.hold();
    let early = tokio::spawn({
        let node = node.clone();
        async move { node.sees(0).await }
    });
    a_moment().await;
    database.change_silently(0);
    node.hear(Revocation::User(user(0)));
    let late = tokio::spawn({
        let node = node.clone();
        async move { node.sees(0).await }
    });
    a_moment().await;
    held.release();
    assert_eq!((early.await.unwrap(), late.await.unwrap()), (Some(1), Some(2)));
}

#[tokio::test(start_paused = true)]
async fn when_the_first_of_a_crowd_goes_away_the_others_are_answered() {
    let database = Database::with_users(1);
    let node = Node::on(&database).await;
    let held = database.hold();
    let ask = || {
        let node = node.clone();
        tokio::spawn(async move { node.sees(0).await })
    };
    let first = ask();
    a_moment().await;
    let second = ask();
    a_moment().await;
    first.abort();
    a_moment().await;
    held.release();
    assert_eq!(second.await.unwrap(), Some(1));
}

#[tokio::test(start_paused = true)]
async fn that_there_is_none_is_remembered_for_a_moment() {
    let database = Database::with_users(0);
    let node = Node::on(&database).await;
    for _ in 0..5 {
        assert_eq!(node.sees(0).await, None);
    }
    assert_eq!(database.asked_for_users(), 1);
    tokio::time::sleep(super::NOTHING_FOR).await;
    node.sees(0).await;
    assert_eq!(database.asked_for_users(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_expires_by_what_is_remembered_is_asked_for() {
    let database = Database::with_users(1);
    let node = Node::on(&database).await;
    node.sessions.find(&session_of(0)).await.unwrap();
    database.prolong_sessions(NOW.plus(2 * world::LIFE));
    node.advance_clock(world::LIFE);
    assert!(node.sessions.find(&session_of(0)).await.unwrap().is_some(), "it was prolonged meanwhile");
    assert_eq!(database.asked_for_sessions(), 2);
}

/// Or whoever shows the token of an expired session again and again would reach the database each time.
#[tokio::test(start_paused = true)]
async fn that_a_session_has_expired_is_remembered_for_a_moment() {
    let database = Database::with_users(1);
    let node = Node::on(&database).await;
    node.advance_clock(world::LIFE);
    for _ in 0..5 {
        assert_eq!(node.sessions.find(&session_of(0)).await.unwrap(), None);
    }
    assert_eq!(database.asked_for_sessions(), 1);
}

#[tokio::test(start_paused = true)]
async fn of_many_those_that_are_not_remembered_are_asked_for_in_one_question() {
    let database = Database::with_users(3);
    let node = Node::on(&database).await;
    node.sees(0).await;
    let keys = [0, 1, 2, 9, 1, 0].map(user);
    for asked in [2, 2] {
        let found = node.users.find_many(&keys).await.unwrap();
        let seen: BTreeMap<_, _> = found.iter().map(|(&id, user)| (id, (user.id, user.version))).collect();
        assert_eq!(seen, [0, 1, 2].map(|n| (user(n), (user(n), 1))).into());
        assert_eq!(database.asked_for_users(), asked, "that there is no ninth is remembered too");
    }
    node.sees(2).await;
    assert_eq!(database.asked_for_users(), 2, "who asks for one alone has it");
}

#[tokio::test(start_paused = true)]
async fn of_many_what_was_revoked_is_asked_for_again_and_an_error_is_not_remembered() {
    let database = Database::with_users(2);
    let node = Node::on(&database).await;
    let versions = async || node.users.find_many(&[0, 1].map(user)).await.map(|found| found[&user(0)].version);
    assert_eq!(versions().await.unwrap(), 1);
    database.change_silently(0);
    node.hear(Revocation::Account(user(0)));
    database.set_up(false);
    assert!(versions().await.is_err());
    database.set_up(true);
    assert_eq!(versions().await.unwrap(), 2);
}

#[tokio::test(start_paused = true)]
async fn memory_that_is_not_fresh_counts_for_nothing() {
    let database = Database::with_users(1);
    let node = Node::fresh_by(&database, Freshness::stale(), None);
    for _ in 0..3 {
        assert_eq!(node.sees(0).await, Some(1));
    }
    assert_eq!(database.asked_for_users(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_answered_is_an_error_and_not_remembered() {
    let database = Database::with_users(1);
    let node = Node::on(&database).await;
    database.set_up(false);
    assert!(node.users.find(&user(0)).await.is_err());
    database.set_up(true);
    assert_eq!(node.sees(0).await, Some(1));
}

#[tokio::test(start_paused = true)]
async fn how_often_it_is_asked_and_has_the_answer_is_told() {
    let database = Database::with_users(1);
    let node = Node::sharing(&database, &SharedBytes::default()).await;
    tokio::time::sleep(Duration::from_secs(200)).await;
    node.sees(0).await;
    node.sees(0).await;
    assert_eq!(node.observed(), ["users memory miss", "users shared miss", "users memory hit"]);
}
