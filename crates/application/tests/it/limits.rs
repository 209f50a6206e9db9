//! How often anything may be asked for, and by whom it is counted.
use crate::world::{ABROAD, CAFE, HOME, Refusals, World, from, operator, secret};
use doorward_application::{Policies, RateLimits};
use doorward_domain::{Quota, RateClass};
use doorward_ports::access::Operation;
use doorward_ports::inbound::{ClientApps, ClientCredentials, Limits, NewClientApp};
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
    policies.limits = Some(RateLimits { login: quota(3), auth: quota(3), api: quota(3), admin: quota(3) });
}

/// The first of the three that counts, as a front end asks them.
async fn counted(
    world: &World,
    caller: &Caller,
    operation: Operation,
    shown: Option<&ClientCredentials>,
) -> Option<(RateClass, bool)> {
    let limits: &dyn Limits = &*world.services;
    let standings = [
        limits.admit_address(caller, operation).await,
        limits.admit_caller(caller, operation).await,
        limits.admit_client(caller, operation, shown).await,
    ];
    let mut counted = standings.into_iter().flatten();
    let standing = counted.next();
    assert_eq!(counted.next(), None, "{operation:?} is counted twice");
    standing.map(|standing| (standing.class, standing.judge().is_ok()))
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
    ClientCredentials { id: "billing".to_owned(), secret: made.secret }
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
        world.services.admit_address(&from(HOME), Operation::SignIn).await.unwrap().judge().unwrap();
    }
    let error = world.services.admit_address(&from(HOME), Operation::SignIn).await.unwrap().judge().unwrap_err();
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
