use crate::world::{
    DAY, HOME, MICROSECOND, MINUTE, OTHER_PASSWORD, PASSWORD, World, code, from, operator, origin, permissions,
    refusal, secret,
};
use doorward_domain::{Client, Timestamp};
use doorward_ports::inbound::PasswordChange;
use doorward_ports::{Actor, ErrorCode};

#[tokio::test]
async fn an_access_token_says_who_calls_and_what_he_may() {
    let world = World::new().await;
    let ann = world.person_who_may("ann", &["users:read", "audit:read"]).await;
    let caller = world.identify(&ann.tokens).await.unwrap();
    assert_eq!(permissions(&caller), ["audit:read", "users:read"]);
    let Actor::User(signed_in) = &caller.actor else { panic!("{caller:?}") };
    assert_eq!((signed_in.user, signed_in.session), (ann.id(), ann.tokens.session));
    assert_eq!(signed_in.client, Client::doorward());
    assert_eq!(signed_in.authenticated_at, world.now().whole_seconds());
    assert_eq!(caller.user(), Some(ann.id()));
    assert_eq!(caller.origin.address, origin(HOME).address);
}

#[tokio::test]
async fn an_expired_access_token_is_refused_to_the_microsecond() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let expires = Timestamp::from_seconds(world.now().as_seconds() + 900);
    world.advance(expires.since(world.now()) - MICROSECOND);
    world.identify(&ann.tokens).await.unwrap();
    world.advance(MICROSECOND);
    assert_eq!(code(world.identify(&ann.tokens).await), ErrorCode::InvalidToken);
}

#[tokio::test]
async fn every_refusal_of_a_token_is_told_alike() {
    let world = World::new().await;
    let (ann, bob) = (world.person("ann").await, world.person("bob").await);
    world.auth().sign_out(&ann.caller, None).await.unwrap();
    let ended = refusal(world.identify(&ann.tokens).await);
    let garbage = refusal(world.identify_by("a.b.c").await);
    world.advance(15 * MINUTE);
    let expired = refusal(world.identify(&bob.tokens).await);
    assert_eq!(ended, garbage);
    assert_eq!(ended, expired);
}

#[tokio::test]
async fn a_sign_out_is_felt_at_once() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    world.auth().sign_out(&from(HOME), Some(ann.tokens.refresh_token.clone())).await.unwrap();
    assert_eq!(code(world.identify(&ann.tokens).await), ErrorCode::InvalidToken);
}

#[tokio::test]
async fn a_disabled_account_is_nobody_and_enabling_it_brings_no_session_back() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    world.set_active(ann.id(), false).await;
    assert_eq!(code(world.identify(&ann.tokens).await), ErrorCode::InvalidToken);
    world.set_active(ann.id(), true).await;
    assert_eq!(code(world.identify(&ann.tokens).await), ErrorCode::InvalidToken);
}

/// GHSA-2vg6-77g8-24mp: sessions that outlive their account.
#[tokio::test]
async fn ghsa_2vg6_77g8_24mp_a_deleted_account_is_nobody() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    world.accounts().delete(&operator(), ann.id()).await.unwrap();
    assert_eq!(code(world.identify(&ann.tokens).await), ErrorCode::InvalidToken);
}

#[tokio::test]
async fn a_changed_password_ends_every_other_session_and_a_set_one_all() {
    let world = World::new().await;
    let (ann, other) = (world.person("ann").await, world.session_of("ann").await);
    let change = PasswordChange { current: secret(PASSWORD), new: secret(OTHER_PASSWORD) };
    world.accounts().change_own_password(&ann.caller, change).await.unwrap();
    world.identify(&ann.tokens).await.unwrap();
    assert_eq!(code(world.identify(&other.tokens).await), ErrorCode::InvalidToken);
    world.accounts().set_password(&operator(), ann.id(), secret(PASSWORD)).await.unwrap();
    assert_eq!(code(world.identify(&ann.tokens).await), ErrorCode::InvalidToken);
}

#[tokio::test]
async fn an_access_token_outlives_its_refresh() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    world.refresh(&ann.tokens).await.unwrap();
    world.identify(&ann.tokens).await.unwrap();
}

#[tokio::test]
async fn a_session_that_nobody_refreshes_ends_with_its_refresh_token() {
    let world = World::by(|policies| policies.lifetimes.access_ttl = 30 * DAY).await;
    let ann = world.person("ann").await;
    world.advance(7 * DAY);
    assert_eq!(code(world.identify(&ann.tokens).await), ErrorCode::InvalidToken);
}
