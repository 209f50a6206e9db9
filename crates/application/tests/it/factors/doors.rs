//! Step-up with a second factor.
use super::{FactorProof, recovery, totp};
use crate::world::{HOME, PASSWORD, World, by_password, claims, code};
use doorward_application::RateLimits;
use doorward_domain::Quota;
use doorward_ports::ErrorCode;
use doorward_ports::access::Operation;
use doorward_ports::inbound::Identification;
use doorward_testkit::authenticator::STEP;
use std::num::NonZeroU32;
use std::time::Duration;

const LONG: Duration = Duration::from_mins(11);

/// RFC 9470: the same session, with a new `auth_time`.
#[tokio::test]
async fn a_code_renews_the_sign_in_of_a_session() {
    let world = World::new().await;
    let owner = world.owner("ann").await;
    world.advance(LONG);
    let tokens = world.step_up(&owner.person, totp(&owner.code(&world))).await.unwrap();
    let claims = claims(&tokens.access_token);
    assert_eq!((tokens.session, &claims["acr"]), (owner.person.tokens.session, &"aal2".into()));
    assert_eq!(claims["auth_time"], world.now().as_seconds());
}

#[tokio::test]
async fn asvs_6_5_1_a_code_opens_one_door_once() {
    let world = World::new().await;
    let owner = world.owner("ann").await;
    let (first, used) = (world.first_step("ann").await, owner.code(&world));
    world.step_up(&owner.person, totp(&used)).await.unwrap();
    assert_eq!(code(world.second_step(&first, &used).await), ErrorCode::InvalidCode);
    world.step_up(&owner.person, recovery(&owner.recovery_codes[0])).await.unwrap();
    assert_eq!(code(world.verify(&first, recovery(&owner.recovery_codes[0])).await), ErrorCode::InvalidCode);
}

/// better-auth GHSA-4vcf-q4xf-f48m: a factor is its owner's alone.
#[tokio::test]
async fn ghsa_4vcf_q4xf_f48m_the_factor_of_another_account_opens_nothing() {
    let world = World::new().await;
    let (ann, bob) = (world.owner("ann").await, world.owner("bob").await);
    for proof in [totp(&bob.code(&world)), FactorProof { factor: Some(bob.id), ..totp(&bob.code(&world)) }] {
        assert_eq!(code(world.step_up(&ann.person, proof).await), ErrorCode::InvalidCode);
    }
    world.step_up(&bob.person, totp(&bob.code(&world))).await.unwrap();
}

#[tokio::test]
async fn a_password_renews_the_sign_in_and_proves_no_factor() {
    let world = World::new().await;
    let owner = world.owner("ann").await;
    world.advance(LONG + STEP);
    let tokens = world.auth().reauthenticate(&owner.person.caller, by_password(PASSWORD)).await.unwrap();
    let caller = world.identify(&tokens).await.unwrap();
    let refused = super::factors(&world).delete_own(&caller, owner.id).await;
    assert_eq!(code(refused), ErrorCode::ReauthenticationRequired);
}

/// One limiter for all doors: the class `login`, by IP address. A right code costs nothing, nor does the right password
/// before it, so that an office can sign in.
#[tokio::test]
async fn ghsa_xrw9_r35x_x878_codes_count_for_the_address_and_right_ones_do_not() {
    let once = Quota { limit: NonZeroU32::new(2).unwrap(), per: Duration::from_hours(1) };
    let limits = RateLimits { login: once, auth: once, api: once, admin: once, public: once };
    let world = World::by(|policies| policies.limits = Some(limits)).await;
    let owner = world.owner("ann").await;
    let admit = async |operation| world.admit(HOME, Identification::token("none"), operation).await.map(drop);
    for _ in 0..3 {
        admit(Operation::SignIn).await.unwrap();
        let first = world.first_step("ann").await;
        admit(Operation::VerifySecondFactor).await.unwrap();
        world.second_step(&first, &owner.code(&world)).await.unwrap();
        world.advance(STEP);
    }
    let first = world.first_step("ann").await;
    for _ in 0..2 {
        admit(Operation::VerifySecondFactor).await.unwrap();
        world.second_step(&first, &owner.wrong_code(&world)).await.unwrap_err();
    }
    for operation in [Operation::VerifySecondFactor, Operation::SignIn] {
        assert_eq!(code(admit(operation).await), ErrorCode::RateLimited, "{operation:?}");
    }
}
