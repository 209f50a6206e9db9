//! Accounts that must have a second factor.
use super::{factors, totp};
use crate::world::{Person, World, claims, code, operator, secret};
use doorward_domain::FactorRequirement;
use doorward_ports::ErrorCode;
use doorward_ports::access::Operation;
use doorward_ports::inbound::{ClientTokens, Identification, TokenPair};
use doorward_testkit::authenticator::{Authenticator, STEP};

/// A world in which administrators must have one.
async fn world() -> World {
    World::by(|policies| policies.mfa.required = FactorRequirement::ForRoles(["admin".parse().unwrap()].into())).await
}

async fn enrol(world: &World, person: &Person) -> Authenticator {
    let enrolled = factors(world).enrol_totp(&person.caller, None).await.unwrap();
    let authenticator = Authenticator::with(enrolled.secret.expose());
    let first = secret(&authenticator.code(world.now()));
    factors(world).confirm_totp(&person.caller, enrolled.factor.id, first).await.unwrap();
    authenticator
}

async fn may(world: &World, tokens: &TokenPair, operation: Operation) -> Result<(), ErrorCode> {
    let token = Identification::token(tokens.access_token.expose());
    world.admit(crate::world::HOME, token, operation).await.map(drop).map_err(|refused| refused.code)
}

#[tokio::test]
async fn who_must_enrol_can_do_nothing_else_and_is_whole_after_that() {
    let world = world().await;
    let (eve, ann) = (admin(&world).await, world.person("ann").await);
    assert_eq!(may(&world, &ann.tokens, Operation::ReadOwnAccount).await, Ok(()), "others need none");
    for operation in
        [Operation::ReadOwnAccount, Operation::ListUsers, Operation::CheckAccess, Operation::DeleteOwnAccount]
    {
        assert_eq!(may(&world, &eve.tokens, operation).await, Err(ErrorCode::MfaEnrolmentRequired), "{operation:?}");
    }
    for operation in [Operation::ListOwnFactors, Operation::EnrolTotp, Operation::ConfirmTotp, Operation::SignOut] {
        assert_eq!(may(&world, &eve.tokens, operation).await, Ok(()), "{operation:?}");
    }
    enrol(&world, &eve).await;
    assert_eq!(may(&world, &eve.tokens, Operation::ListUsers).await, Ok(()), "with the same access token");
    let next = world.refresh(&eve.tokens).await.unwrap();
    assert_eq!(claims(&next.access_token)["roles"], serde_json::json!(["admin", "user"]));
}

/// Applications that verify tokens themselves, or ask about them, let nobody in who must enrol first.
#[tokio::test]
async fn the_tokens_of_who_must_enrol_say_nothing_of_their_rights() {
    let world = world().await;
    let eve = admin(&world).await;
    for tokens in [&eve.tokens, &world.refresh(&eve.tokens).await.unwrap()] {
        let claims = claims(&tokens.access_token);
        assert_eq!((&claims["roles"], &claims["permissions"]), (&serde_json::json!([]), &serde_json::json!([])));
    }
    let tokens: &dyn ClientTokens = &*world.services;
    let token = world.refresh(&eve.tokens).await.unwrap().access_token;
    assert_eq!(tokens.introspect(&operator(), token.clone()).await.unwrap(), None);
    enrol(&world, &eve).await;
    assert!(tokens.introspect(&operator(), token).await.unwrap().is_some());
}

/// A role that is granted later concerns sessions that are there already.
#[tokio::test]
async fn a_granted_role_restricts_a_session_until_it_shows_a_factor() {
    let world = world().await;
    let owner = world.owner("ann").await;
    let bob = world.person("bob").await;
    for person in [&owner.person, &bob] {
        world.accounts().grant_role(&operator(), person.id(), "admin").await.unwrap();
    }
    assert_eq!(may(&world, &bob.tokens, Operation::ListUsers).await, Err(ErrorCode::MfaEnrolmentRequired));
    assert_eq!(may(&world, &owner.person.tokens, Operation::ListUsers).await, Ok(()), "the enrolment was a proof");
}

#[tokio::test]
async fn the_last_factor_stays_where_one_is_required() {
    let world = world().await;
    let eve = admin(&world).await;
    let authenticator = enrol(&world, &eve).await;
    let first = factors(&world).own(&eve.caller).await.unwrap().factors.remove(0).id;
    assert_eq!(code(factors(&world).delete_own(&eve.caller, first).await), ErrorCode::LastFactor);
    world.advance(STEP);
    world.step_up(&eve, totp(&authenticator.code(world.now()))).await.unwrap();
    enrol(&world, &eve).await;
    factors(&world).delete_own(&eve.caller, first).await.unwrap();
}

/// `World::admin` asks who they are by an operation that they may not do yet.
async fn admin(world: &World) -> Person {
    let (name, relaxed) = ("eve", world.changed(|_, policies| policies.mfa.required = FactorRequirement::Optional));
    let person = relaxed.admin(name).await;
    let tokens = world.sign_in(crate::world::HOME, name, crate::world::PASSWORD).await.unwrap();
    let caller = relaxed.identify(&tokens).await.unwrap();
    Person { tokens, caller, ..person }
}
