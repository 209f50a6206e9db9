//! Wrong passwords: CVE-2025-64102, guessing because nothing counted it.
use crate::world::{
    ABROAD, CAFE, DAY, HOME, MICROSECOND, MINUTE, OTHER_PASSWORD, PASSWORD, Refusals, WRONG, World, code, operator,
    refusal, secret,
};
use doorward_domain::{AuditOutcome, RateClass};
use doorward_ports::ErrorCode;
use doorward_ports::inbound::PasswordChange;
use std::sync::Arc;
use std::time::Duration;

/// How long the account stays locked for a caller who knows the password; none if they can sign in.
async fn wait(world: &World, address: &str) -> Option<Duration> {
    match world.sign_in(address, "ann", PASSWORD).await {
        Ok(_) => None,
        Err(error) => {
            assert_eq!(error.code, ErrorCode::InvalidCredentials);
            Some(error.retry_after.expect("the password is right, so only a lock refuses"))
        }
    }
}

/// So many wrong passwords, each four from a network of its own.
async fn fail_from_everywhere(world: &World, times: usize, identifier: &str) {
    for n in 0..times {
        world.fail(1, &format!("10.0.{}.1", n / 4), identifier).await;
    }
}

#[tokio::test]
async fn cve_2025_64102_the_fifth_wrong_password_in_15_minutes_locks() {
    let world = World::new().await;
    world.account("ann").await;
    world.fail(4, HOME, "ann").await;
    world.advance(15 * MINUTE - MICROSECOND);
    world.fail(1, HOME, "ann").await;
    assert_eq!(wait(&world, HOME).await, Some(15 * MINUTE));
}

#[tokio::test]
async fn four_wrong_passwords_lock_nothing_and_the_right_one_forgets_them() {
    let world = World::new().await;
    world.account("ann").await;
    for _ in 0..3 {
        world.fail(4, HOME, "ann").await;
        assert_eq!(wait(&world, HOME).await, None);
    }
}

#[tokio::test]
async fn wrong_passwords_of_an_older_window_are_forgotten() {
    let world = World::new().await;
    world.account("ann").await;
    world.fail(4, HOME, "ann").await;
    world.advance(15 * MINUTE);
    world.fail(4, HOME, "ann").await;
    assert_eq!(wait(&world, HOME).await, None);
}

#[tokio::test]
async fn a_lock_holds_for_the_network_and_for_no_other() {
    let world = World::new().await;
    world.account("ann").await;
    world.fail(5, "203.0.113.7", "ann").await;
    assert_eq!(wait(&world, "203.0.113.250").await, Some(15 * MINUTE));
    assert_eq!(wait(&world, "::ffff:203.0.113.9").await, Some(15 * MINUTE));
    assert_eq!(wait(&world, "203.0.114.7").await, None);
    assert_eq!(wait(&world, "2001:db8::7").await, None);
}

#[tokio::test]
async fn a_lock_holds_for_the_account_and_for_no_other() {
    let world = World::new().await;
    world.account("ann").await;
    world.account("bob").await;
    world.fail(5, HOME, "bob").await;
    assert_eq!(wait(&world, HOME).await, None);
}

#[tokio::test]
async fn every_name_of_an_account_counts_towards_one_lock() {
    let world = World::new().await;
    world.account("ann").await;
    for name in ["ann", "ANN", "ann@example.com", "Ann@EXAMPLE.com", "ann"] {
        world.fail(1, HOME, name).await;
    }
    assert_eq!(wait(&world, HOME).await, Some(15 * MINUTE));
}

#[tokio::test]
async fn time_releases_a_lock_to_the_microsecond() {
    let world = World::new().await;
    world.account("ann").await;
    world.fail(5, HOME, "ann").await;
    world.advance(15 * MINUTE - MICROSECOND);
    assert_eq!(wait(&world, HOME).await, Some(MICROSECOND));
    world.advance(MICROSECOND);
    assert_eq!(wait(&world, HOME).await, None);
}

#[tokio::test]
async fn each_further_lock_lasts_twice_as_long() {
    let world = World::new().await;
    world.account("ann").await;
    for minutes in [15, 30, 60] {
        world.fail(5, HOME, "ann").await;
        assert_eq!(wait(&world, HOME).await, Some(minutes * MINUTE));
        world.advance(minutes * MINUTE);
    }
}

#[tokio::test]
async fn an_administrator_releases_a_lock() {
    let world = World::new().await;
    let (ann, admin) = (world.account("ann").await, world.admin("eve").await);
    world.fail(5, CAFE, "ann").await;
    world.accounts().unlock(&admin.caller, ann.id).await.unwrap();
    assert_eq!(wait(&world, CAFE).await, None);
}

#[tokio::test]
async fn trying_on_while_locked_does_not_keep_the_door_shut() {
    let world = World::new().await;
    world.account("ann").await;
    world.fail(5, HOME, "ann").await;
    for _ in 0..14 {
        world.advance(MINUTE);
        world.fail(1, HOME, "ann").await;
    }
    assert_eq!(wait(&world, HOME).await, Some(MINUTE));
}

#[tokio::test]
async fn a_network_the_owner_came_from_is_untouched_by_what_others_do() {
    let world = World::new().await;
    world.account("ann").await;
    assert_eq!(wait(&world, HOME).await, None);
    fail_from_everywhere(&world, 60, "ann").await;
    assert!(wait(&world, CAFE).await.is_some());
    assert_eq!(wait(&world, HOME).await, None);
}

#[tokio::test]
async fn a_network_stays_familiar_for_30_days_after_the_last_sign_in() {
    let world = World::new().await;
    world.account("ann").await;
    assert_eq!(wait(&world, HOME).await, None);
    world.advance(30 * DAY);
    fail_from_everywhere(&world, 50, "ann").await;
    assert_eq!(wait(&world, HOME).await, None);
    world.advance(30 * DAY + MICROSECOND);
    fail_from_everywhere(&world, 50, "ann").await;
    assert!(wait(&world, HOME).await.is_some());
}

#[tokio::test]
async fn fifty_wrong_passwords_from_many_unfamiliar_networks_lock_all_of_them() {
    let world = World::new().await;
    world.account("ann").await;
    fail_from_everywhere(&world, 49, "ann").await;
    world.account("bob").await;
    fail_from_everywhere(&world, 1, "bob").await;
    world.fail(1, ABROAD, "ann").await;
    assert_eq!(wait(&world, CAFE).await, Some(15 * MINUTE));
    world.advance(15 * MINUTE);
    assert_eq!(wait(&world, CAFE).await, None);
}

#[tokio::test]
async fn a_locked_network_cannot_use_up_what_all_unfamiliar_ones_have_together() {
    let world = World::new().await;
    world.account("ann").await;
    world.fail(100, ABROAD, "ann").await;
    assert_eq!(wait(&world, CAFE).await, None);
}

#[tokio::test]
async fn wrong_passwords_from_a_familiar_network_are_not_counted_for_the_others() {
    let world = World::new().await;
    world.account("ann").await;
    for n in 0..12 {
        let address = format!("10.1.{n}.1");
        assert_eq!(wait(&world, &address).await, None);
        world.fail(5, &address, "ann").await;
    }
    assert_eq!(wait(&world, CAFE).await, None);
}

/// Otherwise a lock would tell that there is an account.
#[tokio::test]
async fn a_name_without_an_account_locks_like_one_with() {
    let world = World::new().await;
    world.account("ann").await;
    for name in ["ann", "nobody", "nobody@example.com", "not a name\0"] {
        world.fail(5, CAFE, name).await;
        let told = refusal(world.sign_in(CAFE, name, WRONG).await);
        assert_eq!(told.retry_after, Some(15 * MINUTE), "{name:?}");
    }
    for name in ["ann", "nobody"] {
        fail_from_everywhere(&world, 45, name).await;
        let told = refusal(world.sign_in(HOME, name, WRONG).await);
        assert_eq!(told.retry_after, Some(15 * MINUTE), "{name:?}");
    }
}

#[tokio::test]
async fn a_nobody_locked_under_one_spelling_is_locked_under_all() {
    let world = World::new().await;
    for name in
        ["nobody@example.com", "NOBODY@example.com", " nobody@EXAMPLE.com", "nobody@example.com", "nobody＠example.com"]
    {
        world.fail(1, HOME, name).await;
    }
    assert!(refusal(world.sign_in(HOME, "Nobody@Example.Com", WRONG).await).retry_after.is_some());
}

#[tokio::test]
async fn without_the_policy_nothing_ever_locks() {
    let world = World::by(|policies| policies.lockout = None).await;
    world.account("ann").await;
    world.fail(60, HOME, "ann").await;
    assert_eq!(wait(&world, HOME).await, None);
}

#[tokio::test]
async fn wrong_present_passwords_at_a_change_count_as_those_at_the_sign_in() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let change = |current| PasswordChange { current: secret(current), new: secret(OTHER_PASSWORD) };
    for _ in 0..5 {
        let told = refusal(world.accounts().change_own_password(&ann.caller, change(WRONG)).await);
        assert_eq!((told.code, told.retry_after), (ErrorCode::WrongPassword, None));
    }
    let told = refusal(world.accounts().change_own_password(&ann.caller, change(PASSWORD)).await);
    assert_eq!((told.code, told.retry_after), (ErrorCode::WrongPassword, Some(15 * MINUTE)));
    assert_eq!(wait(&world, HOME).await, Some(15 * MINUTE));
    world.accounts().unlock(&operator(), ann.id()).await.unwrap();
    world.accounts().change_own_password(&ann.caller, change(PASSWORD)).await.unwrap();
}

#[tokio::test]
async fn whoever_comes_to_a_shut_door_is_told_to_the_metrics_and_nobody_else_is() {
    let (world, refusals) = (World::new().await, Arc::new(Refusals::default()));
    let world = world.changed(|tools, _| tools.observer = refusals.clone());
    let ann = world.person("ann").await;
    for name in ["ann", "nobody"] {
        world.fail(5, HOME, name).await;
        assert_eq!(refusals.take(), [], "the fifth shuts the door of {name}, and was not told to come back later");
        world.fail(2, HOME, name).await;
        assert_eq!(refusals.take(), [RateClass::Account; 2], "{name}");
    }
    assert!(wait(&world, HOME).await.is_some());
    assert_eq!(refusals.take(), [RateClass::Account], "the right password");
    for current in [WRONG, PASSWORD] {
        let change = PasswordChange { current: secret(current), new: secret(OTHER_PASSWORD) };
        assert_eq!(code(world.accounts().change_own_password(&ann.caller, change).await), ErrorCode::WrongPassword);
    }
    assert_eq!(refusals.take(), [RateClass::Account; 2], "changes of the password");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_wrong_passwords_at_once_five_are_counted_and_the_rest_find_the_door_shut() {
    let world = World::new().await;
    world.account("ann").await;
    world.journal.take();
    let tries: Vec<_> = (0..32)
        .map(|_| {
            let world = world.clone();
            tokio::spawn(async move { code(world.sign_in(HOME, "ann", WRONG).await) })
        })
        .collect();
    for answer in tries {
        assert_eq!(answer.await.unwrap(), ErrorCode::InvalidCredentials);
    }
    let lines = world.journal.lines();
    let refused_for = |reason: &str| lines.iter().filter(|line| line.details["reason"] == reason).count();
    assert_eq!((refused_for("invalid_credentials"), refused_for("locked")), (5, 27));
    assert_eq!(lines.iter().filter(|line| line.action == "session.sign_in_locked").count(), 1);
    assert!(lines.iter().all(|line| line.action != "session.sign_in" || line.outcome == AuditOutcome::Failure));
}

/// CVE-2026-9798: a lock that is looked at when the sign-in begins only.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn cve_2026_9798_the_right_password_among_32_wrong_ones_does_not_get_in_after_the_fifth() {
    let world = World::new().await;
    let ann = world.account("ann").await;
    let (gated, gate) = world.gated();
    let right = tokio::spawn(async move { refusal(gated.sign_in(HOME, "ann", PASSWORD).await) });
    gate.arrival().await;
    let wrong: Vec<_> = (0..32)
        .map(|_| {
            let world = world.clone();
            tokio::spawn(async move { world.fail(1, HOME, "ann").await })
        })
        .collect();
    for done in wrong {
        done.await.unwrap();
    }
    gate.open();
    let told = right.await.unwrap();
    assert_eq!((told.code, told.retry_after), (ErrorCode::InvalidCredentials, Some(15 * MINUTE)));
    assert_eq!(world.live(ann.id).await, []);
}
