//! How often anything may be asked for, and by whom it is counted.
use crate::world::{
    ABROAD, CAFE, Down, HOME, OTHER_PASSWORD, PASSWORD, Refusals, WRONG, World, by_password, from, operator, secret,
};
use doorward_application::{Policies, RateLimits};
use doorward_domain::{Quota, RateClass};
use doorward_ports::access::Operation;
use doorward_ports::inbound::{
    Admission, ClientApps, ClientCredentials, Identification, NewClientApp, PasswordChange, Presented,
};
use doorward_ports::limits::CountedBy;
use doorward_ports::{Caller, ErrorCode};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

/// As many a day, so that nothing comes back while a test runs.
fn quota(limit: u32) -> Quota {
    Quota { limit: NonZeroU32::new(limit).unwrap(), per: Duration::from_hours(24) }
}

fn limited(policies: &mut Policies) {
    let three = quota(3);
    policies.limits = Some(RateLimits { login: three, auth: three, api: three, admin: three, public: three });
}

/// How they stand after this operation was asked for, whatever came of it.
async fn counted(
    world: &World,
    caller: &Caller,
    operation: Operation,
    shown: Option<&ClientCredentials>,
) -> Option<(RateClass, bool)> {
    let admission: &dyn Admission = &*world.services;
    let rate_limit = match shown {
        Some(shown) => {
            let presented = Presented { origin: caller.origin.clone(), identification: Identification::Client(shown) };
            admission.admit(presented, operation).await.rate_limit
        }
        None => admission.admit_known(caller, operation).await.rate_limit,
    };
    rate_limit.map(|rate_limit| (rate_limit.class, rate_limit.judge().is_ok()))
}

async fn passes(world: &World, caller: &Caller, operation: Operation) -> bool {
    counted(world, caller, operation, None).await.expect("it is limited").1
}

async fn uses_up(world: &World, caller: &Caller, operation: Operation) {
    while passes(world, caller, operation).await {}
}

async fn billing(world: &World) -> ClientCredentials {
    let app = NewClientApp {
        id: Some("billing".to_owned()),
        name: "Billing".to_owned(),
        kind: "confidential".to_owned(),
        redirect_uris: Vec::new(),
        origins: Vec::new(),
        roles: Vec::new(),
    };
    let made = ClientApps::create(&*world.services, &operator(), app).await.unwrap();
    ClientCredentials { id: "billing".into(), secret: made.secret }
}

#[tokio::test]
async fn each_operation_is_counted_once_in_its_class_or_not_at_all() {
    let world = World::by(limited).await;
    for operation in Operation::ALL {
        let class = counted(&world, &from(HOME), *operation, None).await.map(|(class, _)| class);
        assert_eq!(class, operation.limit().map(|(class, _)| class), "{operation:?}");
    }
}

#[tokio::test]
async fn nothing_is_counted_when_limits_are_turned_off() {
    let world = World::new().await;
    for operation in Operation::ALL {
        assert_eq!(counted(&world, &from(HOME), *operation, None).await, None, "{operation:?}");
    }
}

#[tokio::test]
async fn whatever_takes_a_password_is_counted_together_by_address() {
    let world = World::by(limited).await;
    let ann = world.person("ann").await.caller;
    for (caller, operation) in
        [(from(HOME), Operation::SignIn), (from(HOME), Operation::Register), (ann, Operation::ChangeOwnPassword)]
    {
        assert!(passes(&world, &caller, operation).await, "{operation:?}");
    }
    assert!(!passes(&world, &from(HOME), Operation::SignIn).await);
    assert!(passes(&world, &from(CAFE), Operation::SignIn).await, "others are not concerned");
}

#[tokio::test]
async fn a_refusal_says_how_long_to_wait_and_is_told_to_metrics() {
    let refusals = Arc::new(Refusals::default());
    let world = World::by(limited).await.changed(|tools, _| tools.observer = refusals.clone());
    for _ in 0..3 {
        world.admit(HOME, Identification::Nothing, Operation::SignIn).await.unwrap();
    }
    let error = world.admit(HOME, Identification::Nothing, Operation::SignIn).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::RateLimited);
    let wait = error.retry_after.unwrap();
    assert!(wait <= quota(3).interval() && wait > quota(3).interval() / 2, "{wait:?}");
    assert_eq!(refusals.take(), [RateClass::Login]);
}

#[tokio::test]
async fn somebody_signed_in_is_counted_by_his_account_from_wherever_he_comes() {
    let world = World::by(limited).await;
    let (ann, bob) = (world.person("ann").await.caller, world.person("bob").await.caller);
    let abroad = Caller { origin: from(ABROAD).origin, ..ann.clone() };
    for caller in [&ann, &abroad, &ann] {
        assert!(passes(&world, caller, Operation::ReadOwnAccount).await);
    }
    assert!(!passes(&world, &abroad, Operation::ReadOwnAccount).await);
    assert!(passes(&world, &bob, Operation::ReadOwnAccount).await, "another at the same address");
    assert!(passes(&world, &ann, Operation::ListUsers).await, "another class");
    assert!(passes(&world, &from(HOME), Operation::SignOut).await, "the address by itself");
}

#[tokio::test]
async fn a_confidential_client_is_counted_by_its_id_and_not_by_its_address() {
    let world = World::by(limited).await;
    let billing = billing(&world).await;
    uses_up(&world, &from(HOME), Operation::IssueTokens).await;
    for address in [HOME, CAFE, HOME] {
        let counted = counted(&world, &from(address), Operation::IssueTokens, Some(&billing)).await;
        assert_eq!(counted, Some((RateClass::Auth, true)), "{address}");
    }
    let fourth = counted(&world, &from(ABROAD), Operation::IssueTokens, Some(&billing)).await;
    assert_eq!(fourth, Some((RateClass::Auth, false)));
}

#[tokio::test]
async fn a_wrong_secret_costs_the_address_and_never_the_client() {
    let world = World::by(limited).await;
    let billing = billing(&world).await;
    let guess = ClientCredentials { secret: Some(secret("a guess")), ..billing.clone() };
    for passes in [true, true, true, false, false] {
        let counted = counted(&world, &from(ABROAD), Operation::IssueTokens, Some(&guess)).await;
        assert_eq!(counted, Some((RateClass::Auth, passes)));
    }
    for _ in 0..3 {
        let counted = counted(&world, &from(HOME), Operation::IssueTokens, Some(&billing)).await;
        assert_eq!(counted, Some((RateClass::Auth, true)), "its own quota is whole");
    }
}

async fn outcome(
    world: &World,
    address: &str,
    identification: Identification<'_>,
    operation: Operation,
) -> Result<(), ErrorCode> {
    world.admit(address, identification, operation).await.map(drop).map_err(|error| error.code)
}

/// Otherwise whoever asks too often would keep the database busy all the same.
#[tokio::test]
async fn nothing_is_looked_up_for_a_request_before_it_was_counted() {
    let world = World::by(limited).await;
    let (ann, bob) = (world.person("ann").await, world.person("bob").await);
    let (ann, bob) = (ann.tokens.access_token.expose(), bob.tokens.access_token.expose());
    let shown = billing(&world).await;
    let guess = ClientCredentials { secret: Some(secret("a guess")), ..shown.clone() };
    for _ in 0..3 {
        outcome(&world, HOME, Identification::token(ann), Operation::ReadOwnAccount).await.unwrap();
        outcome(&world, HOME, Identification::Client(&guess), Operation::IssueTokens).await.unwrap_err();
        outcome(&world, HOME, Identification::token("a.b.c"), Operation::ReadOwnAccount).await.unwrap_err();
    }
    let world = world.changed(|tools, _| (tools.store, tools.session_states) = (Arc::new(Down), Arc::new(Down)));
    for (identification, operation) in [
        (Identification::token(ann), Operation::ReadOwnAccount),
        (Identification::Client(&shown), Operation::IssueTokens),
        (Identification::token("a.b.c"), Operation::ReadOwnAccount),
    ] {
        let refused = outcome(&world, HOME, identification, operation).await;
        assert_eq!(refused, Err(ErrorCode::RateLimited), "{identification:?}");
    }
    for (identification, operation) in [
        (Identification::token(bob), Operation::ReadOwnAccount),
        (Identification::Client(&shown), Operation::IssueTokens),
    ] {
        let failed = outcome(&world, CAFE, identification, operation).await;
        assert_eq!(failed, Err(ErrorCode::StoreUnavailable), "{identification:?} may be looked up");
    }
}

/// Somebody may have a copy of it: they must not keep the owner out with it.
#[tokio::test]
async fn the_token_of_an_ended_session_costs_the_address_and_never_its_owner() {
    let world = World::by(limited).await;
    let (ended, owner) = (world.person("ann").await, world.session_of("ann").await);
    world.auth().sign_out(&ended.caller, None).await.unwrap();
    let (ended, owner) = (ended.tokens.access_token.expose(), owner.tokens.access_token.expose());
    let read =
        async |address, token| outcome(&world, address, Identification::token(token), Operation::ReadOwnAccount).await;
    let refusals = [ErrorCode::InvalidToken; 3].into_iter().chain([ErrorCode::RateLimited; 3]);
    for refusal in refusals {
        assert_eq!(read(ABROAD, ended).await, Err(refusal));
    }
    for _ in 0..3 {
        assert_eq!(read(ABROAD, owner).await, Ok(()), "also from there");
    }
    assert_eq!(read(HOME, owner).await, Err(ErrorCode::RateLimited));
}

/// What the table counts by address is not given back for a token that was refused.
#[tokio::test]
async fn a_refused_token_costs_its_address_what_takes_a_password() {
    let world = World::by(limited).await;
    let ended = world.person("ann").await;
    world.auth().sign_out(&ended.caller, None).await.unwrap();
    let token = Identification::token(ended.tokens.access_token.expose());
    for refusal in [ErrorCode::InvalidToken, ErrorCode::InvalidToken, ErrorCode::InvalidToken, ErrorCode::RateLimited] {
        assert_eq!(outcome(&world, HOME, token, Operation::Reauthenticate).await, Err(refusal));
    }
}

/// Otherwise whoever guesses could have the database asked as often as they like.
#[tokio::test]
async fn an_address_that_has_tried_out_too_many_secrets_is_refused_before_one_is_looked_up() {
    let world = World::by(limited).await;
    let billing = billing(&world).await;
    let guess = ClientCredentials { secret: Some(secret("a guess")), ..billing.clone() };
    let outcome = async |address: &str, shown: &ClientCredentials| {
        outcome(&world, address, Identification::Client(shown), Operation::IssueTokens).await
    };
    for _ in 0..3 {
        assert_eq!(outcome(ABROAD, &guess).await, Err(ErrorCode::InvalidClient));
    }
    for shown in [&guess, &billing] {
        assert_eq!(outcome(ABROAD, shown).await, Err(ErrorCode::RateLimited), "right or wrong is not looked at");
    }
    assert_eq!(outcome(CAFE, &billing).await, Ok(()));
    assert!(passes(&world, &from(ABROAD), Operation::Refresh).await, "what else comes from there is counted apart");
}

/// An office signs in from one address.
#[tokio::test]
async fn a_right_password_costs_its_address_nothing_and_a_wrong_one_does() {
    let world = World::by(limited).await;
    world.account("ann").await;
    let sign_in = async |password: &str| {
        world.admit(HOME, Identification::Nothing, Operation::SignIn).await?;
        world.sign_in(HOME, "ann", password).await.map(drop)
    };
    for _ in 0..10 {
        sign_in(PASSWORD).await.unwrap();
    }
    for _ in 0..2 {
        assert_eq!(sign_in(WRONG).await.unwrap_err().code, ErrorCode::InvalidCredentials);
    }
    sign_in(PASSWORD).await.unwrap();
    assert_eq!(sign_in(WRONG).await.unwrap_err().code, ErrorCode::InvalidCredentials);
    assert_eq!(sign_in(PASSWORD).await.unwrap_err().code, ErrorCode::RateLimited, "three were wrong");
}

#[tokio::test]
async fn the_right_password_of_somebody_signed_in_costs_their_address_nothing_either() {
    let world = World::by(limited).await;
    let ann = world.person("ann").await;
    let token = Identification::token(ann.tokens.access_token.expose());
    for _ in 0..4 {
        world.admit(HOME, token, Operation::Reauthenticate).await.unwrap();
        world.auth().reauthenticate(&ann.caller, by_password(PASSWORD)).await.unwrap();
    }
    for (current, new) in [(PASSWORD, OTHER_PASSWORD), (OTHER_PASSWORD, PASSWORD)].repeat(2) {
        world.admit(HOME, token, Operation::ChangeOwnPassword).await.unwrap();
        let change = PasswordChange { current: secret(current), new: secret(new) };
        world.accounts().change_own_password(&ann.caller, change).await.unwrap();
    }
    for refusal in [ErrorCode::WrongPassword, ErrorCode::WrongPassword, ErrorCode::WrongPassword] {
        world.admit(HOME, token, Operation::Reauthenticate).await.unwrap();
        let refused = world.auth().reauthenticate(&ann.caller, by_password(WRONG)).await;
        assert_eq!(refused.unwrap_err().code, refusal);
    }
    let refused = outcome(&world, HOME, token, Operation::Reauthenticate).await;
    assert_eq!(refused, Err(ErrorCode::RateLimited), "three were wrong");
}

#[tokio::test]
async fn whoever_says_to_be_a_client_that_nobody_can_prove_to_be_is_counted_by_address() {
    let world = World::by(limited).await;
    let billing = billing(&world).await;
    let unproven = ClientCredentials { secret: None, ..billing };
    for shown in [&ClientCredentials::built_in(), &unproven, &ClientCredentials::built_in()] {
        assert_eq!(
            counted(&world, &from(HOME), Operation::IssueTokens, Some(shown)).await,
            Some((RateClass::Auth, true))
        );
    }
    assert!(!passes(&world, &from(HOME), Operation::Refresh).await, "it is the address that is counted");
}

#[test]
fn only_oauths_endpoints_are_counted_by_client() {
    let by_client: Vec<_> = Operation::ALL
        .iter()
        .copied()
        .filter(|operation| matches!(operation.limit(), Some((_, CountedBy::Client))))
        .collect();
    assert_eq!(by_client, [Operation::IssueTokens, Operation::IntrospectToken, Operation::RevokeToken]);
}
