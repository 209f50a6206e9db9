//! Which account an identity meets: local address verified or not, verified at the provider or not, policy, disabled.
use super::At;
use crate::world::{World, account, code, operator};
use doorward_domain::LinkingPolicy::{self, Ask, Never, VerifiedEmail};
use doorward_ports::ErrorCode;
use doorward_ports::inbound::{AccountChange, NewAccount};
use doorward_ports::outbound::ProvenIdentity;
use doorward_testkit::scripted_provider::a_proven_identity;

/// What comes of it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Outcome {
    /// The person is signed in to the account that was there.
    Linked,
    Refused(ErrorCode),
}

use Outcome::{Linked, Refused};

#[tokio::test]
async fn an_account_with_the_same_address_is_taken_over_only_where_both_sides_have_verified_it_and_the_policy_says_so()
{
    let world = World::new().await;
    let ask = Refused(ErrorCode::LinkRequired);
    let taken = Refused(ErrorCode::EmailTaken);
    let disabled = Refused(ErrorCode::AccountDisabled);
    // Verified here, verified there, enabled.
    let cases: [(LinkingPolicy, bool, bool, bool, Outcome); 24] = [
        (Never, true, true, true, taken),
        (Never, true, false, true, taken),
        (Never, false, true, true, taken),
        (Never, false, false, true, taken),
        (Ask, true, true, true, ask),
        (Ask, true, false, true, ask),
        (Ask, false, true, true, ask),
        (Ask, false, false, true, ask),
        (VerifiedEmail, true, true, true, Linked),
        (VerifiedEmail, true, false, true, ask),
        (VerifiedEmail, false, true, true, ask),
        (VerifiedEmail, false, false, true, ask),
        (Never, true, true, false, taken),
        (Never, true, false, false, taken),
        (Never, false, true, false, taken),
        (Never, false, false, false, taken),
        (Ask, true, true, false, ask),
        (Ask, true, false, false, ask),
        (Ask, false, true, false, ask),
        (Ask, false, false, false, ask),
        (VerifiedEmail, true, true, false, disabled),
        (VerifiedEmail, true, false, false, ask),
        (VerifiedEmail, false, true, false, ask),
        (VerifiedEmail, false, false, false, ask),
    ];
    for (index, (policy, here, there, is_active, expected)) in cases.into_iter().enumerate() {
        let at = At::with(&world, |provider| provider.linking = policy);
        let (name, seed) = (format!("person{index}"), u8::try_from(index).unwrap());
        let owner = world.add(NewAccount { email_verified: here, is_active, ..account(&name) }).await;
        let person = a_proven_identity(&name, Some((owner.email.as_str(), there)));
        let case = format!("{policy:?}, here {here}, there {there}, enabled {is_active}");
        match at.sign_in(seed, person).await {
            Ok(tokens) => assert_eq!((tokens.user, Linked), (owner.id, expected), "{case}"),
            Err(error) => assert_eq!(Refused(error.code), expected, "{case}"),
        }
        let after = world.user(owner.id).await;
        assert_eq!((after.is_active, after.email_verified), (is_active, here), "{case}");
        let last = world.journal.lines().pop().unwrap();
        let refused = match expected {
            Linked => None,
            Refused(code) => Some(serde_json::json!({"provider": "example", "reason": code.as_str()})),
        };
        assert_eq!((last.action, last.outcome.as_str() == "failure"), ("session.sign_in", refused.is_some()), "{case}");
        assert!(refused.is_none_or(|details| last.details == details), "{case}");
    }
}

#[tokio::test]
async fn an_identity_is_found_by_its_subject_and_never_by_its_address() {
    let at = At::new().await;
    let first = at.sign_in(1, a_proven_identity("ann", Some(("ann@example.com", true)))).await.unwrap();
    let moved = at.sign_in(2, a_proven_identity("ann", Some(("ann@elsewhere.example", true)))).await.unwrap();
    assert_eq!(moved.user, first.user);
    let without = at.sign_in(3, a_proven_identity("ann", None)).await.unwrap();
    assert_eq!(without.user, first.user);
    // The address was given to somebody else.
    let other = at.sign_in(4, a_proven_identity("bob", Some(("ann@example.com", true)))).await;
    assert_eq!(code(other), ErrorCode::LinkRequired);
}

#[tokio::test]
async fn a_username_is_taken_over_if_it_is_free_and_a_profile_is_kept_up_to_date_where_the_provider_says_so() {
    let world = World::new().await;
    world.account("taken").await;
    let at = At::with(&world, |_| {});
    let person = |subject: &str, username: &str, name: &str| ProvenIdentity {
        username: Some(username.to_owned()),
        full_name: Some(name.to_owned()),
        ..a_proven_identity(subject, Some((&format!("{subject}@example.com"), true)))
    };
    let ann = at.sign_in(1, person("ann", "Ann.Lee", "Ann Lee")).await.unwrap().user;
    let bob = at.sign_in(2, person("bob", "taken", "Bob")).await.unwrap().user;
    assert_eq!(world.user(ann).await.username.map(|name| name.to_string()), Some("ann.lee".to_owned()));
    assert_eq!(world.user(bob).await.username, None);

    let full_name = async |world: &World| world.user(ann).await.full_name.map(|name| name.as_str().to_owned());
    at.sign_in(3, person("ann", "other", "Ann Miller")).await.unwrap();
    assert_eq!(full_name(&world).await.as_deref(), Some("Ann Lee"));
    let syncing = At::with(&world, |provider| provider.sync_profile = true);
    syncing.sign_in(4, person("ann", "other", "Ann Miller")).await.unwrap();
    assert_eq!(full_name(&world).await.as_deref(), Some("Ann Miller"));
    let silent = ProvenIdentity { full_name: None, ..person("ann", "other", "") };
    syncing.sign_in(5, silent).await.unwrap();
    assert_eq!(full_name(&world).await.as_deref(), Some("Ann Miller"));
}

#[tokio::test]
async fn a_disabled_account_stays_disabled() {
    let at = At::new().await;
    let tokens = at.sign_in(1, a_proven_identity("ann", Some(("ann@example.com", true)))).await.unwrap();
    let disable = AccountChange { is_active: Some(false), ..AccountChange::default() };
    at.world.accounts().change(&operator(), tokens.user, disable, None).await.unwrap();
    let refused = at.sign_in(2, a_proven_identity("ann", Some(("ann@example.com", true)))).await;
    assert_eq!(code(refused), ErrorCode::AccountDisabled);
    assert!(!at.world.user(tokens.user).await.is_active);
}

#[tokio::test]
async fn nobody_is_registered_where_registration_is_off_the_domain_is_another_or_there_is_no_address() {
    let world = World::new().await;
    let ann = |verified| a_proven_identity("ann", Some(("ann@example.com", verified)));
    let off = At::with(&world, |provider| provider.registration = false);
    assert_eq!(code(off.sign_in(1, ann(true)).await), ErrorCode::RegistrationDisabled);
    let closed = At::with(&world.changed(|_, policies| policies.registration.enabled = false), |_| {});
    assert_eq!(code(closed.sign_in(2, ann(true)).await), ErrorCode::RegistrationDisabled);
    let ours = At::with(&world, |provider| provider.email_domains = vec!["example.org".parse().unwrap()]);
    assert_eq!(code(ours.sign_in(3, ann(true)).await), ErrorCode::EmailDomainNotAllowed);
    let theirs = At::with(&world, |provider| provider.email_domains = vec!["example.com".parse().unwrap()]);
    assert_eq!(code(theirs.sign_in(4, ann(false)).await), ErrorCode::EmailDomainNotAllowed, "anybody can claim one");
    let open = At::with(&world, |_| {});
    assert_eq!(code(open.sign_in(5, a_proven_identity("ann", None)).await), ErrorCode::EmailRequired);
    assert!(theirs.sign_in(6, ann(true)).await.is_ok());
}

#[tokio::test]
async fn an_address_that_must_be_verified_is_not_verified_by_a_provider_that_does_not_say_so() {
    let world = World::by(|policies| policies.registration.require_verified_email = true).await;
    let at = At::with(&world, |_| {});
    let refused = at.sign_in(1, a_proven_identity("ann", Some(("ann@example.com", false)))).await;
    assert_eq!(code(refused), ErrorCode::EmailUnverified);
    assert!(at.sign_in(2, a_proven_identity("bob", Some(("bob@example.com", true)))).await.is_ok());
}
