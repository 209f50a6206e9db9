//! A session that ends at the provider ends here (OpenID Connect Back-Channel Logout 1.0).
use super::{At, CALLBACK};
use crate::factors::recovery;
use crate::world::{HOME, MICROSECOND, World, code, from, secret};
use doorward_domain::EndReason;
use doorward_ports::ErrorCode;
use doorward_ports::inbound::TokenPair;
use doorward_ports::outbound::{Misconfiguration, Outage, ProvenIdentity, ProviderFault, ProviderLogout, Untrusted};
use doorward_testkit::scripted_provider::{ISSUER, a_proven_identity};
use serde_json::{Value, json};
use std::sync::Arc;

async fn signed_in(at: &At, seed: u8, subject: &str, session: Option<&str>) -> TokenPair {
    let (email, session) = (format!("{subject}@example.com"), session.map(str::to_owned));
    let person = ProvenIdentity { session, ..a_proven_identity(subject, Some((&email, true))) };
    at.sign_in(seed, person).await.unwrap()
}

async fn is_live(at: &At, tokens: &TokenPair) -> bool {
    at.world.identify(tokens).await.is_ok()
}

/// The refusals of an end that the audit log has.
fn refusals(at: &At) -> Vec<Value> {
    let lines = at.world.journal.take();
    let refused = lines.iter().filter(|line| line.outcome.as_str() == "failure");
    refused
        .map(|line| {
            assert_eq!((line.action.as_str(), &line.subject), ("session.ended", &None));
            serde_json::from_str(&line.details.to_string()).unwrap()
        })
        .collect()
}

#[tokio::test]
async fn a_session_that_ends_at_the_provider_ends_here_and_no_other() {
    let at = At::new().await;
    let ann = signed_in(&at, 1, "ann", Some("one")).await;
    let (other, bob) = (signed_in(&at, 2, "ann", Some("two")).await, signed_in(&at, 3, "bob", Some("three")).await);
    at.world.journal.take();
    at.log_out("token", None, Some("one")).await.unwrap();
    assert!(!is_live(&at, &ann).await);
    assert!(is_live(&at, &other).await && is_live(&at, &bob).await);
    let [line] = &at.world.journal.take()[..] else { panic!("one line") };
    assert_eq!(line.subject.as_ref().map(ToString::to_string), Some(format!("session:{}", ann.session)));
    let reason = EndReason::EndedByProvider.as_str();
    assert_eq!(serde_json::from_str::<Value>(&line.details.to_string()).unwrap(), json!({ "reason": reason }));
}

/// §2.7: and that of a client app, but none that the person has begun in another way.
#[tokio::test]
async fn without_a_session_all_that_the_provider_has_begun_for_the_person_end() {
    let at = At::new().await;
    let first = signed_in(&at, 1, "ann", Some("one")).await;
    let (second, bob) = (signed_in(&at, 2, "ann", None).await, signed_in(&at, 3, "bob", None).await);
    at.log_out("token", Some("ann"), None).await.unwrap();
    assert!(!is_live(&at, &first).await && !is_live(&at, &second).await);
    assert!(is_live(&at, &bob).await);
}

/// What is to be done at a sign-in with a provider is done by the second step, when the first one begins no session.
#[tokio::test]
async fn a_session_that_took_a_second_factor_ends_too_and_the_provider_was_disabled_in_between_begins_none() {
    let at = At::new().await;
    let owner = at.world.owner("ann").await;
    let proof = at.walked(&owner.person.caller, 1, a_proven_identity("ann", None)).await;
    at.identities().link(&owner.person.caller, proof).await.unwrap();
    let there = ProvenIdentity { session: Some("one".to_owned()), ..a_proven_identity("ann", None) };
    let first = at.sign_in(2, there.clone()).await.unwrap_err().mfa.unwrap();
    let tokens = at.world.second_step(&first, &owner.code(&at.world)).await.unwrap();
    at.log_out("token", None, Some("one")).await.unwrap();
    assert!(!is_live(&at, &tokens).await);
    let there = ProvenIdentity { session: Some("two".to_owned()), ..there };
    let first = at.sign_in(3, there).await.unwrap_err().mfa.unwrap();
    let disabled = at.world.changed(|tools, _| tools.providers = Arc::new(super::nothing()));
    let refused = disabled.verify(&first, recovery(&owner.recovery_codes[0])).await;
    assert_eq!(code(refused), ErrorCode::MfaTokenInvalid);
}

/// The provider reports the end after it has answered, and before the code is redeemed or the second factor is proved.
#[tokio::test]
async fn a_sign_in_that_is_not_finished_ends_with_the_session_at_the_provider() {
    let at = At::new().await;
    let there = |session: &str| ProvenIdentity {
        session: Some(session.to_owned()),
        ..a_proven_identity("ann", Some(("ann@example.com", true)))
    };
    for (n, (subject, session)) in
        [(None, Some("one")), (Some("ann"), Some("two")), (Some("ann"), None)].iter().enumerate()
    {
        let (begun, granted) = at.proved(u8::try_from(n).unwrap(), there(session.unwrap_or("three"))).await;
        at.world.advance(MICROSECOND);
        at.log_out(&format!("token {n}"), *subject, *session).await.unwrap();
        assert_eq!(code(at.redeem(&begun, &granted).await), ErrorCode::InvalidGrant, "{subject:?} {session:?}");
    }
    let tokens = at.sign_in(9, there("four")).await.unwrap();
    assert!(is_live(&at, &tokens).await, "what began afterwards is not meant");
}

#[tokio::test]
async fn a_sign_in_that_waits_for_its_second_factor_ends_with_the_session_at_the_provider() {
    let at = At::new().await;
    let owner = at.world.owner("ann").await;
    let proof = at.walked(&owner.person.caller, 1, a_proven_identity("ann", None)).await;
    at.identities().link(&owner.person.caller, proof).await.unwrap();
    let there = ProvenIdentity { session: Some("one".to_owned()), ..a_proven_identity("ann", None) };
    let first = at.sign_in(2, there).await.unwrap_err().mfa.unwrap();
    at.log_out("token", None, Some("one")).await.unwrap();
    let refused = at.world.second_step(&first, &owner.code(&at.world)).await;
    assert_eq!(code(refused), ErrorCode::MfaTokenInvalid);
}

#[tokio::test]
async fn a_session_that_a_password_has_begun_stays() {
    let at = At::new().await;
    let ann = at.world.person("ann").await;
    let proof = at.walked(&ann.caller, 1, a_proven_identity("ann", None)).await;
    at.identities().link(&ann.caller, proof).await.unwrap();
    let there = at.session_of("ann").await;
    at.log_out("token", Some("ann"), None).await.unwrap();
    assert!(is_live(&at, &ann.tokens).await && !is_live(&at, &there).await);
}

/// §2.6 and §2.7: the session of somebody else is not the one that is meant.
#[tokio::test]
async fn a_session_of_another_subject_or_another_provider_stays() {
    let at = At::new().await;
    let ann = signed_in(&at, 1, "ann", Some("one")).await;
    at.log_out("token", Some("bob"), Some("one")).await.unwrap();
    let elsewhere = at.providers().end_sessions(&from(HOME), "other", secret("token")).await;
    assert_eq!(code(elsewhere), ErrorCode::InvalidLogoutToken, "the id of the token is that of its issuer");
    at.provider.tell("elsewhere", Ok(logout("elsewhere", Some("ann"), None)));
    at.providers().end_sessions(&from(HOME), "other", secret("elsewhere")).await.unwrap();
    assert!(is_live(&at, &ann).await);
}

fn logout(token: &str, subject: Option<&str>, session: Option<&str>) -> ProviderLogout {
    ProviderLogout {
        issuer: ISSUER.to_owned(),
        subject: subject.map(str::to_owned),
        session: session.map(str::to_owned),
        token: token.to_owned(),
        // As no calendar has it.
        expires_at: doorward_domain::Timestamp::from_micros(i64::MAX),
    }
}

/// More sessions than are ended at once.
#[tokio::test]
async fn all_sessions_end_however_many_there_are() {
    let at = At::with(&World::new().await, |_| {});
    let world = at.world.changed(|_, policies| policies.session_limit = None);
    let at = At { world, ..at };
    let mut all = Vec::new();
    for seed in 0..=100 {
        all.push(signed_in(&at, seed, "ann", None).await);
    }
    at.log_out("token", Some("ann"), None).await.unwrap();
    for tokens in &all {
        assert!(!is_live(&at, tokens).await);
    }
}

#[tokio::test]
async fn a_logout_token_is_used_once() {
    let at = Arc::new(At::new().await);
    at.provider.tell("token", Ok(logout("the same", Some("ann"), None)));
    at.world.journal.take();
    let all = (0..32).map(|_| {
        let at = at.clone();
        tokio::spawn(async move { at.providers().end_sessions(&from(HOME), "example", secret("token")).await.is_ok() })
    });
    let mut used = 0;
    for one in all.collect::<Vec<_>>() {
        used += usize::from(one.await.unwrap());
    }
    assert_eq!(used, 1);
    assert_eq!(refusals(&at), vec![json!({"reason": "used_before", "provider": "example"}); 31]);
    let tokens = signed_in(&at, 1, "ann", None).await;
    let again = at.providers().end_sessions(&from(HOME), "example", secret("token")).await;
    assert_eq!(code(again), ErrorCode::InvalidLogoutToken);
    assert!(is_live(&at, &tokens).await);
}

#[tokio::test]
async fn what_the_provider_has_signed_and_is_refused_has_a_line_and_what_anybody_can_send_has_none() {
    let at = At::new().await;
    let refused = async |fault: ProviderFault| {
        at.provider.tell("token", Err(fault));
        let refused = code(at.providers().end_sessions(&from(HOME), "example", secret("token")).await);
        (refused, refusals(&at))
    };
    for why in Untrusted::ALL {
        let (code, lines) = refused(ProviderFault::Untrusted(*why)).await;
        let line = json!({"reason": why.as_str(), "provider": "example"});
        let expected = if why.is_of_a_signed_token() { vec![line] } else { vec![] };
        assert_eq!((code, lines), (ErrorCode::InvalidLogoutToken, expected), "{why:?}");
    }
    assert!(!Untrusted::Signature.is_of_a_signed_token() && Untrusted::Audience.is_of_a_signed_token());
    for fault in [ProviderFault::Unavailable(Outage::Timeout), ProviderFault::Misconfigured(Misconfiguration::NoKeys)] {
        assert_eq!(refused(fault).await, (ErrorCode::ProviderUnavailable, vec![]));
    }
    let nobody = at.providers().end_sessions(&from(HOME), "nobody", secret("token")).await;
    assert_eq!(code(nobody), ErrorCode::ProviderNotFound);
}

/// OpenID Connect RP-Initiated Logout 1.0.
#[tokio::test]
async fn who_signs_out_is_sent_to_the_provider_of_the_session_if_they_ask_for_it() {
    let at = At::new().await;
    let sign_out = async |tokens: &TokenPair, return_to: Option<&str>| {
        let token = Some(tokens.refresh_token.clone());
        at.world.auth().sign_out_at_provider(&from(HOME), token, return_to.map(str::to_owned)).await
    };
    let ann = signed_in(&at, 1, "ann", None).await;
    for evil in ["https://evil.example", "https://app.example.com/callback/"] {
        assert_eq!(code(sign_out(&ann, Some(evil)).await), ErrorCode::ValidationFailed);
    }
    assert!(is_live(&at, &ann).await, "the client can send it again");
    let url = sign_out(&ann, Some(CALLBACK)).await.unwrap();
    assert_eq!(url.as_deref(), Some(&*format!("{ISSUER}/sign-out?return_to={CALLBACK}")));
    assert!(!is_live(&at, &ann).await);
    let again = sign_out(&ann, None).await.unwrap();
    assert_eq!(again.as_deref(), Some(&*format!("{ISSUER}/sign-out?return_to=")));

    let bob = at.world.person("bob").await;
    assert_eq!(sign_out(&bob.tokens, Some(CALLBACK)).await.unwrap(), None, "a password has no such URL");
    assert!(!is_live(&at, &bob.tokens).await);
}

#[tokio::test]
async fn a_provider_that_does_not_answer_or_is_gone_keeps_nobody_from_signing_out() {
    let at = At::new().await;
    for (seed, provider) in [(1, "other"), (2, "example")] {
        let (begun, code) = at
            .proved_at(provider, seed, a_proven_identity(provider, Some((&format!("{provider}@example.com"), true))))
            .await;
        let tokens = at.redeem(&begun, &code).await.unwrap();
        let world = match provider {
            "example" => at.world.changed(|tools, _| tools.providers = Arc::new(super::nothing())),
            _ => at.world.clone(),
        };
        let token = Some(tokens.refresh_token.clone());
        assert_eq!(world.auth().sign_out_at_provider(&from(HOME), token, None).await.unwrap(), None, "{provider}");
        assert!(!is_live(&at, &tokens).await);
    }
}
