//! Proving again who one is, within the same session (RFC 9470).
use crate::world::{
    CAFE, HOME, OTHER_PASSWORD, PASSWORD, Person, WRONG, World, claims, code, operator, refusal, secret,
};
use doorward_domain::{AuditAction, AuditOutcome};
use doorward_ports::inbound::{AccountChange, TokenPair};
use doorward_ports::{ErrorCode, Result};
use std::time::Duration;

const LONG: Duration = Duration::from_mins(11);

async fn again(world: &World, person: &Person, password: &str) -> Result<TokenPair> {
    world.auth().reauthenticate(&person.caller, secret(password)).await
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
