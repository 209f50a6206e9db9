//! Enrolling, listing, deleting and resetting factors.
use super::{factors, recovery, totp};
use crate::world::{Person, World, claims, code, faults, fields, operator, refusal, secret};
use doorward_domain::{ENROLMENT_LIFETIME, FactorId, MOST_FACTORS, RECOVERY_CODES};
use doorward_ports::ErrorCode;
use doorward_testkit::authenticator::{Authenticator, STEP};
use std::collections::BTreeSet;
use std::time::Duration;

const LONG: Duration = Duration::from_mins(11);

/// Enrols another authenticator, and confirms it.
async fn add(world: &World, person: &Person, name: &str) -> FactorId {
    let enrolled = factors(world).enrol_totp(&person.caller, Some(name.to_owned())).await.unwrap();
    let code = Authenticator::with(enrolled.secret.expose()).code(world.now());
    factors(world).confirm_totp(&person.caller, enrolled.factor.id, secret(&code)).await.unwrap().factor.id
}

#[tokio::test]
async fn nothing_asks_for_a_factor_before_it_is_confirmed() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let enrolled = factors(&world).enrol_totp(&ann.caller, Some(" My phone ".to_owned())).await.unwrap();
    assert_eq!(enrolled.factor.name.as_str(), "My phone");
    let uri = enrolled.otpauth_uri.expose();
    assert!(uri.starts_with("otpauth://totp/Doorward:ann%40example.com?secret="), "{uri}");
    assert!(uri.contains(enrolled.secret.expose()), "{uri}");
    assert_eq!(factors(&world).own(&ann.caller).await.unwrap().factors, []);
    world.session_of("ann").await;
}

#[tokio::test]
async fn the_first_factor_brings_recovery_codes_and_ends_the_other_sessions() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let elsewhere = world.session_of("ann").await;
    let enrolled = factors(&world).enrol_totp(&ann.caller, None).await.unwrap();
    let right = Authenticator::with(enrolled.secret.expose()).code(world.now());
    let confirmed = factors(&world).confirm_totp(&ann.caller, enrolled.factor.id, secret(&right)).await.unwrap();
    let codes: BTreeSet<_> = confirmed.recovery_codes.unwrap().iter().map(|code| code.expose().to_owned()).collect();
    assert_eq!(codes.len(), RECOVERY_CODES, "each is another");
    assert_eq!(code(world.identify(&elsewhere.tokens).await), ErrorCode::InvalidToken, "OWASP ASVS 7.4.3");
    let tokens = world.refresh(&ann.tokens).await.unwrap();
    assert_eq!(claims(&tokens.access_token)["acr"], "aal2", "the code is a proof for this session too");
    let list = factors(&world).own(&ann.caller).await.unwrap();
    assert_eq!((list.factors, list.recovery_codes_left), (vec![confirmed.factor], RECOVERY_CODES));
    let again = factors(&world).confirm_totp(&ann.caller, enrolled.factor.id, secret(&right)).await;
    assert_eq!(code(again), ErrorCode::FactorNotFound, "it is confirmed once");
}

#[tokio::test]
async fn a_second_factor_brings_no_codes_and_ends_no_session() {
    let world = World::new().await;
    let owner = world.owner("ann").await;
    let elsewhere = world.sign_in_with(&owner).await.unwrap();
    let second = add(&world, &owner.person, "Tablet").await;
    world.identify(&elsewhere).await.unwrap();
    let list = factors(&world).own(&owner.person.caller).await.unwrap();
    assert_eq!(list.factors.iter().map(|factor| factor.id).collect::<Vec<_>>(), [owner.id, second]);
    assert_eq!(list.recovery_codes_left, RECOVERY_CODES);
}

#[tokio::test]
async fn an_enrolment_waits_for_a_right_code_for_fifteen_minutes() {
    let world = World::new().await;
    let (ann, bob) = (world.person("ann").await, world.person("bob").await);
    let enrolled = factors(&world).enrol_totp(&ann.caller, None).await.unwrap();
    let (id, authenticator) = (enrolled.factor.id, Authenticator::with(enrolled.secret.expose()));
    let wrong = factors(&world).confirm_totp(&ann.caller, id, secret(&authenticator.wrong_code(world.now()))).await;
    assert_eq!(code(wrong), ErrorCode::InvalidCode);
    let theirs = factors(&world).confirm_totp(&bob.caller, id, secret(&authenticator.code(world.now()))).await;
    assert_eq!(code(theirs), ErrorCode::FactorNotFound, "GHSA-4vcf-q4xf-f48m");
    world.advance(ENROLMENT_LIFETIME);
    let late = factors(&world).confirm_totp(&ann.caller, id, secret(&authenticator.code(world.now()))).await;
    assert_eq!(code(late), ErrorCode::FactorNotFound);
    assert_eq!(world.system().tidy(&operator()).await.unwrap().enrolments, 0);
    world.advance(Duration::from_micros(1));
    assert_eq!(world.system().tidy(&operator()).await.unwrap().enrolments, 1);
}

#[tokio::test]
async fn a_new_enrolment_gives_up_the_one_before() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let [first, second] = [
        factors(&world).enrol_totp(&ann.caller, None).await.unwrap(),
        factors(&world).enrol_totp(&ann.caller, None).await.unwrap(),
    ];
    let code_of = |secret: &str| Authenticator::with(secret).code(world.now());
    let given_up =
        factors(&world).confirm_totp(&ann.caller, first.factor.id, secret(&code_of(first.secret.expose()))).await;
    assert_eq!(code(given_up), ErrorCode::FactorNotFound);
    let confirmed = secret(&code_of(second.secret.expose()));
    factors(&world).confirm_totp(&ann.caller, second.factor.id, confirmed).await.unwrap();
}

#[tokio::test]
async fn an_account_has_ten_factors_and_no_more() {
    let world = World::new().await;
    let owner = world.owner("ann").await;
    for n in 1..MOST_FACTORS {
        add(&world, &owner.person, &format!("Phone {n}")).await;
    }
    let refused = factors(&world).enrol_totp(&owner.person.caller, None).await;
    assert_eq!(code(refused), ErrorCode::TooManyFactors);
    let bad = factors(&world).enrol_totp(&world.person("bob").await.caller, Some("a\nb".to_owned())).await;
    assert_eq!(faults(bad), fields(&[("/name", "invalid_name")]));
}

/// OWASP ASVS 7.5.1: neither the password nor an open session is enough to take the second factor away.
#[tokio::test]
async fn asvs_7_5_1_a_factor_is_changed_only_by_whoever_has_shown_one_recently() {
    let world = World::new().await;
    let owner = world.owner("ann").await;
    let caller = &owner.person.caller;
    world.advance(LONG);
    let all = [
        code(factors(&world).enrol_totp(caller, None).await),
        code(factors(&world).delete_own(caller, owner.id).await),
        code(factors(&world).replace_recovery_codes(caller).await),
    ];
    assert_eq!(all, [ErrorCode::ReauthenticationRequired; 3]);
    world.step_up(&owner.person, totp(&owner.code(&world))).await.unwrap();
    factors(&world).replace_recovery_codes(caller).await.unwrap();
    factors(&world).delete_own(caller, owner.id).await.unwrap();
}

/// What administrators may do to accounts is no way around that for their own.
#[tokio::test]
async fn asvs_7_5_1_an_administrator_shows_a_factor_before_removing_their_own() {
    let world = World::new().await;
    let owner = world.owner_of(world.admin("ann").await, "ann").await;
    let caller = &owner.person.caller;
    world.advance(LONG);
    assert_eq!(code(factors(&world).reset(caller, owner.person.id()).await), ErrorCode::ReauthenticationRequired);
    world.step_up(&owner.person, totp(&owner.code(&world))).await.unwrap();
    factors(&world).reset(caller, owner.person.id()).await.unwrap();
}

#[tokio::test]
async fn new_recovery_codes_replace_all_earlier_ones() {
    let world = World::new().await;
    let owner = world.owner("ann").await;
    let new = factors(&world).replace_recovery_codes(&owner.person.caller).await.unwrap();
    let first = world.first_step("ann").await;
    assert_eq!(code(world.verify(&first, recovery(&owner.recovery_codes[0])).await), ErrorCode::InvalidCode);
    world.verify(&first, recovery(new[0].expose())).await.unwrap();
    let without = world.person("bob").await;
    assert_eq!(code(factors(&world).replace_recovery_codes(&without.caller).await), ErrorCode::FactorNotFound);
}

#[tokio::test]
async fn without_a_factor_the_password_is_enough_and_no_recovery_code_is_left() {
    let world = World::new().await;
    let (owner, bob) = (world.owner("ann").await, world.owner("bob").await);
    let theirs = factors(&world).delete_own(&bob.person.caller, owner.id).await;
    assert_eq!(code(theirs), ErrorCode::FactorNotFound, "GHSA-4vcf-q4xf-f48m");
    factors(&world).delete_own(&owner.person.caller, owner.id).await.unwrap();
    let list = factors(&world).own(&owner.person.caller).await.unwrap();
    assert_eq!((list.factors, list.recovery_codes_left), (vec![], 0));
    world.session_of("ann").await;
}

#[tokio::test]
async fn an_administrator_resets_the_factors_of_an_account_that_may_no_more_than_they() {
    let world = World::new().await;
    let owner = world.owner("ann").await;
    let first = world.first_step("ann").await;
    let clerk = world.person_who_may("clerk", &["users:write"]).await;
    let above = world.admin("eve").await;
    let refused = factors(&world).reset(&clerk.caller, above.id()).await;
    assert_eq!(code(refused), ErrorCode::ExceedsOwnPermissions);
    factors(&world).reset(&clerk.caller, owner.person.id()).await.unwrap();
    assert_eq!(factors(&world).of_user(&operator(), owner.person.id()).await.unwrap().factors, []);
    let left_over = refusal(world.second_step(&first, &owner.code(&world)).await);
    assert_eq!(left_over.code, ErrorCode::MfaTokenInvalid, "a sign-in that waited for the factor has ended");
    world.session_of("ann").await;
    world.advance(STEP);
    let line = world.stored(owner.person.id()).await.into_iter().find(|line| line.action.as_str() == "factor.reset");
    assert_eq!(line.unwrap().actor.to_string(), format!("user:{}", clerk.id()));
}
