mod never_older;
mod nodes;
mod world;

use super::{AT_MOST, Learned, Lifetimes, NOTHING_FOR};
use crate::{Freshness, Invalidations};
use doorward_ports::Causes;
use doorward_ports::outbound::{Lookup as _, Revocation, StoreError};
use doorward_ports::usage::{CallKind, Usage};
use moka::Expiry as _;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Barrier;
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
    let early = node.asks(0);
    a_moment().await;
    database.change_silently(0);
    node.hear(Revocation::User(user(0)));
    held.release();
    assert_eq!(early.await.unwrap(), Some(1), "it was asked before the change");
    assert_eq!(node.sees(0).await, Some(2));
}

#[tokio::test(start_paused = true)]
async fn of_many_an_answer_on_its_way_while_its_subject_is_revoked_is_not_remembered() {
    let database = Database::with_users(2);
    let node = Node::on(&database).await;
    let held = database.hold();
    let early = tokio::spawn({
        let node = node.clone();
        async move { node.sees_among(0, &[0, 1]).await }
    });
    a_moment().await;
    database.change_silently(0);
    node.hear(Revocation::User(user(0)));
    held.release();
    assert_eq!(early.await.unwrap(), Some(1), "it was asked before the change");
    assert_eq!(node.sees_among(0, &[0, 1]).await, Some(2));
}

/// What is remembered does not count, and is there for each of them to find.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn a_crowd_of_threads_that_asks_anew_after_a_revocation_asks_once() {
    let database = Database::with_users(1);
    let node = Node::fresh_by(&database, Freshness::for_ever(), None);
    node.sees(0).await;
    for round in 1..=50 {
        let version = database.change_silently(0);
        node.hear(Revocation::User(user(0)));
        let start = Arc::new(Barrier::new(32));
        let crowd = (0..32).map(|_| {
            let (node, start) = (node.clone(), start.clone());
            tokio::spawn(async move {
                start.wait().await;
                node.sees(0).await
            })
        });
        for one in crowd.collect::<Vec<_>>() {
            assert_eq!(one.await.unwrap(), Some(version));
        }
        assert_eq!(database.asked_for_users(), round + 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_crowd_that_asks_the_same_asks_once() {
    let database = Database::with_users(1);
    let node = Node::on(&database).await;
    let held = database.hold();
    let crowd: Vec<_> = (0..32).map(|_| node.asks(0)).collect();
    a_moment().await;
    held.release();
    for one in crowd {
        assert_eq!(one.await.unwrap(), Some(1));
    }
    assert_eq!(database.asked_for_users(), 1);
}

/// The database's time is counted where the database is asked.
#[tokio::test]
async fn the_cache_is_waited_for_by_those_who_wait_for_another_and_not_by_the_one_who_asks() {
    let database = Database::with_users(1);
    let node = Node::fresh_by(&database, Freshness::for_ever(), None);
    let held = database.hold();
    let usages: [Arc<Usage>; 4] = Default::default();
    let crowd = usages.clone().map(|usage| {
        let node = node.clone();
        tokio::spawn(Usage::during(Some(usage), async move { node.sees(0).await }))
    });
    tokio::time::sleep(Duration::from_millis(20)).await;
    held.release();
    for one in crowd {
        assert_eq!(one.await.unwrap(), Some(1));
    }
    let [asked, others @ ..] = usages.map(|usage| usage.waited(CallKind::Cache));
    assert!(others.into_iter().all(|waited| waited > asked + Duration::from_millis(10)), "{asked:?} {others:?}");
}

#[tokio::test(start_paused = true)]
async fn who_comes_after_a_revocation_does_not_take_the_answer_that_others_waited_for_before_it() {
    let database = Database::with_users(1);
    let node = Node::on(&database).await;
    let held = database.hold();
    let early = node.asks(0);
    a_moment().await;
    database.change_silently(0);
    node.hear(Revocation::User(user(0)));
    let late = node.asks(0);
    a_moment().await;
    held.release();
    assert_eq!((early.await.unwrap(), late.await.unwrap()), (Some(1), Some(2)));
}

#[tokio::test(start_paused = true)]
async fn when_the_first_of_a_crowd_fails_the_others_are_told_so_and_ask_nobody() {
    let database = Database::with_users(1);
    let node = Node::on(&database).await;
    let held = database.hold();
    let crowd: Vec<_> = (0..33)
        .map(|_| {
            let node = node.clone();
            tokio::spawn(async move { node.users.find(&user(0)).await })
        })
        .collect();
    a_moment().await;
    database.set_up(false);
    held.release();
    for one in crowd {
        let error = one.await.unwrap().unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)));
        assert_eq!(Causes(&error).to_string(), "the database is unavailable: down");
    }
    assert_eq!(database.asked_for_users(), 1);
    database.set_up(true);
    assert_eq!(node.sees(0).await, Some(1), "the error is not remembered");
}

#[tokio::test(start_paused = true)]
async fn when_the_first_of_a_crowd_goes_away_the_others_are_answered() {
    let database = Database::with_users(1);
    let node = Node::on(&database).await;
    let held = database.hold();
    let ask = || node.asks(0);
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
}

/// What the cache keeps expires by the clock of the machine, which no test moves.
#[tokio::test(start_paused = true)]
#[expect(clippy::disallowed_methods, reason = "the time of the tests stands still meanwhile")]
async fn what_is_kept_is_asked_for_again_when_its_time_is_over() {
    const MILLISECOND: Duration = Duration::from_millis(1);
    let lifetimes = [(AT_MOST, NOTHING_FOR, 2), (MILLISECOND, NOTHING_FOR, 3), (AT_MOST, MILLISECOND, 3)];
    for (something, nothing, asked) in lifetimes {
        let database = Database::with_users(1);
        let node = Node::keeping(&database, Lifetimes { something, nothing }).await;
        for _ in 0..2 {
            assert_eq!((node.sees(0).await, node.sees(1).await), (Some(1), None));
            std::thread::sleep(2 * MILLISECOND);
        }
        assert_eq!(database.asked_for_users(), asked, "{something:?}, {nothing:?}");
    }
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

#[tokio::test(start_paused = true)]
async fn what_is_held_and_what_had_to_go_is_told() {
    let database = Database::with_users(250);
    let node = Node::on(&database).await;
    for n in 0..250 {
        node.sees(n).await;
    }
    node.users.remembered.run_pending_tasks().await;
    assert_eq!(node.sees(250).await, None);
    let (held, let_go) = node.users_held_and_let_go();
    assert_eq!(held, world::CAPACITY);
    assert!((150..=151).contains(&let_go), "{let_go}");
}

#[test]
fn how_long_something_is_kept_goes_by_what_is_there_now() {
    let (lifetimes, stamp) = (Lifetimes { something: AT_MOST, nothing: NOTHING_FOR }, Invalidations::default().stamp());
    let failed = Err(Arc::new(StoreError::Unavailable("down".into())));
    for (answer, time) in [(Ok(Some(())), AT_MOST), (Ok(None), NOTHING_FOR), (failed, Duration::ZERO)] {
        let (learned, now) = (Learned { answer, stamp }, Instant::now());
        assert_eq!(lifetimes.expire_after_create(&0, &learned, now), Some(time));
        assert_eq!(lifetimes.expire_after_update(&0, &learned, now, Some(Duration::MAX)), Some(time));
    }
}
