//! OpenID Connect Back-Channel Logout 1.0 §2.6.
use crate::mock::{CLIENT, Mock, NONCE, NOW, State};
use crate::{configured, now, provider, providers};
use doorward_domain::{ProviderKind, Timestamp};
use doorward_ports::outbound::{IdentityProvider, ProviderFault, ProviderLogout, Untrusted};
use serde_json::{Value, json};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// A mock that signs logout tokens in place of ID tokens.
async fn mock() -> Mock {
    Mock::start().await.with(|state| {
        state.header = json!({"typ": "logout+jwt"});
        state.claims = json!({
            "iss": state.claims["iss"], "aud": CLIENT, "iat": NOW, "exp": NOW + 120, "jti": "bWJq",
            "sub": "248289761001", "sid": "08a5019c", "events": {EVENT: {}},
        });
    })
}

async fn accepted(mock: &Mock) -> Result<ProviderLogout, ProviderFault> {
    let token = mock.state().id_token();
    providers().logout(&configured(mock), &token, now()).await
}

async fn told(change: impl FnOnce(&mut State)) -> Result<ProviderLogout, ProviderFault> {
    accepted(&mock().await.with(change)).await
}

#[tokio::test]
async fn a_logout_token_names_the_session_and_the_subject() {
    let mock = mock().await;
    let expected = ProviderLogout {
        issuer: mock.issuer.clone(),
        subject: Some("248289761001".to_owned()),
        session: Some("08a5019c".to_owned()),
        token: "bWJq".to_owned(),
        expires_at: Timestamp::from_seconds(NOW + 120),
    };
    let logout = accepted(&mock).await.unwrap();
    assert!(logout == expected, "{logout:?}");
    assert!(!format!("{logout:?}").contains("2482"));
    let without = |claim: &'static str| move |state: &mut State| state.claims[claim] = Value::Null;
    assert_eq!(told(without("sid")).await.unwrap().session, None);
    assert_eq!(told(without("sub")).await.unwrap().subject, None);
    assert!(told(|state| state.header = json!({"typ": "JWT"})).await.is_ok(), "as older providers write it");
}

#[tokio::test]
async fn each_rule_for_logout_tokens_has_its_fault() {
    use Untrusted::*;
    for (what, claim, value, expected) in [
        ("no event", "events", Value::Null, LogoutToken),
        ("another event", "events", json!({"x": {}}), LogoutToken),
        ("an event that is no object", "events", json!({EVENT: true}), LogoutToken),
        ("events that are a list", "events", json!([EVENT]), LogoutToken),
        ("a nonce", "nonce", json!(NONCE), LogoutToken),
        ("no id", "jti", Value::Null, LogoutToken),
        ("another issuer", "iss", json!("https://evil.example"), Issuer),
        ("another audience", "aud", json!("other"), Audience),
        ("expired", "exp", json!(NOW - 60), Expired),
        ("no end", "exp", Value::Null, Malformed),
        ("from the future", "iat", json!(NOW + 61), IssuedInFuture),
    ] {
        let refused = told(|state| state.claims[claim] = value).await;
        assert_eq!(refused, Err(ProviderFault::Untrusted(expected)), "{what}");
    }
    let nobody = |state: &mut State| {
        state.claims["sub"] = Value::Null;
        state.claims["sid"] = Value::Null;
    };
    assert_eq!(told(nobody).await, Err(ProviderFault::Untrusted(LogoutToken)));
}

#[tokio::test]
async fn an_id_token_ends_no_session() {
    let mock = Mock::start().await;
    assert_eq!(accepted(&mock).await, Err(ProviderFault::Untrusted(Untrusted::LogoutToken)));
}

#[tokio::test]
async fn forged_logout_tokens_are_refused() {
    let refused = told(|state| state.signing = crate::keys::Key::rsa("first")).await;
    assert_eq!(refused, Err(ProviderFault::Untrusted(Untrusted::Signature)));
    let mock = mock().await;
    for text in ["", "x", "a.b.c", &"a".repeat(100_000)] {
        let refused = providers().logout(&configured(&mock), text, now()).await;
        assert_eq!(refused, Err(ProviderFault::Untrusted(Untrusted::Malformed)));
    }
    assert_eq!(mock.state().requests.iter().filter(|request| request.path() == "/keys").count(), 0);
}

#[tokio::test]
async fn entra_ends_the_session_that_it_names_and_nothing_by_its_sub() {
    let mock = Mock::below("/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0").await.with(|state| {
        state.claims = json!({
            "iss": state.claims["iss"], "aud": CLIENT, "iat": NOW, "exp": NOW + 120, "jti": "bWJq",
            "sub": "pairwise", "sid": "08a5019c", "events": {EVENT: {}},
        });
    });
    let entra = provider(ProviderKind::Entra, &mock.issuer);
    let told = async || {
        let token = mock.state().id_token();
        providers().logout(&entra, &token, now()).await
    };
    let logout = told().await.unwrap();
    assert_eq!(
        (logout.issuer, logout.subject, logout.session.as_deref()),
        (mock.issuer.clone(), None, Some("08a5019c"))
    );
    mock.state().claims["sid"] = Value::Null;
    assert_eq!(told().await, Err(ProviderFault::Untrusted(Untrusted::LogoutToken)));
}
