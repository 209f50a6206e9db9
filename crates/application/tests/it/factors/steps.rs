//! A sign-in in two steps.
use super::{factors, recovery, totp};
use crate::providers::At;
use crate::world::{
    CAFE, HOME, MINUTE, OTHER_PASSWORD, PASSWORD, SECOND, World, claims, code, from, operator, refusal, secret, typed,
};
use doorward_domain::{FACTOR_LOCKOUT, MailKind, PENDING_LIFETIME};
use doorward_ports::inbound::{FactorProof, MfaVerification};
use doorward_ports::{ErrorCode, Result};
use doorward_testkit::authenticator::STEP;
use doorward_testkit::scripted_provider::a_proven_identity;
use std::fmt::Debug;

/// Of a crowd, one succeeds and all others are refused with one of these codes.
fn one_alone<T: Debug>(answers: Vec<Result<T>>, codes: &[ErrorCode]) {
    let refused: Vec<_> = answers.into_iter().filter_map(Result::err).map(|refusal| refusal.code).collect();
    assert_eq!(refused.len(), 31, "{refused:?}");
    assert!(refused.iter().all(|refused| codes.contains(refused)), "{refused:?}");
}

#[tokio::test]
async fn a_password_and_a_code_make_a_session_of_two_factors() {
    let world = World::new().await;
    let owner = world.owner("ann").await;
    let first = world.first_step("ann").await;
    assert_eq!(first.expires_in, PENDING_LIFETIME);
    assert_eq!(first.factors.iter().map(|factor| factor.id).collect::<Vec<_>>(), [owner.id]);
    let tokens = world.second_step(&first, &owner.code(&world)).await.unwrap();
    let claims = claims(&tokens.access_token);
    assert_eq!((&claims["acr"], &claims["amr"]), (&"aal2".into(), &serde_json::json!(["pwd", "otp", "mfa"])));
    let next = world.refresh(&tokens).await.unwrap();
    assert_eq!(crate::world::claims(&next.access_token)["acr"], "aal2");
}

/// Zitadel GHSA-cfjq-28r2-4jv5, Kratos GHSA-wc43-73w7-x2f5: nothing comes of the first step alone.
#[tokio::test]
async fn ghsa_cfjq_28r2_4jv5_one_factor_makes_no_session() {
    let world = World::new().await;
    let owner = world.owner("ann").await;
    let first = world.first_step("ann").await;
    assert_eq!(world.live(owner.person.id()).await.len(), 1, "that of the enrolment");
    let token = first.mfa_token.expose();
    assert_eq!(code(world.identify_by(token).await), ErrorCode::InvalidToken);
    assert_eq!(code(world.auth().refresh(&from(HOME), secret(token)).await), ErrorCode::InvalidToken);
}

/// OWASP ASVS 6.5.1: a code is used once, and so is each code before it.
#[tokio::test]
async fn asvs_6_5_1_a_code_is_used_once_and_none_before_it() {
    let world = World::new().await;
    let owner = world.owner("ann").await;
    let (previous, present) = (owner.authenticator.code(world.now()), owner.authenticator.code(world.now().plus(STEP)));
    world.advance(STEP);
    let used = world.first_step("ann").await;
    world.second_step(&used, &previous).await.unwrap();
    let first = world.first_step("ann").await;
    assert_eq!(code(world.second_step(&first, &previous).await), ErrorCode::InvalidCode, "the previous step twice");
    world.second_step(&first, &present).await.unwrap();
    let first = world.first_step("ann").await;
    for used in [&present, &previous] {
        assert_eq!(code(world.second_step(&first, used).await), ErrorCode::InvalidCode, "again");
    }
}

/// A code that confirmed an enrolment was seen on a screen, and signs nobody in.
#[tokio::test]
async fn asvs_6_5_1_the_code_of_an_enrolment_does_not_sign_in() {
    let world = World::new().await;
    let owner = world.owner("ann").await;
    let first = world.first_step("ann").await;
    let of_enrolment = owner.authenticator.code(world.now().minus(STEP));
    assert_eq!(code(world.second_step(&first, &of_enrolment).await), ErrorCode::InvalidCode);
}

/// OWASP ASVS 6.6.3 and 6.3.1: whoever has the password gets five tries a sign-in.
#[tokio::test]
async fn asvs_6_6_3_a_sign_in_is_dead_after_five_wrong_codes() {
    let world = World::new().await;
    let owner = world.owner("ann").await;
    let (first, wrong) = (world.first_step("ann").await, owner.wrong_code(&world));
    for _ in 0..5 {
        assert_eq!(code(world.second_step(&first, &wrong).await), ErrorCode::InvalidCode);
    }
    let right = owner.code(&world);
    assert_eq!(code(world.second_step(&first, &right).await), ErrorCode::MfaTokenInvalid);
    let other = world.first_step("ann").await;
    world.second_step(&other, &right).await.unwrap();
}

/// Zitadel GHSA-xrw9-r35x-x878: brute force through several doors. Ten wrong codes lock the factor, also if the password is
/// right in between, and a lock is not told from a wrong code.
#[tokio::test]
async fn ghsa_xrw9_r35x_x878_wrong_codes_are_counted_over_all_sign_ins_and_doors() {
    let world = World::new().await;
    let owner = world.owner("ann").await;
    let wrong = owner.wrong_code(&world);
    for _ in 0..2 {
        let first = world.first_step("ann").await;
        for _ in 0..4 {
            assert_eq!(refusal(world.second_step(&first, &wrong).await).retry_after, None);
        }
    }
    for _ in 0..2 {
        assert_eq!(code(world.step_up(&owner.person, totp(&wrong)).await), ErrorCode::InvalidCode);
    }
    let first = world.first_step("ann").await;
    let locked = refusal(world.second_step(&first, &owner.code(&world)).await);
    assert_eq!((locked.code, locked.retry_after), (ErrorCode::InvalidCode, Some(FACTOR_LOCKOUT.first_lock)));
    let stepping_up = refusal(world.step_up(&owner.person, totp(&owner.code(&world))).await);
    assert_eq!(stepping_up, locked, "the same at every door");
    let lines = world.stored(owner.person.id()).await;
    assert_eq!(lines.iter().filter(|line| line.action.as_str() == "factor.locked").count(), 1);
    let told = world.sent().await.into_iter().filter(|(kind, _)| *kind == MailKind::FactorLocked);
    assert_eq!(told.collect::<Vec<_>>(), [(MailKind::FactorLocked, "ann@example.com".to_owned())]);

    // A recovery code gets the owner in, and the lock ends by itself.
    let first = world.first_step("ann").await;
    world.verify(&first, recovery(&owner.recovery_codes[0])).await.unwrap();
    world.advance(FACTOR_LOCKOUT.first_lock);
    world.sign_in_with(&owner).await.unwrap();
}

/// Each further lock is longer, until a right code ends the row.
#[tokio::test]
async fn a_second_lock_lasts_longer() {
    let world = World::new().await;
    let owner = world.owner("ann").await;
    for lock in [FACTOR_LOCKOUT.first_lock, 2 * FACTOR_LOCKOUT.first_lock] {
        for _ in 0..2 {
            let (first, wrong) = (world.first_step("ann").await, owner.wrong_code(&world));
            for _ in 0..5 {
                world.second_step(&first, &wrong).await.unwrap_err();
            }
        }
        let first = world.first_step("ann").await;
        assert_eq!(refusal(world.second_step(&first, &owner.code(&world)).await).retry_after, Some(lock));
        world.advance(lock);
    }
    world.sign_in_with(&owner).await.unwrap();
}

/// A wrong, a used and somebody else's code, a code of no form, and somebody else's factor: the answers are the same.
#[tokio::test]
async fn asvs_6_3_8_all_codes_that_prove_nothing_get_one_answer() {
    let world = World::new().await;
    let (ann, bob) = (world.owner("ann").await, world.owner("bob").await);
    let used = ann.code(&world);
    world.sign_in_with(&ann).await.unwrap();
    let first = world.first_step("ann").await;
    let (his, no_code) = (bob.code(&world), "no code");
    let at_his = FactorProof { factor: Some(bob.id), ..totp(&his) };
    let proofs = [totp(&ann.wrong_code(&world)), totp(&used), totp(&his), totp(no_code)];
    let mut answers = Vec::new();
    for proof in proofs {
        answers.push(refusal(world.verify(&first, proof).await));
    }
    let first = world.first_step("ann").await;
    for proof in [at_his, recovery(&bob.recovery_codes[0]), recovery(no_code)] {
        answers.push(refusal(world.verify(&first, proof).await));
    }
    assert_eq!(answers[0].code, ErrorCode::InvalidCode);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    // Neither his code nor his recovery code was used up by that.
    let first = world.first_step("bob").await;
    world.second_step(&first, &his).await.unwrap();
    let first = world.first_step("bob").await;
    world.verify(&first, recovery(&bob.recovery_codes[0])).await.unwrap();
}

/// better-auth GHSA-hc7v-rggr-4hvx: what is used once is good for nothing after that.
#[tokio::test]
async fn ghsa_hc7v_rggr_4hvx_a_stolen_token_is_dead_after_its_sign_in() {
    let world = World::new().await;
    let owner = world.owner("ann").await;
    let first = world.first_step("ann").await;
    world.second_step(&first, &owner.code(&world)).await.unwrap();
    world.advance(STEP);
    let dead = refusal(world.second_step(&first, &owner.code(&world)).await);
    assert_eq!(dead.code, ErrorCode::MfaTokenInvalid);
    let unknown = MfaVerification { mfa_token: secret("garbage"), proof: totp(&owner.code(&world)) };
    assert_eq!(refusal(factors(&world).verify(&from(HOME), unknown).await), dead, "as one that never was");
}

#[tokio::test]
async fn asvs_6_6_3_a_sign_in_waits_five_minutes_and_no_longer() {
    let world = World::new().await;
    let owner = world.owner("ann").await;
    let (first, second) = (world.first_step("ann").await, world.first_step("ann").await);
    world.advance(PENDING_LIFETIME - SECOND);
    world.second_step(&first, &owner.code(&world)).await.unwrap();
    world.advance(SECOND + STEP);
    assert_eq!(code(world.second_step(&second, &owner.code(&world)).await), ErrorCode::MfaTokenInvalid);
}

/// Keycloak CVE-2026-9798 and CVE-2026-16103: the state of the account is checked at the second step too.
#[tokio::test]
async fn cve_2026_16103_what_ends_the_sessions_of_an_account_ends_its_sign_ins_in_between() {
    let world = World::new().await;
    let owner = world.owner("ann").await;
    let id = owner.person.id();
    let first = world.first_step("ann").await;
    world.accounts().set_password(&operator(), id, secret(OTHER_PASSWORD)).await.unwrap();
    assert_eq!(code(world.second_step(&first, &owner.code(&world)).await), ErrorCode::MfaTokenInvalid);
    world.accounts().set_password(&operator(), id, secret(PASSWORD)).await.unwrap();

    let first = world.first_step("ann").await;
    world.sessions().end_of_user(&operator(), id).await.unwrap();
    assert_eq!(code(world.second_step(&first, &owner.code(&world)).await), ErrorCode::MfaTokenInvalid);

    let first = world.first_step("ann").await;
    world.set_active(id, false).await;
    assert_eq!(code(world.second_step(&first, &owner.code(&world)).await), ErrorCode::MfaTokenInvalid);
}

#[tokio::test]
async fn cve_2026_9798_an_account_that_is_locked_for_a_network_takes_no_code_from_it() {
    let world = World::new().await;
    let owner = world.owner("ann").await;
    let stranger = |first: &doorward_ports::inbound::MfaRequired| MfaVerification {
        mfa_token: first.mfa_token.clone(),
        proof: totp(&owner.code(&world)),
    };
    let first = *world.auth().sign_in(&from(CAFE), typed("ann", PASSWORD)).await.unwrap_err().mfa.unwrap();
    world.fail(5, CAFE, "ann").await;
    let locked = refusal(factors(&world).verify(&from(CAFE), stranger(&first)).await);
    assert_eq!(locked.code, ErrorCode::InvalidCode);
    assert!(locked.retry_after.is_some());
    // At home, nothing is locked.
    world.sign_in_with(&owner).await.unwrap();
}

/// OWASP ASVS 6.5.1, better-auth GHSA-7w99-5wm4-3g79: 32 at once, with one code and sign-ins of their own.
async fn of_a_crowd_one_code_signs_in(world: World) {
    let owner = world.owner("ann").await;
    let mut waiting = Vec::new();
    for _ in 0..32 {
        waiting.push(world.first_step("ann").await);
    }
    let right = owner.code(&world);
    let crowd: Vec<_> = waiting
        .into_iter()
        .map(|first| {
            let (world, right) = (world.clone(), right.clone());
            tokio::spawn(async move { world.second_step(&first, &right).await })
        })
        .collect();
    let mut answers = Vec::new();
    for one in crowd {
        answers.push(one.await.unwrap());
    }
    one_alone(answers, &[ErrorCode::InvalidCode]);
    assert_eq!(world.live(owner.person.id()).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn asvs_6_5_1_of_32_verifies_at_once_with_one_code_one_signs_in() {
    of_a_crowd_one_code_signs_in(World::new().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn asvs_6_5_1_of_32_verifies_at_once_with_one_code_one_signs_in_on_postgres() {
    of_a_crowd_one_code_signs_in(World::on_postgres(|_| {}).await).await;
}

/// 32 at once, with one sign-in and all ten recovery codes: it makes one session, and uses up one code.
async fn of_a_crowd_one_ends_the_sign_in(world: World) {
    let owner = world.owner("ann").await;
    let first = world.first_step("ann").await;
    let crowd: Vec<_> = (0..32)
        .map(|n| {
            let (world, first) = (world.clone(), first.clone());
            let proof = recovery(&owner.recovery_codes[n % owner.recovery_codes.len()]);
            tokio::spawn(async move { world.verify(&first, proof).await })
        })
        .collect();
    let mut answers = Vec::new();
    for one in crowd {
        answers.push(one.await.unwrap());
    }
    one_alone(answers, &[ErrorCode::MfaTokenInvalid]);
    assert_eq!(world.live(owner.person.id()).await.len(), 2);
    assert_eq!(factors(&world).own(&owner.person.caller).await.unwrap().recovery_codes_left, 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_32_verifies_at_once_with_one_token_one_signs_in() {
    of_a_crowd_one_ends_the_sign_in(World::new().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_32_verifies_at_once_with_one_token_one_signs_in_on_postgres() {
    of_a_crowd_one_ends_the_sign_in(World::on_postgres(|_| {}).await).await;
}

#[tokio::test]
async fn asvs_6_5_1_a_recovery_code_signs_in_once_in_any_writing() {
    let world = World::new().await;
    let owner = world.owner("ann").await;
    let typed = owner.recovery_codes[3].to_uppercase().replace('-', " ");
    let first = world.first_step("ann").await;
    let tokens = world.verify(&first, recovery(&typed)).await.unwrap();
    assert_eq!(claims(&tokens.access_token)["acr"], "aal2");
    let first = world.first_step("ann").await;
    assert_eq!(code(world.verify(&first, recovery(&owner.recovery_codes[3])).await), ErrorCode::InvalidCode);
    world.verify(&first, recovery(&owner.recovery_codes[4])).await.unwrap();
}

/// A provider is a first factor like the password, and a replay of its code ends what came of it, also in between.
#[tokio::test]
async fn a_provider_and_a_code_make_a_session_of_two_factors() {
    let at = At::new().await;
    let owner = at.world.owner("ann").await;
    let proof = at.walked(&owner.person.caller, 1, a_proven_identity("ann-there", None)).await;
    at.identities().link(&owner.person.caller, proof).await.unwrap();
    let (begun, granted) = at.proved(2, a_proven_identity("ann-there", None)).await;
    let first = *at.redeem(&begun, &granted).await.unwrap_err().mfa.unwrap();
    let tokens = at.world.second_step(&first, &owner.code(&at.world)).await.unwrap();
    let claims = claims(&tokens.access_token);
    assert_eq!((&claims["provider"], &claims["amr"]), (&"example".into(), &serde_json::json!(["fed", "otp", "mfa"])));
    assert_eq!(code(at.redeem(&begun, &granted).await), ErrorCode::InvalidGrant);
    assert_eq!(code(at.world.identify(&tokens).await), ErrorCode::InvalidToken, "RFC 6749 §4.1.2");

    let (begun, granted) = at.proved(3, a_proven_identity("ann-there", None)).await;
    let first = *at.redeem(&begun, &granted).await.unwrap_err().mfa.unwrap();
    assert_eq!(code(at.redeem(&begun, &granted).await), ErrorCode::InvalidGrant);
    at.world.advance(STEP);
    let dead = at.world.second_step(&first, &owner.code(&at.world)).await;
    assert_eq!(code(dead), ErrorCode::MfaTokenInvalid, "the replay has ended it");
}

#[tokio::test]
async fn a_clock_that_is_a_minute_fast_is_followed_and_one_that_is_two_is_not() {
    let world = World::new().await;
    let owner = world.owner("ann").await;
    let shows_in = |steps: u32| owner.authenticator.code(world.now().plus(steps * STEP));
    let first = world.first_step("ann").await;
    assert_eq!(code(world.second_step(&first, &shows_in(2)).await), ErrorCode::InvalidCode);
    world.second_step(&first, &shows_in(1)).await.unwrap();
    world.advance(MINUTE);
    let first = world.first_step("ann").await;
    assert_eq!(code(world.second_step(&first, &shows_in(3)).await), ErrorCode::InvalidCode);
    world.second_step(&first, &shows_in(2)).await.unwrap();
}
