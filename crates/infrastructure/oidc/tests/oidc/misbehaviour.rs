//! Tokens that must be refused, each with its own fault.
use crate::keys::{Key, hs256};
use crate::mock::{ACCESS_TOKEN, CLIENT, Mock, NOW, SECRET, State, base64url};
use crate::{answer, configured, identified, providers};
use doorward_ports::outbound::{AuthorizationAnswer, IdentityProvider, Misconfiguration, ProviderFault, Untrusted};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

async fn fault(change: impl FnOnce(&mut State)) -> Option<ProviderFault> {
    identified(&Mock::start().await.with(change)).await.err()
}

#[track_caller]
fn is(fault: impl Into<Option<ProviderFault>>, expected: Untrusted, what: &str) {
    assert_eq!(fault.into(), Some(ProviderFault::Untrusted(expected)), "{what}");
}

#[tokio::test]
async fn oidc_core_3_1_3_7_each_claim_has_its_rule() {
    use Untrusted::*;
    let cases: [(&str, &str, Value, Untrusted); 27] = [
        ("another nonce", "nonce", json!("other"), Nonce),
        ("no nonce", "nonce", Value::Null, Nonce),
        ("another issuer", "iss", json!("https://evil.example"), Issuer),
        ("no issuer", "iss", Value::Null, Issuer),
        ("an issuer in a list", "iss", json!(["https://evil.example"]), Issuer),
        ("another audience", "aud", json!("other"), Audience),
        ("no audience", "aud", Value::Null, Audience),
        ("two audiences without azp", "aud", json!([CLIENT, "other"]), AuthorizedParty),
        ("another authorized party", "azp", json!("other"), AuthorizedParty),
        ("expired", "exp", json!(NOW - 60), Expired),
        ("expired long ago", "exp", json!(NOW - 86_400), Expired),
        ("no end", "exp", Value::Null, Malformed),
        ("an end that is a text", "exp", json!((NOW + 300).to_string()), Malformed),
        ("issued in the future", "iat", json!(NOW + 61), IssuedInFuture),
        ("issued at no time", "iat", Value::Null, Malformed),
        ("issued long ago", "iat", json!(NOW - 661), IssuedLongAgo),
        ("not valid yet", "nbf", json!(NOW + 61), IssuedInFuture),
        ("a time that is a text", "nbf", json!("0"), Malformed),
        ("no subject", "sub", Value::Null, Subject),
        ("an empty subject", "sub", json!(""), Subject),
        ("a subject that is a number", "sub", json!(1), Subject),
        ("a subject that is too long", "sub", json!("x".repeat(256)), Subject),
        ("another access token", "at_hash", json!(base64url(&Sha256::digest("other")[..16])), AccessTokenHash),
        ("the whole hash", "at_hash", json!(base64url(Sha256::digest(ACCESS_TOKEN))), AccessTokenHash),
        ("a hash that is a number", "at_hash", json!(1), AccessTokenHash),
        ("an empty hash", "at_hash", json!(""), AccessTokenHash),
        ("a logout token", "events", json!({}), Purpose),
    ];
    for (what, claim, value, expected) in cases {
        is(fault(|state| state.claims[claim] = value).await, expected, what);
    }
}

#[tokio::test]
async fn a_minute_between_the_clocks_is_forgiven() {
    for (claim, at) in [("exp", NOW - 59), ("iat", NOW + 60), ("nbf", NOW + 60), ("iat", NOW - 660)] {
        assert_eq!(fault(|state| state.claims[claim] = at.into()).await, None, "{claim} {at}");
    }
}

#[tokio::test]
async fn rfc_8725_3_1_a_token_without_a_signature_is_refused() {
    for alg in ["none", "None", "NONE", "nOnE"] {
        let unsigned = |state: &mut State| {
            let message =
                format!("{}.{}", base64url(json!({"alg": alg}).to_string()), base64url(state.claims.to_string()));
            state.id_token = Some(format!("{message}."));
        };
        is(fault(unsigned).await, Untrusted::Algorithm, alg);
    }
    let stripped = |state: &mut State| {
        let token = state.id_token();
        state.id_token = Some(format!("{}.", token.rsplit_once('.').unwrap().0));
    };
    is(fault(stripped).await, Untrusted::Signature, "an empty signature");
}

#[tokio::test]
async fn rfc_8725_2_1_a_public_key_is_not_taken_for_a_shared_secret() {
    let key = Key::rsa("first");
    let secrets = key.public_encodings().into_iter().chain([SECRET.into(), Vec::new()]);
    for (at, shared) in secrets.enumerate() {
        let confused = |state: &mut State| {
            state.published = vec![key.clone()];
            let header = json!({"alg": "HS256", "kid": "first"});
            state.id_token = Some(hs256(&shared, &header, &state.claims));
        };
        is(fault(confused).await, Untrusted::Algorithm, &at.to_string());
    }
}

#[tokio::test]
async fn an_algorithm_that_is_not_declared_is_refused() {
    is(fault(|state| state.header = json!({"alg": "PS256"})).await, Untrusted::Algorithm, "PS256");
    is(fault(|state| state.header = json!({"alg": "RS1"})).await, Untrusted::Algorithm, "RS1");
    let declared = |state: &mut State| {
        state.metadata["id_token_signing_alg_values_supported"] = json!(["PS256"]);
        state.header = json!({"alg": "PS256"});
    };
    assert_eq!(fault(declared).await, None);
}

#[tokio::test]
async fn each_asymmetric_algorithm_is_verified() {
    for key in [Key::ec("ec"), Key::ed("ed"), Key::rsa("rsa")] {
        let algorithm = key.algorithm();
        let other = match algorithm {
            "ES256" => Key::ec("ec"),
            "EdDSA" => Key::ed("ed"),
            _ => Key::rsa("rsa"),
        };
        let signed_by = |signing: Key| {
            let key = key.clone();
            move |state: &mut State| {
                state.published = vec![key];
                state.signing = signing;
            }
        };
        assert_eq!(fault(signed_by(key.clone())).await, None, "{algorithm}");
        is(fault(signed_by(other)).await, Untrusted::Signature, algorithm);
    }
}

#[tokio::test]
async fn claims_that_were_changed_after_signing_are_refused() {
    let changed = |state: &mut State| {
        let token = state.id_token();
        let mut parts: Vec<_> = token.split('.').map(str::to_owned).collect();
        state.claims["sub"] = "other".into();
        parts[1] = base64url(state.claims.to_string());
        state.id_token = Some(parts.join("."));
    };
    is(fault(changed).await, Untrusted::Signature, "changed");
}

#[tokio::test]
async fn a_key_in_the_header_is_not_used() {
    let attacker = Key::rsa("first");
    let own_key = |state: &mut State| {
        state.header = json!({"jwk": attacker.jwk(), "jku": "https://evil.example/keys"});
        state.signing = attacker.clone();
    };
    is(fault(own_key).await, Untrusted::Signature, "jwk");
}

#[tokio::test]
async fn tokens_of_another_purpose_are_refused() {
    for typ in ["at+jwt", "logout+jwt", "dpop+jwt"] {
        is(fault(|state| state.header = json!({"typ": typ})).await, Untrusted::Purpose, typ);
    }
}

#[tokio::test]
async fn what_is_no_token_is_malformed_or_missing() {
    for text in ["x", "a.b.c", "..", "e30.e30.e30.e30.e30"] {
        is(fault(|state| state.id_token = Some(text.to_owned())).await, Untrusted::Malformed, text);
    }
    is(fault(|state| state.token["id_token"] = Value::Null).await, Untrusted::NoIdToken, "none");
    let critical = |state: &mut State| state.header = json!({"crit": ["exp"]});
    is(fault(critical).await, Untrusted::Malformed, "crit");
}

#[tokio::test]
async fn a_token_response_of_another_form_is_malformed() {
    let malformed = Some(ProviderFault::Misconfigured(Misconfiguration::MalformedAnswer));
    assert_eq!(fault(|state| state.token["token_type"] = "mac".into()).await, malformed);
    assert_eq!(fault(|state| state.token = json!({"token_type": "Bearer"})).await, malformed);
    assert_eq!(fault(|state| state.token["id_token"] = json!({})).await, malformed);
}

#[tokio::test]
async fn a_key_that_was_rotated_in_mid_flow_is_read() {
    let mock = Mock::start().await;
    let (providers, configured) = (providers(), configured(&mock));
    providers.identify(&configured, &answer()).await.unwrap();
    {
        let mut state = mock.state();
        state.signing = Key::rsa("second");
        state.published = vec![state.signing.clone()];
    }
    for _ in 0..3 {
        providers.identify(&configured, &answer()).await.unwrap();
    }
    assert_eq!(mock.count("/keys"), 2);
}

#[tokio::test]
async fn unknown_keys_do_not_let_anybody_make_doorward_ask_again_and_again() {
    let mock = Mock::start().await.with(|state| state.signing = state.signing.named("unknown"));
    let (providers, configured) = (providers(), configured(&mock));
    for attempt in 0..20 {
        let fault = providers.identify(&configured, &answer()).await.err();
        is(fault, Untrusted::UnknownKey, &attempt.to_string());
        let token = mock.state().id_token();
        let logout = providers.logout(&configured, &token, crate::now()).await.err();
        is(logout, Untrusted::UnknownKey, &attempt.to_string());
    }
    assert_eq!(mock.count("/keys"), 3, "the first time, and once for each who asked");
}

#[tokio::test]
async fn a_token_without_a_key_id_is_verified_with_every_key_that_fits() {
    let anonymous = |state: &mut State| {
        state.published = vec![Key::rsa("a"), Key::ec("b"), state.signing.named("c")];
        state.header = json!({"kid": null});
    };
    assert_eq!(fault(anonymous).await, None);
}

#[tokio::test]
async fn a_code_is_sent_once_whatever_comes_of_it() {
    let mock = Mock::start().await;
    let wrong = AuthorizationAnswer { code_verifier: crate::secret("wrong"), ..answer() };
    let refused = providers().identify(&configured(&mock), &wrong).await.err();
    assert_eq!(refused, Some(ProviderFault::Refused { error: "invalid_grant".to_owned() }));
    assert_eq!(mock.count("/token"), 1);
}
