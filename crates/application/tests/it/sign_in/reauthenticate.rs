//! Proving again who one is, within the same session (RFC 9470).
use crate::world::{
    CAFE, HOME, OTHER_PASSWORD, PASSWORD, Person, WRONG, World, by_password, claims, code, operator, refusal,
};
use doorward_domain::{AuditAction, AuditOutcome, AuthenticationEvent, Authentications, LockoutPolicy};
use doorward_ports::inbound::{AccountChange, TokenPair};
use doorward_ports::{ErrorCode, Result};
use std::time::Duration;

const LONG: Duration = Duration::from_mins(11);

/// 32 at once, each by the same session.
async fn crowd(world: &World, person: &Person, password: &'static str) -> Vec<Result<TokenPair>> {
    let one = |_| {
        let (world, person) = (world.clone(), person.clone());
        tokio::spawn(async move { again(&world, &person, password).await })
    };
    let tries: Vec<_> = (0..32).map(one).collect();
    let mut answers = Vec::new();
    for answer in tries {
        answers.push(answer.await.unwrap());
    }
    answers
}

async fn again(world: &World, person: &Person, password: &str) -> Result<TokenPair> {
    world.auth().reauthenticate(&person.caller, by_password(password)).await
}

#[tokio::test]
async fn the_same_session_goes_on_with_a_new_auth_time() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    world.advance(LONG);
    assert_eq!(
        code(world.accounts().delete_own(&world.identify(&ann.tokens).await.unwrap()).await),
        ErrorCode::ReauthenticationRequired
    );
    let tokens = again(&world, &ann, PASSWORD).await.unwrap();
    assert_eq!((tokens.session, tokens.user), (ann.tokens.session, ann.id()));
    assert_eq!(claims(&tokens.access_token)["auth_time"], world.now().as_seconds());
    assert_eq!(claims(&tokens.access_token)["amr"], serde_json::json!(["pwd"]));
    assert_eq!(world.live(ann.id()).await.len(), 1, "no second session");
    let fresh = world.identify(&tokens).await.unwrap();
    world.accounts().delete_own(&fresh).await.unwrap();
}

#[tokio::test]
async fn an_older_access_token_of_the_session_stays_as_stale_as_it_was() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    world.advance(LONG);
    again(&world, &ann, PASSWORD).await.unwrap();
    let old = world.identify(&ann.tokens).await.unwrap();
    assert_eq!(code(world.accounts().delete_own(&old).await), ErrorCode::ReauthenticationRequired);
}

#[tokio::test]
async fn the_new_auth_time_is_kept_through_refreshes_by_either_refresh_token() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    world.advance(LONG);
    again(&world, &ann, PASSWORD).await.unwrap();
    let renewed_at = world.now().as_seconds();
    world.advance(Duration::from_secs(60));
    let refreshed = world.refresh(&ann.tokens).await.unwrap();
    assert_eq!(claims(&refreshed.access_token)["auth_time"], renewed_at);
}

/// Stepping up must not keep a session alive for ever.
#[tokio::test]
async fn it_lengthens_no_session() {
    let world = World::by(|policies| policies.lifetimes.absolute_ttl = Duration::from_secs(3600)).await;
    let ann = world.person("ann").await;
    let begun = world.now();
    world.advance(Duration::from_secs(1800));
    let stepped_up = again(&world, &ann, PASSWORD).await.unwrap();
    let refreshed = world.refresh(&stepped_up).await.unwrap();
    let expires = begun.whole_seconds().plus(Duration::from_secs(3600)).as_seconds();
    assert_eq!(claims(&refreshed.refresh_token)["exp"], expires);
}

#[tokio::test]
async fn a_wrong_password_changes_nothing_and_shows_in_the_audit_log() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    world.advance(LONG);
    for wrong in [WRONG, "", OTHER_PASSWORD] {
        assert_eq!(code(again(&world, &ann, wrong).await), ErrorCode::WrongPassword);
    }
    let lines = world.journal.take();
    let tries: Vec<_> = lines.iter().filter(|line| line.action == AuditAction::SessionReauthenticated).collect();
    assert_eq!(tries.len(), 3);
    assert!(tries.iter().all(|line| line.outcome == AuditOutcome::Failure && line.account == Some(ann.id())));
    let refreshed = world.refresh(&ann.tokens).await.unwrap();
    assert_eq!(claims(&refreshed.access_token)["auth_time"], claims(&ann.tokens.access_token)["auth_time"]);
}

/// One count behind every door: else a stolen session would be a second place to guess at (OWASP ASVS 6.3.1).
#[tokio::test]
async fn asvs_6_3_1_wrong_passwords_lock_as_at_the_sign_in_and_are_counted_with_them() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    for _ in 0..2 {
        assert_eq!(code(world.sign_in(HOME, "ann", WRONG).await), ErrorCode::InvalidCredentials);
    }
    for _ in 0..3 {
        assert_eq!(code(again(&world, &ann, WRONG).await), ErrorCode::WrongPassword);
    }
    let told = refusal(again(&world, &ann, PASSWORD).await);
    assert_eq!(told.code, ErrorCode::WrongPassword);
    assert!(told.retry_after.is_some(), "the right one is refused too, with when to come back");
    assert!(refusal(world.sign_in(HOME, "ann", PASSWORD).await).retry_after.is_some());
    world.sign_in(CAFE, "ann", PASSWORD).await.expect("elsewhere the owner comes in");
}

#[tokio::test]
async fn an_ended_session_or_a_disabled_account_is_not_renewed() {
    let world = World::new().await;
    let (ann, bob) = (world.person("ann").await, world.person("bob").await);
    world.auth().sign_out(&ann.caller, None).await.unwrap();
    assert_eq!(code(again(&world, &ann, PASSWORD).await), ErrorCode::InvalidToken);
    let disable = AccountChange { is_active: Some(false), ..AccountChange::default() };
    world.accounts().change(&operator(), bob.id(), disable, None).await.unwrap();
    assert_eq!(code(again(&world, &bob, PASSWORD).await), ErrorCode::InvalidToken);
    assert!(world.live(bob.id()).await.is_empty());
}

async fn renewed_32_times_at_once(world: &World) {
    let ann = world.person("ann").await;
    let before = world.live(ann.id()).await.remove(0);
    world.advance(LONG);
    world.journal.take();
    let answers = crowd(world, &ann, PASSWORD).await;
    let pairs: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    for pair in &pairs {
        let (access, refresh) = (claims(&pair.access_token), claims(&pair.refresh_token));
        assert_eq!((pair.session, pair.user), (ann.tokens.session, ann.id()));
        assert_eq!((&access["auth_time"], &access["amr"]), (&world.now().as_seconds().into(), &["pwd"].into()));
        assert_eq!(refresh["jti"], claims(&ann.tokens.refresh_token)["jti"], "the present generation");
    }
    let [session] = &world.live(ann.id()).await[..] else { panic!("there is one session") };
    assert_eq!(session.family, before.family, "no refresh token was spent");
    let authentications = Authentications::begin(AuthenticationEvent::by_password(world.now()));
    assert_eq!(session.authentications, authentications);
    let lines = world.journal.take();
    assert_eq!(lines.len(), 32);
    let told = |line| (AuditAction::SessionReauthenticated, AuditOutcome::Success) == line;
    assert!(lines.iter().all(|line| told((line.action, line.outcome))), "{lines:?}");
    let next = world.refresh(&pairs[0]).await.unwrap();
    let same = world.refresh(&pairs[31]).await.unwrap();
    let generation = |pair: &TokenPair| claims(&pair.refresh_token)["jti"].clone();
    assert_eq!(generation(&next), generation(&same), "they all showed one and the same token");
    assert_eq!(world.live(ann.id()).await[0].family.current.number, before.family.current.number + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_at_once_each_renews_the_one_session_and_none_spends_its_refresh_token() {
    renewed_32_times_at_once(&World::new().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn on_postgres_of_32_at_once_each_renews_the_one_session_too() {
    renewed_32_times_at_once(&World::on_postgres(|_| {}).await).await;
}

/// As many as lock lock, and one fewer do not: none is lost.
async fn every_one_of_32_is_counted(world: &World, limit: u32) {
    let ann = world.person("ann").await;
    world.journal.take();
    for answer in crowd(world, &ann, WRONG).await {
        let told = refusal(answer);
        assert_eq!((told.code, told.retry_after), (ErrorCode::WrongPassword, None));
    }
    let lines = world.journal.lines();
    assert_eq!(lines.iter().filter(|line| line.details["reason"] == "wrong_password").count(), 32);
    let locks =
        || world.journal.lines().iter().chain(&lines).filter(|line| line.action == "session.sign_in_locked").count();
    if limit == 33 {
        assert_eq!(locks(), 0);
        assert_eq!(refusal(again(world, &ann, WRONG).await).retry_after, None);
    }
    assert_eq!(locks(), 1);
    assert!(refusal(again(world, &ann, PASSWORD).await).retry_after.is_some());
    let kept = world.live(ann.id()).await.remove(0);
    assert_eq!(kept.authentications.time(), kept.created_at, "nothing was renewed");
}

fn locks_after(limit: u32) -> Option<LockoutPolicy> {
    Some(LockoutPolicy { limit, ..LockoutPolicy::default() })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_wrong_passwords_at_once_the_lockout_counts_every_one() {
    for limit in [32, 33] {
        every_one_of_32_is_counted(&World::by(|policies| policies.lockout = locks_after(limit)).await, limit).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn on_postgres_of_32_wrong_passwords_at_once_the_lockout_counts_every_one_too() {
    for limit in [32, 33] {
        let world = World::on_postgres(|policies| policies.lockout = locks_after(limit)).await;
        every_one_of_32_is_counted(&world, limit).await;
    }
}
