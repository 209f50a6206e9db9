//! The steps of a sign-in: each is taken once, and in the right hands only.
use super::{At, CALLBACK, STATE, grant, verifier};
use crate::world::{HOME, MINUTE, SECOND, World, claims, code, faults, fields, from, secret};
use doorward_domain::Client;
use doorward_ports::ErrorCode;
use doorward_ports::inbound::{AuthorizationRequest, Binding, ClientTokens, CodeGrant, ProviderAnswer};
use doorward_ports::outbound::{Misconfiguration, Outage, ProviderFault, Untrusted};
use doorward_testkit::scripted_provider::a_proven_identity;
use std::sync::Arc;

const ADDRESS: Option<(&str, bool)> = Some(("ann@example.com", true));

#[tokio::test]
async fn a_person_signs_in_and_gets_an_account_and_the_tokens_name_the_provider() {
    let at = At::new().await;
    let tokens = at.sign_in(1, a_proven_identity("ann", ADDRESS)).await.unwrap();
    assert!(tokens.is_new_user);
    let user = at.world.user(tokens.user).await;
    assert_eq!((user.email.as_str(), user.email_verified), ("ann@example.com", true));
    assert_eq!(user.full_name.map(|name| name.to_string()), Some("Ann Example".to_owned()));
    let claims = claims(&tokens.access_token);
    assert_eq!(
        (&claims["provider"], &claims["amr"], &claims["acr"]),
        (&"example".into(), &["fed"].into(), &"aal1".into())
    );
    let again = at.sign_in(2, a_proven_identity("ann", ADDRESS)).await.unwrap();
    assert_eq!((again.user, again.is_new_user), (tokens.user, false));
    let lines: Vec<_> = at.world.journal.lines().iter().map(|line| line.action).collect();
    assert_eq!(lines, ["user.registered", "identity.linked", "session.sign_in", "session.sign_in"]);
}

#[tokio::test]
async fn the_client_gets_its_own_state_back_and_the_provider_gets_another() {
    let at = At::new().await;
    let begun = at.begin(1, Binding::Unbound).await;
    assert_ne!(begun.state, STATE);
    at.provider.answer("code", Ok(a_proven_identity("ann", ADDRESS)));
    let finished = at.answer(&begun, "code").await.unwrap();
    assert_eq!((finished.redirect_uri.as_str(), finished.state.as_deref()), (CALLBACK, Some(STATE)));
    let exchanged = at.provider.exchanged();
    assert_ne!(exchanged[0].code_verifier.expose(), begun.verifier.expose(), "the client's own goes nowhere");
    assert_eq!(exchanged[0].redirect_uri, "https://id.example.com/api/v1/auth/callback/example");
}

#[tokio::test]
async fn of_32_answers_at_once_one_is_taken() {
    let at = Arc::new(At::new().await);
    let begun = Arc::new(at.begin(1, Binding::Unbound).await);
    at.provider.answer("code", Ok(a_proven_identity("ann", ADDRESS)));
    let all = (0..32).map(|_| {
        let (at, begun) = (at.clone(), begun.clone());
        tokio::spawn(async move { at.answer(&begun, "code").await.is_ok() })
    });
    let mut taken = 0;
    for one in all.collect::<Vec<_>>() {
        taken += usize::from(one.await.unwrap());
    }
    assert_eq!((taken, at.provider.exchanged().len()), (1, 1), "and the provider was asked once");
}

#[tokio::test]
async fn of_32_redemptions_at_once_one_succeeds_and_the_replays_end_what_it_made() {
    let at = Arc::new(At::new().await);
    let (begun, issued) = at.proved(1, a_proven_identity("ann", ADDRESS)).await;
    let shared = Arc::new((begun, issued));
    let all = (0..32).map(|_| {
        let (at, shared) = (at.clone(), shared.clone());
        tokio::spawn(async move { at.redeem(&shared.0, &shared.1).await })
    });
    let mut won = Vec::new();
    for one in all.collect::<Vec<_>>() {
        match one.await.unwrap() {
            Ok(tokens) => won.push(tokens),
            Err(error) => assert_eq!(error.code, ErrorCode::InvalidGrant),
        }
    }
    assert_eq!(won.len(), 1);
    // RFC 6749 §4.1.2.
    assert_eq!(code(at.world.identify(&won[0]).await), ErrorCode::InvalidToken);
}

#[tokio::test]
async fn rfc_6749_4_1_2_a_code_that_is_used_again_ends_the_session_that_it_made_and_no_other() {
    let at = At::new().await;
    let other = at.sign_in(1, a_proven_identity("ann", ADDRESS)).await.unwrap();
    let (begun, issued) = at.proved(2, a_proven_identity("ann", ADDRESS)).await;
    let tokens = at.redeem(&begun, &issued).await.unwrap();
    assert_eq!(code(at.redeem(&begun, &issued).await), ErrorCode::InvalidGrant);
    assert_eq!(code(at.world.identify(&tokens).await), ErrorCode::InvalidToken);
    assert!(at.world.identify(&other).await.is_ok());
}

#[tokio::test]
async fn a_wrong_verifier_spends_the_code() {
    let at = At::new().await;
    let (begun, issued) = at.proved(1, a_proven_identity("ann", ADDRESS)).await;
    let (client, services) = (Client::doorward(), &*at.world.services);
    for wrong in
        [grant(&verifier(9), &issued), CodeGrant { code_verifier: secret("short"), ..grant(&verifier(9), &issued) }]
    {
        let refused = ClientTokens::redeem_code(services, &from(HOME), &client, wrong, None).await;
        assert_eq!(code(refused), ErrorCode::InvalidGrant);
    }
    assert_eq!(code(at.redeem(&begun, &issued).await), ErrorCode::InvalidGrant);
    let refused = at.world.journal.lines().pop().unwrap();
    assert_eq!(refused.details, serde_json::json!({ "provider": "example", "reason": "wrong_verifier" }));
}

#[tokio::test]
async fn a_code_is_for_its_client_and_its_redirect_uri_and_lasts_a_minute() {
    let at = At::new().await;
    let services = &*at.world.services;
    let other = Client::from_id("billing".to_owned());
    let (begun, issued) = at.proved(1, a_proven_identity("ann", ADDRESS)).await;
    let refused = ClientTokens::redeem_code(services, &from(HOME), &other, grant(&begun.verifier, &issued), None).await;
    assert_eq!(code(refused), ErrorCode::InvalidGrant);

    let (begun, issued) = at.proved(2, a_proven_identity("ann", ADDRESS)).await;
    let elsewhere = CodeGrant { redirect_uri: format!("{CALLBACK}/"), ..grant(&begun.verifier, &issued) };
    let refused = ClientTokens::redeem_code(services, &from(HOME), &Client::doorward(), elsewhere, None).await;
    assert_eq!(code(refused), ErrorCode::InvalidGrant);

    let (begun, issued) = at.proved(3, a_proven_identity("ann", ADDRESS)).await;
    at.world.advance(MINUTE - SECOND);
    assert!(at.redeem(&begun, &issued).await.is_ok());
    let (begun, issued) = at.proved(4, a_proven_identity("ann", ADDRESS)).await;
    at.world.advance(MINUTE);
    assert_eq!(code(at.redeem(&begun, &issued).await), ErrorCode::InvalidGrant);
}

#[tokio::test]
async fn rfc_9700_4_7_an_answer_is_for_the_browser_the_provider_and_the_time_it_was_asked_for() {
    let at = At::new().await;
    at.provider.answer("code", Ok(a_proven_identity("ann", ADDRESS)));
    let mut begun = at.begin(1, Binding::Browser(None)).await;
    let own = begun.browser.replace(secret("another browser's"));
    assert_eq!(code(at.answer(&begun, "code").await), ErrorCode::InvalidState);
    begun.browser = None;
    assert_eq!(code(at.answer(&begun, "code").await), ErrorCode::InvalidState);
    begun.browser = own;
    assert_eq!(code(at.answer_at("other", &begun, "code").await), ErrorCode::InvalidState);
    assert_eq!(code(at.answer_at("unknown", &begun, "code").await), ErrorCode::InvalidState);
    assert!(at.answer(&begun, "code").await.unwrap().outcome.is_ok(), "what is refused has spent nothing");

    let late = at.begin(2, Binding::Unbound).await;
    at.world.advance(10 * MINUTE + SECOND);
    assert_eq!(code(at.answer(&late, "code").await), ErrorCode::InvalidState);
    let nothing = at.providers().finish(&from(HOME), "example", ProviderAnswer::default(), None).await;
    assert_eq!(code(nothing), ErrorCode::InvalidState);
}

#[tokio::test]
async fn two_tabs_of_a_browser_share_its_cookie_and_what_is_no_cookie_of_ours_is_replaced() {
    let at = At::new().await;
    let first = at.begin(1, Binding::Browser(None)).await;
    let second = at.begin(2, Binding::Browser(first.browser.clone())).await;
    assert_eq!(first.browser, second.browser);
    let third = at.begin(3, Binding::Browser(Some(secret("x")))).await;
    assert_ne!(third.browser, Some(secret("x")));
    at.provider.answer("code", Ok(a_proven_identity("ann", ADDRESS)));
    assert!(at.answer(&first, "code").await.is_ok() && at.answer(&second, "code").await.is_ok());
}

#[tokio::test]
async fn a_provider_that_refuses_fails_or_lies_gives_no_code_and_leaves_a_line() {
    let at = At::new().await;
    let untrusted = Untrusted::ALL.iter().map(|why| (ProviderFault::Untrusted(*why), "server_error"));
    let outages = Outage::ALL.iter().map(|why| (ProviderFault::Unavailable(*why), "temporarily_unavailable"));
    let wrong = Misconfiguration::ALL.iter().map(|why| (ProviderFault::Misconfigured(*why), "server_error"));
    let refused = (ProviderFault::Refused { error: "access_denied".to_owned() }, "access_denied");
    for (seed, (fault, error)) in (0..).zip(untrusted.chain(outages).chain(wrong).chain([refused])) {
        let begun = at.begin(seed, Binding::Unbound).await;
        at.provider.answer("code", Err(fault.clone()));
        let refusal = at.answer(&begun, "code").await.unwrap().outcome.unwrap_err();
        assert_eq!((refusal.error, refusal.source.as_ref()), (error, Some(&fault)));
        let line = at.world.journal.lines().pop().unwrap();
        assert_eq!((line.action, &line.details["reason"]), ("session.sign_in", &fault.reason().into()));
    }
    let begun = at.begin(200, Binding::Unbound).await;
    let answer =
        ProviderAnswer { state: Some(secret(&begun.state)), error: Some("x".to_owned()), ..Default::default() };
    let denied = at.providers().finish(&from(HOME), "example", answer, None).await.unwrap().outcome.unwrap_err();
    assert_eq!((denied.error, denied.reason), ("access_denied", "denied"));
}

#[tokio::test]
async fn what_a_client_asks_for_is_checked_before_anybody_is_sent_anywhere() {
    let at = At::new().await;
    let good = At::asked(&verifier(1));
    let unregistered = AuthorizationRequest { redirect_uri: format!("{CALLBACK}?x=1"), ..good.clone() };
    let plain = AuthorizationRequest { code_challenge_method: "plain".to_owned(), ..good.clone() };
    let short = AuthorizationRequest { code_challenge: "short".to_owned(), ..good.clone() };
    let unknown = AuthorizationRequest { client_id: Some("nobody".to_owned()), ..good.clone() };
    let long = AuthorizationRequest { state: Some("x".repeat(1001).into()), ..good.clone() };
    for (asked, pointer, why) in [
        (unregistered, "/redirect_uri", "redirect_uri_not_registered"),
        (plain, "/code_challenge_method", "invalid_code_challenge_method"),
        (short, "/code_challenge", "invalid_code_challenge"),
        (unknown, "/client_id", "unknown_client"),
        (long, "/state", "invalid_value"),
    ] {
        let refused = at.providers().begin(&from(HOME), asked, Binding::Unbound).await;
        assert_eq!(faults(refused), fields(&[(pointer, why)]));
    }
    let nowhere = AuthorizationRequest { provider: "nobody".to_owned(), ..good };
    let refused = at.providers().begin(&from(HOME), nowhere, Binding::Unbound).await;
    assert_eq!(code(refused), ErrorCode::ProviderNotFound);
}

#[tokio::test]
async fn the_password_is_offered_first_and_then_the_providers() {
    let at = At::new().await;
    let offered = at.providers().offered(&from(HOME)).await.unwrap();
    let names: Vec<_> = offered.iter().map(|it| (it.name.as_str(), it.kind, it.available)).collect();
    assert_eq!(names, [("local", "local", true), ("example", "oidc", true), ("other", "oidc", true)]);
    let none = World::new().await;
    let offered = doorward_ports::inbound::Providers::offered(&*none.services, &from(HOME)).await.unwrap();
    assert_eq!(offered.len(), 1);
}
