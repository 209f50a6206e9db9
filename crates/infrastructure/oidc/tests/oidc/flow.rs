use crate::mock::{ACCESS_TOKEN, Mock, NOW, REDIRECT, base64url};
use crate::{answer, configured, identified, providers, secret};
use doorward_domain::{ClaimName, GroupRole, Scope, Timestamp};
use doorward_ports::outbound::{
    AuthorizationAnswer, AuthorizationRequest, ConfiguredProvider, IdentityProvider, Misconfiguration, ProvenIdentity,
    ProviderFault, Untrusted,
};
use doorward_ports::usage::{CallKind, Usage};
use oauth2::url::Url;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::time::Duration;

pub fn request() -> AuthorizationRequest {
    AuthorizationRequest {
        state: "af0ifjsldkj".to_owned(),
        nonce: "n-1".to_owned(),
        code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned(),
        redirect_uri: REDIRECT.to_owned(),
        login_hint: Some("ann@example.com".to_owned()),
    }
}

/// The parameters of a URL; none occurs twice.
pub fn parameters(url: &str) -> BTreeMap<String, String> {
    let url = Url::parse(url).unwrap();
    let all: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    assert_eq!(all.len(), url.query_pairs().count());
    all
}

pub async fn authorization(configured: &ConfiguredProvider) -> BTreeMap<String, String> {
    parameters(&providers().authorization_url(configured, &request()).await.unwrap())
}

#[tokio::test]
async fn a_sign_in_begins_at_the_authorization_endpoint_with_pkce_state_and_nonce() {
    let mock = Mock::start().await;
    let url = providers().authorization_url(&configured(&mock), &request()).await.unwrap();
    assert!(url.starts_with(&format!("{}/authorize?", mock.issuer)), "{url}");
    let expected = [
        ("client_id", "doorward-at-mock"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
        ("login_hint", "ann@example.com"),
        ("nonce", "n-1"),
        ("redirect_uri", REDIRECT),
        ("response_type", "code"),
        ("scope", "openid email profile"),
        ("state", "af0ifjsldkj"),
    ];
    let expected: BTreeMap<_, _> = expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    assert_eq!(parameters(&url), expected);
}

#[tokio::test]
async fn the_scope_openid_is_asked_for_even_if_it_is_not_configured() {
    let mock = Mock::start().await;
    let mut configured = configured(&mock);
    configured.provider.scopes = vec![Scope::parse("email").unwrap()];
    assert_eq!(authorization(&configured).await["scope"], "openid email");
}

#[tokio::test]
async fn a_valid_answer_identifies_the_person() {
    let half = base64url(&Sha256::digest(ACCESS_TOKEN)[..16]);
    let mock = Mock::start().await.with(|state| {
        state.claims["at_hash"] = half.into();
        state.claims["groups"] = json!(["staff", "admins"]);
        state.claims["preferred_username"] = "ann".into();
        state.claims["locale"] = "en-GB".into();
        state.claims["sid"] = "08a5019c".into();
        state.claims["auth_time"] = (NOW - 60).into();
        state.claims["amr"] = json!(["pwd", "otp"]);
        // What is of no interest may have any type.
        state.claims["picture"] = json!({"data": {"url": "x"}});
        state.claims["updated_at"] = "2026-01-01T00:00:00Z".into();
        state.token["refresh_token"] = "marked-refresh".into();
    });
    let identity = identified(&mock).await.unwrap();
    let email = identity.email.clone().unwrap();
    assert_eq!((email.address.as_str(), email.verified), ("ann@example.com", true));
    let expected = ProvenIdentity {
        issuer: mock.issuer.clone(),
        subject: "248289761001".to_owned(),
        email: Some(email),
        full_name: Some("Ann Example".to_owned()),
        username: Some("ann".to_owned()),
        locale: Some("en-GB".to_owned()),
        groups: Some(vec!["staff".to_owned(), "admins".to_owned()]),
        session: Some("08a5019c".to_owned()),
        authenticated_at: Some(Timestamp::from_seconds(NOW - 60)),
        amr: vec!["pwd".to_owned(), "otp".to_owned()],
        refresh_token: Some(secret("marked-refresh")),
    };
    assert!(identity == expected, "{identity:?}");
    let shown = format!("{identity:?}{:?}", answer());
    for personal in ["ann", "Ann", "2482", "08a5", "staff", "marked", "Splx", "dBjf"] {
        assert!(!shown.contains(personal), "{shown}");
    }
}

#[tokio::test]
async fn a_client_authenticates_as_the_provider_declares() {
    for (methods, by_basic) in [
        (json!(["client_secret_post"]), false),
        (json!(["client_secret_post", "client_secret_basic"]), true),
        (json!(["private_key_jwt"]), true),
    ] {
        let mock = Mock::start().await.with(|state| {
            state.metadata["token_endpoint_auth_methods_supported"] = methods;
        });
        identified(&mock).await.unwrap();
        let state = mock.state();
        let token = state.requests.iter().find(|request| request.path() == "/token").unwrap();
        assert_eq!(
            (token.headers.contains_key("authorization"), token.body.contains("client_secret=")),
            (by_basic, !by_basic)
        );
    }
}

#[tokio::test]
async fn what_a_provider_publishes_is_read_once() {
    let mock = Mock::start().await;
    let (providers, configured) = (providers(), configured(&mock));
    for _ in 0..5 {
        providers.identify(&configured, &answer()).await.unwrap();
    }
    assert_eq!(["/.well-known/openid-configuration", "/keys", "/token"].map(|path| mock.count(path)), [1, 1, 5]);
}

#[tokio::test]
async fn many_at_once_read_what_a_provider_publishes_once() {
    let mock = Mock::start().await;
    let (providers, configured) = (providers(), configured(&mock));
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..32 {
        let (providers, configured) = (providers.clone(), configured.clone());
        all.spawn(async move { providers.identify(&configured, &answer()).await.is_ok() });
    }
    assert_eq!(all.join_all().await.into_iter().filter(|good| *good).count(), 32);
    assert_eq!(["/.well-known/openid-configuration", "/keys", "/token"].map(|path| mock.count(path)), [1, 1, 32]);
}

#[tokio::test]
async fn another_issuer_takes_effect_at_the_next_call() {
    let [before, after] = [Mock::start().await, Mock::start().await];
    let providers = providers();
    for mock in [&before, &after] {
        assert_eq!(providers.identify(&configured(mock), &answer()).await.unwrap().issuer, mock.issuer);
    }
    assert_eq!((before.count("/token"), after.count("/token")), (1, 1));
}

#[tokio::test]
async fn rfc_9207_an_answer_with_another_iss_sends_its_code_nowhere() {
    let mock = Mock::start().await;
    let refused = Err(ProviderFault::Untrusted(Untrusted::ResponseIssuer));
    let told = async |issuer: Option<&str>| {
        let answer = AuthorizationAnswer { issuer: issuer.map(str::to_owned), ..answer() };
        providers().identify(&configured(&mock), &answer).await.map(|_| ())
    };
    let slash = format!("{}/", mock.issuer);
    assert_eq!(told(Some(&mock.issuer)).await, Ok(()));
    assert_eq!(told(None).await, Ok(()), "it was not announced");
    let sent = mock.count("/token");
    for other in ["https://evil.example", "", &slash] {
        assert_eq!(told(Some(other)).await, refused, "{other:?}");
    }
    mock.state().metadata["authorization_response_iss_parameter_supported"] = true.into();
    assert_eq!(told(None).await, refused, "it was announced");
    assert_eq!(mock.count("/token"), sent);
    assert_eq!(told(Some(&mock.issuer)).await, Ok(()));
}

#[tokio::test]
async fn user_info_is_read_where_the_id_token_lacks_a_claim() {
    let mock = Mock::start().await;
    identified(&mock).await.unwrap();
    assert_eq!(mock.count("/userinfo"), 0);
    {
        let mut state = mock.state();
        state.claims.as_object_mut().unwrap().remove("email");
        state.user_info =
            json!({"sub": "248289761001", "email": "ann@b.example", "email_verified": true, "name": "Other"});
    }
    let identity = identified(&mock).await.unwrap();
    let email = identity.email.unwrap();
    assert_eq!((email.address.as_str(), email.verified), ("ann@b.example", true));
    assert_eq!(identity.full_name.as_deref(), Some("Ann Example"), "the ID token has it");
    let state = mock.state();
    let asked = state.requests.iter().find(|request| request.path() == "/userinfo").unwrap();
    assert_eq!(asked.headers["authorization"], format!("Bearer {ACCESS_TOKEN}"));
}

#[tokio::test]
async fn one_source_does_not_verify_the_address_of_the_other() {
    let mock = Mock::start().await.with(|state| {
        for claim in ["email_verified", "name"] {
            state.claims.as_object_mut().unwrap().remove(claim);
        }
        state.user_info =
            json!({"sub": "248289761001", "email": "eve@b.example", "email_verified": true, "name": "Eve"});
    });
    let identity = identified(&mock).await.unwrap();
    let email = identity.email.unwrap();
    assert_eq!((email.address.as_str(), email.verified), ("ann@example.com", false));
    assert_eq!(identity.full_name.as_deref(), Some("Eve"));
}

#[tokio::test]
async fn user_info_of_another_subject_is_refused() {
    for user_info in
        [json!({"sub": "other", "email": "a@b.example"}), json!({"email": "a@b.example"}), json!({"sub": 1})]
    {
        let mock = Mock::start().await.with(|state| {
            state.claims.as_object_mut().unwrap().remove("email");
            state.user_info = user_info;
        });
        assert_eq!(identified(&mock).await.err(), Some(ProviderFault::Untrusted(Untrusted::UserInfoSubject)));
    }
}

#[tokio::test]
async fn claims_are_found_by_the_claim_map_and_an_odd_address_is_none() {
    let mock = Mock::start().await.with(|state| {
        state.claims["mail"] = "bob@example.com".into();
        state.claims["mail_ok"] = "true".into();
        state.claims["https://example.com/roles"] = json!(["r"]);
    });
    let mut configured = configured(&mock);
    let named = |text| ClaimName::parse(text).unwrap();
    configured.provider.claim_map.email = named("mail");
    configured.provider.claim_map.email_verified = named("mail_ok");
    configured.provider.claim_map.groups = named("https://example.com/roles");
    let identity = providers().identify(&configured, &answer()).await.unwrap();
    let email = identity.email.unwrap();
    assert_eq!(
        (email.address.as_str(), email.verified, identity.groups),
        ("bob@example.com", true, Some(vec!["r".to_owned()]))
    );
    mock.state().claims["mail"] = "not an address".into();
    assert!(providers().identify(&configured, &answer()).await.unwrap().email.is_none());
}

#[tokio::test]
async fn groups_that_a_provider_has_left_out_are_not_known_and_groups_that_it_does_not_state_are_none() {
    let mock = Mock::start().await;
    let groups = async || identified(&mock).await.unwrap().groups;
    assert_eq!(groups().await, Some(vec![]));
    mock.state().claims["_claim_names"] = json!({"groups": "src1"});
    assert_eq!(groups().await, None, "OpenID Connect Core §5.6.2");
    mock.state().claims["groups"] = json!(["staff"]);
    assert_eq!(groups().await, Some(vec!["staff".to_owned()]));
    mock.state().claims["groups"] = json!(vec!["staff"; 501]);
    assert_eq!(groups().await, None, "more than are read");
}

#[tokio::test]
async fn groups_are_read_from_the_user_info_if_they_give_roles() {
    let mock = Mock::start().await.with(|state| {
        state.user_info = json!({"sub": "248289761001", "groups": ["staff"]});
    });
    let mut configured = configured(&mock);
    assert_eq!(providers().identify(&configured, &answer()).await.unwrap().groups, Some(vec![]));
    configured.provider.roles = [GroupRole::parse("staff=support").unwrap()].into_iter().collect();
    let groups = providers().identify(&configured, &answer()).await.unwrap().groups;
    assert_eq!(groups, Some(vec!["staff".to_owned()]));
}

#[tokio::test]
async fn what_the_token_endpoint_refuses_has_its_own_fault() {
    let misconfigured = ProviderFault::Misconfigured;
    let refused = |error: &str| ProviderFault::Refused { error: error.to_owned() };
    for (error, fault) in [
        ("invalid_client", misconfigured(Misconfiguration::InvalidClient)),
        ("unauthorized_client", misconfigured(Misconfiguration::UnauthorizedClient)),
        ("invalid_scope", misconfigured(Misconfiguration::Scope)),
        ("invalid_grant", refused("invalid_grant")),
        ("access_denied", refused("access_denied")),
        ("Something\nelse", refused("unknown")),
    ] {
        let body = json!({"error": error, "error_description": "marked"}).to_string();
        let mock = Mock::start().await.with(|state| {
            state.always.insert("/token".to_owned(), crate::mock::Answer::With(400, body));
        });
        let fault_seen = identified(&mock).await.unwrap_err();
        assert!(!fault_seen.to_string().contains("marked"));
        assert_eq!((fault_seen, mock.count("/token")), (fault, 1), "{error}");
    }
}

#[tokio::test]
async fn a_person_can_be_sent_to_sign_out_where_the_provider_supports_it() {
    let mock = Mock::start().await;
    let url = async || providers().sign_out_url(&configured(&mock), Some("https://app.example.com/")).await.unwrap();
    assert_eq!(url().await, None);
    mock.state().metadata["end_session_endpoint"] = format!("{}/logout?x=1", mock.issuer).into();
    let expected = format!(
        "{}/logout?x=1&client_id=doorward-at-mock&post_logout_redirect_uri=https%3A%2F%2Fapp.example.com%2F",
        mock.issuer
    );
    assert_eq!(url().await, Some(expected));
}

#[tokio::test]
async fn the_request_that_a_provider_is_called_for_counts_how_long_it_has_waited() {
    let mock = Mock::start().await;
    let usage = Usage::of_request(None);
    Usage::during(Some(usage.clone()), identified(&mock)).await.unwrap();
    assert!(usage.waited(CallKind::Provider) > Duration::ZERO, "{usage:?}");
    assert!(usage.waited(CallKind::Store).is_zero());
}
