//! Accounts whose owners must choose another password before anything else.
use crate::mails::NEW;
use crate::world::{HOME, OTHER_PASSWORD, PASSWORD, Person, World, account, claims, faults, fields, operator, secret};
use doorward_domain::FactorRequirement;
use doorward_ports::ErrorCode;
use doorward_ports::access::Operation;
use doorward_ports::inbound::{AccountChange, ClientTokens, Identification, NewAccount, PasswordChange, TokenPair};
use serde_json::json;

fn demand() -> AccountChange {
    AccountChange { must_change_password: Some(true), ..AccountChange::default() }
}

/// An administrator whose password somebody else has chosen, signed in.
async fn temporary(world: &World, name: &str) -> Person {
    world.add(NewAccount { must_change_password: true, roles: vec!["admin".to_owned()], ..account(name) }).await;
    let tokens = world.sign_in(HOME, name, PASSWORD).await.unwrap();
    let token = Identification::token(tokens.access_token.expose());
    let caller = world.admit(HOME, token, Operation::ChangeOwnPassword).await.unwrap().caller;
    Person { user: world.user(tokens.user).await, tokens, caller }
}

async fn may(world: &World, tokens: &TokenPair, operation: Operation) -> Result<(), ErrorCode> {
    let token = Identification::token(tokens.access_token.expose());
    world.admit(HOME, token, operation).await.map(drop).map_err(|refused| refused.code)
}

fn to(new: &str) -> PasswordChange {
    PasswordChange { current: secret(PASSWORD), new: secret(new) }
}

/// OWASP ASVS 6.4.1: an initial password is not the long-term one.
#[tokio::test]
async fn asvs_6_4_1_who_must_change_the_password_can_do_nothing_else_and_is_whole_after_that() {
    let world = World::new().await;
    let eve = temporary(&world, "eve").await;
    for operation in [Operation::ReadOwnAccount, Operation::ListUsers, Operation::CheckAccess, Operation::EnrolTotp] {
        let refused = Err(ErrorCode::PasswordChangeRequired);
        assert_eq!(may(&world, &eve.tokens, operation).await, refused, "{operation:?}");
    }
    let next = world.refresh(&eve.tokens).await.unwrap();
    for tokens in [&eve.tokens, &next] {
        let claims = claims(&tokens.access_token);
        assert_eq!((&claims["roles"], &claims["permissions"]), (&json!([]), &json!([])));
    }
    world.accounts().change_own_password(&eve.caller, to(OTHER_PASSWORD)).await.unwrap();
    assert_eq!(may(&world, &next, Operation::ListUsers).await, Ok(()), "with the same access token");
    let next = world.refresh(&next).await.unwrap();
    assert_eq!(claims(&next.access_token)["roles"], json!(["admin", "user"]));
    assert!(!world.user(eve.id()).await.must_change_password);
}

/// Applications that ask about tokens let nobody in either.
#[tokio::test]
async fn the_tokens_of_who_must_change_the_password_are_not_active() {
    let world = World::new().await;
    let eve = temporary(&world, "eve").await;
    let tokens: &dyn ClientTokens = &*world.services;
    for token in [&eve.tokens.access_token, &eve.tokens.refresh_token] {
        assert_eq!(tokens.introspect(&operator(), token.clone()).await.unwrap(), None);
    }
    world.accounts().change_own_password(&eve.caller, to(OTHER_PASSWORD)).await.unwrap();
    assert!(tokens.introspect(&operator(), eve.tokens.access_token.clone()).await.unwrap().is_some());
}

/// Neither in the session nor by mail: somebody else knows it.
#[tokio::test]
async fn the_same_password_again_is_refused_by_each_door() {
    let world = World::new().await;
    let eve = temporary(&world, "eve").await;
    let refused = faults(world.accounts().change_own_password(&eve.caller, to(PASSWORD)).await);
    assert_eq!(refused, fields(&[("/new_password", "unchanged_password")]));
    let token = world.reset_token("eve").await;
    let refused = faults(world.reset(token.clone(), PASSWORD).await);
    assert_eq!(refused, fields(&[("/password", "unchanged_password")]));
    assert_eq!(may(&world, &eve.tokens, Operation::ReadOwnAccount).await, Err(ErrorCode::PasswordChangeRequired));
    world.reset(token, NEW).await.unwrap();
    let whole = world.sign_in(HOME, "eve", NEW).await.unwrap();
    assert_eq!(may(&world, &whole, Operation::ReadOwnAccount).await, Ok(()));
}

/// Sessions that are there already are restricted too, and whole again when an administrator takes it back.
#[tokio::test]
async fn a_demand_concerns_sessions_that_are_there() {
    let world = World::new().await;
    let (ann, bob) = (world.person("ann").await, world.person("bob").await);
    let changed = world.accounts().change(&operator(), ann.id(), demand(), None).await.unwrap();
    assert!(changed.must_change_password);
    assert_eq!(may(&world, &ann.tokens, Operation::ReadOwnAccount).await, Err(ErrorCode::PasswordChangeRequired));
    assert_eq!(may(&world, &bob.tokens, Operation::ReadOwnAccount).await, Ok(()));
    let taken_back = AccountChange { must_change_password: Some(false), ..AccountChange::default() };
    world.accounts().change(&operator(), ann.id(), taken_back, None).await.unwrap();
    assert_eq!(may(&world, &ann.tokens, Operation::ReadOwnAccount).await, Ok(()));
}

#[tokio::test]
async fn a_temporary_password_is_to_be_changed_and_a_lasting_one_is_not() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    world.accounts().set_temporary_password(&operator(), ann.id(), secret(OTHER_PASSWORD)).await.unwrap();
    let pair = world.sign_in(HOME, "ann", OTHER_PASSWORD).await.unwrap();
    assert_eq!(may(&world, &pair, Operation::ReadOwnAccount).await, Err(ErrorCode::PasswordChangeRequired));
    world.accounts().set_password(&operator(), ann.id(), secret(PASSWORD)).await.unwrap();
    let pair = world.sign_in(HOME, "ann", PASSWORD).await.unwrap();
    assert_eq!(may(&world, &pair, Operation::ReadOwnAccount).await, Ok(()));
}

/// Whoever must also enrol a second factor changes the password first.
#[tokio::test]
async fn the_password_comes_before_the_second_factor() {
    let world = World::by(|policies| policies.mfa.required = FactorRequirement::ForAll).await;
    let eve = temporary(&world, "eve").await;
    assert_eq!(may(&world, &eve.tokens, Operation::EnrolTotp).await, Err(ErrorCode::PasswordChangeRequired));
    world.accounts().change_own_password(&eve.caller, to(OTHER_PASSWORD)).await.unwrap();
    assert_eq!(may(&world, &eve.tokens, Operation::ReadOwnAccount).await, Err(ErrorCode::MfaEnrolmentRequired));
    assert_eq!(may(&world, &eve.tokens, Operation::EnrolTotp).await, Ok(()));
}

#[tokio::test]
async fn an_account_without_a_password_has_none_to_change() {
    let world = World::new().await;
    let expected = fields(&[("/must_change_password", "no_password")]);
    let new = NewAccount { password: None, must_change_password: true, ..account("ann") };
    assert_eq!(faults(world.accounts().create(&operator(), new).await), expected);
    let ann = world.add(NewAccount { password: None, ..account("ann") }).await;
    assert_eq!(faults(world.accounts().change(&operator(), ann.id, demand(), None).await), expected);
}
