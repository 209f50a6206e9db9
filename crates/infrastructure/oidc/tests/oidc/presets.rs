//! Each preset, against a mock that answers as that provider documents.
use crate::flow::authorization;
use crate::mock::{ACCESS_TOKEN, Answer, CLIENT, Mock, NOW, Request, State};
use crate::{answer, provider, providers, secret};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, UnparsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use doorward_domain::{ConsoleId, Preset, ProviderKind, Quirks};
use doorward_ports::outbound::{
    ConfiguredProvider, IdentityProvider, Misconfiguration, ProvenIdentity, ProviderFault, Untrusted,
};
use serde_json::{Value, json};

/// A provider at this issuer, with what is known of the preset.
fn of(preset: &'static Preset, issuer: &str) -> ConfiguredProvider {
    let mut configured = provider(ProviderKind::Oidc, issuer);
    configured.provider = configured.provider.with_preset(preset);
    configured
}

async fn identified(configured: &ConfiguredProvider) -> Result<ProvenIdentity, ProviderFault> {
    providers().identify(configured, &answer()).await
}

/// A mock below this path, with the claims of its documentation in place of all others but those of every ID token.
async fn mock(path: &str, claims: Value, change: impl FnOnce(&mut State)) -> Mock {
    Mock::below(path).await.with(|state| {
        let all = state.claims.as_object_mut().unwrap();
        all.retain(|name, _| ["iss", "aud", "exp", "iat", "nonce"].contains(&name.as_str()));
        all.extend(claims.as_object().unwrap().clone());
        state.metadata["id_token_signing_alg_values_supported"] = json!(["RS256"]);
        change(state);
    })
}

/// Subject, address, whether it is verified, full name, username.
type Known<'a> = (&'a str, Option<(&'a str, bool)>, Option<&'a str>, Option<&'a str>);

fn is(identity: &ProvenIdentity, expected: Known<'_>) {
    let email = identity.email.as_ref().map(|email| (email.address.as_str(), email.verified));
    let found: Known<'_> = (&identity.subject, email, identity.full_name.as_deref(), identity.username.as_deref());
    assert_eq!(found, expected);
}

fn named(name: &str) -> &'static Preset {
    Preset::named(name).unwrap()
}

mod apple {
    use super::*;

    const ADDRESS: &str = "dpdcnf87nu@privaterelay.appleid.com";

    async fn apple() -> (Mock, ConfiguredProvider, EcdsaKeyPair) {
        let claims = json!({
            "sub": "001234.3d2a6d5a8c1a4a2c9e5f.0912", "email": ADDRESS, "email_verified": "true",
            "is_private_email": "true", "auth_time": NOW - 5, "nonce_supported": true,
        });
        let mock = mock("", claims, |state| {
            state.any_secret = true;
            state.metadata.as_object_mut().unwrap().remove("userinfo_endpoint");
            state.metadata.as_object_mut().unwrap().remove("code_challenge_methods_supported");
            state.metadata["token_endpoint_auth_methods_supported"] = json!(["client_secret_post"]);
        })
        .await;
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let der = STANDARD.encode(key.to_pkcs8v1().unwrap().as_ref());
        let (first, second) = der.split_at(64);
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{first}\n{second}\n-----END PRIVATE KEY-----\n");
        let mut configured = of(named("apple"), &mock.issuer);
        let id = |text| Some(ConsoleId::parse(text).unwrap());
        configured.provider.team_id = id("DEF123GHIJ");
        configured.provider.key_id = id("ABC123DEFG");
        configured.client_secret = Some(secret(&pem));
        (mock, configured, key)
    }

    #[tokio::test]
    async fn a_person_is_identified_by_a_client_that_signs_its_secret() {
        let (mock, configured, key) = apple().await;
        is(
            &identified(&configured).await.unwrap(),
            ("001234.3d2a6d5a8c1a4a2c9e5f.0912", Some((ADDRESS, true)), None, None),
        );
        let state = mock.state();
        let token = state.requests.iter().find(|request| request.path() == "/token").unwrap();
        assert!(!token.headers.contains_key("authorization"));
        let jwt = token.body.split('&').find_map(|pair| pair.strip_prefix("client_secret=")).unwrap();
        let (signed, signature) = jwt.rsplit_once('.').unwrap();
        let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap();
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.public_key().as_ref());
        public.verify(signed.as_bytes(), &decoded(signature)).unwrap();
        let parts: Vec<Value> = signed.split('.').map(|part| serde_json::from_slice(&decoded(part)).unwrap()).collect();
        assert_eq!(parts[0], json!({"alg": "ES256", "kid": "ABC123DEFG"}));
        let claims = json!({"iss": "DEF123GHIJ", "sub": CLIENT, "aud": mock.issuer, "iat": NOW, "exp": NOW + 300});
        assert_eq!(parts[1], claims);
    }

    #[tokio::test]
    async fn the_answer_comes_by_post_because_an_address_is_asked_for() {
        let (_mock, configured, _) = apple().await;
        let url = authorization(&configured).await;
        assert_eq!((url["response_mode"].as_str(), url["scope"].as_str()), ("form_post", "openid email name"));
        assert!(url.values().all(|value| !value.contains("PRIVATE")));
    }

    #[tokio::test]
    async fn a_key_that_can_not_sign_is_a_mistake_of_the_configuration() {
        let (mock, mut configured, _) = apple().await;
        let wrong = Some(ProviderFault::Misconfigured(Misconfiguration::ClientKey));
        for pem in
            ["", "-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\n!"]
        {
            configured.client_secret = Some(secret(pem));
            assert_eq!(identified(&configured).await.err(), wrong, "{pem}");
        }
        configured.client_secret = None;
        assert_eq!(identified(&configured).await.err(), wrong);
        assert_eq!(mock.count("/token"), 0);
    }
}

/// Only `sub`, the address and the groups are in its ID tokens.
#[tokio::test]
async fn gitlab_states_the_name_in_the_user_info() {
    let claims = json!({"sub": "1234", "sub_legacy": "x", "email": "ann@example.com", "email_verified": true, "groups_direct": ["staff"]});
    let mock = mock("", claims, |state| {
        state.user_info = json!({
            "sub": "1234", "name": "Ann Example", "nickname": "ann", "preferred_username": "ann",
            "email": "ann@example.com", "email_verified": true, "groups": ["staff"],
        });
    })
    .await;
    let identity = identified(&of(named("gitlab"), &mock.issuer)).await.unwrap();
    is(&identity, ("1234", Some(("ann@example.com", true)), Some("Ann Example"), Some("ann")));
}

mod discord {
    use super::*;

    async fn discord() -> (Mock, ConfiguredProvider) {
        let mock = Mock::start().await.with(|state| {
            state.token = json!({
                "access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 604_800, "refresh_token": "r",
                "scope": "identify email",
            });
            state.user_info = json!({
                "id": "80351110224678912", "username": "nelly", "discriminator": "0", "global_name": "Nelly",
                "avatar": "8342729096ea3675442027381ff50dfe", "verified": true, "email": "nelly@example.com",
                "flags": 64, "locale": "en-US", "mfa_enabled": true,
            });
        });
        let configured = of(named("discord"), &mock.issuer);
        (mock, configured)
    }

    #[tokio::test]
    async fn a_person_is_the_id_that_its_api_tells() {
        let (mock, configured) = discord().await;
        let identity = identified(&configured).await.unwrap();
        is(&identity, ("80351110224678912", Some(("nelly@example.com", true)), Some("Nelly"), Some("nelly")));
        assert_eq!((identity.issuer.as_str(), identity.locale.as_deref()), (mock.issuer.as_str(), Some("en-US")));
        let state = mock.state();
        let paths: Vec<_> = state.requests.iter().map(Request::path).collect();
        assert_eq!(paths, ["/api/oauth2/token", "/api/v10/users/@me"], "it has no discovery document");
        assert_eq!(state.requests[1].headers["authorization"], format!("Bearer {ACCESS_TOKEN}"));
    }

    #[tokio::test]
    async fn a_sign_in_begins_without_openid() {
        let (_mock, configured) = discord().await;
        let url = providers().authorization_url(&configured, &crate::flow::request()).await.unwrap();
        assert!(url.contains("/oauth2/authorize?"), "{url}");
        let url = crate::flow::parameters(&url);
        assert_eq!((url["scope"].as_str(), url.contains_key("nonce")), ("identify email", false));
    }

    #[tokio::test]
    async fn an_address_that_is_not_verified_proves_nothing_and_without_an_id_there_is_nobody() {
        let (mock, configured) = discord().await;
        mock.state().user_info["verified"] = false.into();
        assert!(!identified(&configured).await.unwrap().email.unwrap().verified);
        mock.state().user_info["id"] = Value::Null;
        let nobody = Err(ProviderFault::Untrusted(Untrusted::Subject));
        assert_eq!(identified(&configured).await.map(|_| ()), nobody);
        let logout = providers().logout(&configured, "a.b.c", crate::now()).await.map(|_| ());
        assert_eq!(logout, Err(ProviderFault::Untrusted(Untrusted::LogoutToken)), "it sends none");
    }
}

#[tokio::test]
async fn slack_states_everything_in_its_id_token_and_refuses_with_the_status_200() {
    let claims = json!({
        "sub": "U0R7JM", "auth_time": NOW, "https://slack.com/user_id": "U0R7JM", "https://slack.com/team_id": "T0R7GR",
        "email": "krane@example.com", "email_verified": true, "date_email_verified": 1_622_128_723, "locale": "en-US",
        "name": "krane", "given_name": "", "family_name": "", "https://slack.com/team_name": "kraneflannel",
    });
    let mock = mock("", claims, |state| {
        state.token["ok"] = true.into();
        state.metadata.as_object_mut().unwrap().remove("code_challenge_methods_supported");
    })
    .await;
    let configured = of(named("slack"), &mock.issuer);
    let identity = identified(&configured).await.unwrap();
    is(&identity, ("U0R7JM", Some(("krane@example.com", true)), Some("krane"), None));
    let refused = json!({"ok": false, "error": "invalid_code"}).to_string();
    mock.state().always.insert("/token".to_owned(), Answer::With(200, refused));
    let fault = ProviderFault::Refused { error: "invalid_code".to_owned() };
    assert_eq!(identified(&configured).await.err(), Some(fault));
}

/// Its ID tokens have no nonce, and its locale is an object. It refuses code verifiers, and secrets in a header.
#[tokio::test]
async fn linkedin_states_no_nonce_and_a_wrong_one_is_refused_all_the_same() {
    let claims = json!({
        "sub": "782bbtaQ", "name": "John Doe", "given_name": "John", "family_name": "Doe",
        "locale": {"country": "US", "language": "en"}, "email": "doe@example.com", "email_verified": "true",
    });
    let mock = mock("/oauth", claims, |state| {
        state.claims["nonce"] = Value::Null;
        state.refuses_pkce = true;
        state.metadata.as_object_mut().unwrap().remove("code_challenge_methods_supported");
    })
    .await;
    let configured = of(named("linkedin"), &mock.issuer);
    let identity = identified(&configured).await.unwrap();
    is(&identity, ("782bbtaQ", Some(("doe@example.com", true)), Some("John Doe"), None));
    assert_eq!(identity.locale, None);
    assert!(!authorization(&configured).await.contains_key("code_challenge"));
    mock.state().claims["nonce"] = "of another attempt".into();
    let refused = Err(ProviderFault::Untrusted(Untrusted::Nonce));
    assert_eq!(identified(&configured).await.map(|_| ()), refused);
}

/// Its discovery document has no token endpoint, and it never says that an address is verified.
#[tokio::test]
async fn facebook_has_a_token_endpoint_that_it_does_not_publish() {
    let claims = json!({
        "sub": "10224678912", "jti": "x", "email": "ann@example.com", "name": "Ann Example", "given_name": "Ann",
        "family_name": "Example", "picture": "https://platform-lookaside.fbsbx.com/x",
    });
    let mock = mock("", claims, |state| {
        state.metadata.as_object_mut().unwrap().remove("token_endpoint");
    })
    .await;
    let facebook = named("facebook");
    assert_eq!(facebook.quirks.token_endpoint, Some("https://graph.facebook.com/v21.0/oauth/access_token"));
    // The same, with its token endpoint on this machine.
    let token: &'static str = Box::leak(format!("{}/token", mock.issuer).into_boxed_str());
    let here = Preset { quirks: Quirks { token_endpoint: Some(token), ..copied(&facebook.quirks) }, ..*facebook };
    let configured = of(Box::leak(Box::new(here)), &mock.issuer);
    let identity = identified(&configured).await.unwrap();
    is(&identity, ("10224678912", Some(("ann@example.com", false)), Some("Ann Example"), None));
    let state = mock.state();
    let token = state.requests.iter().find(|request| request.path() == "/token").unwrap();
    assert!(token.body.contains("client_secret=") && !token.headers.contains_key("authorization"));
}

fn copied(quirks: &Quirks) -> Quirks {
    let Quirks {
        parameters, omits_nonce, refuses_pkce, secret_in_body, no_groups, token_endpoint, signed_secret, ..
    } = *quirks;
    Quirks {
        parameters,
        omits_nonce,
        refuses_pkce,
        secret_in_body,
        no_groups,
        token_endpoint,
        signed_secret,
        oauth: None,
    }
}

#[tokio::test]
async fn an_issuer_of_auth0_ends_in_a_slash() {
    let claims = json!({
        "sub": "auth0|5f7c8ec7c33c6c004bbafe82", "sid": "YGBmkNBXT", "nickname": "ann", "name": "Ann Example",
        "picture": "https://s.gravatar.com/x", "updated_at": "2026-01-01T00:00:00.000Z", "email": "ann@example.com",
        "email_verified": true,
    });
    let mock = mock("/", claims, |_| ()).await;
    let identity = identified(&of(named("auth0"), &mock.issuer)).await.unwrap();
    assert!(identity.issuer.ends_with('/'));
    let expected =
        ("auth0|5f7c8ec7c33c6c004bbafe82", Some(("ann@example.com", true)), Some("Ann Example"), Some("ann"));
    is(&identity, expected);
    assert_eq!(identity.session.as_deref(), Some("YGBmkNBXT"));
}

#[tokio::test]
async fn a_realm_of_keycloak_states_groups_and_sends_logout_tokens() {
    let claims = json!({
        "sub": "f7d3b2a1-5c11-4a7e-9d62-0f2f7d0c0a11", "auth_time": NOW, "jti": "d2", "typ": "ID", "azp": CLIENT, "acr": "1",
        "session_state": "7c0f", "sid": "7c0f", "email_verified": true, "name": "Ann Example",
        "preferred_username": "ann", "email": "ann@example.com", "groups": ["/staff"],
    });
    let mock = mock("/realms/work", claims, |_| ()).await;
    let configured = of(named("keycloak"), &mock.issuer);
    let identity = identified(&configured).await.unwrap();
    let subject = "f7d3b2a1-5c11-4a7e-9d62-0f2f7d0c0a11";
    is(&identity, (subject, Some(("ann@example.com", true)), Some("Ann Example"), Some("ann")));
    assert_eq!(identity.groups, Some(vec!["/staff".to_owned()]));
    let token = {
        let state = mock.state();
        let event = json!({"http://schemas.openid.net/event/backchannel-logout": {}});
        let claims = json!({
            "iss": mock.issuer, "aud": CLIENT, "iat": NOW, "exp": NOW + 120, "jti": "e3", "typ": "Logout",
            "sub": subject, "sid": "7c0f", "events": event,
        });
        state.signing.jwt(&json!({"typ": "logout+jwt"}), &claims)
    };
    let logout = providers().logout(&configured, &token, crate::now()).await.unwrap();
    assert_eq!((logout.subject.as_deref(), logout.session), (Some(subject), identity.session));
}
