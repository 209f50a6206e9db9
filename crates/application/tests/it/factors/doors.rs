//! Step-up with a second factor.
use super::{FactorProof, recovery, totp};
use crate::world::{PASSWORD, World, by_password, claims, code};
use doorward_ports::ErrorCode;
use doorward_testkit::authenticator::STEP;
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
