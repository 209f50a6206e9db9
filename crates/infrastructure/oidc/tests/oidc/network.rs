//! Providers that stall, fail, redirect, or are where they may not be.
use crate::mock::{Answer, Mock};
use crate::{answer, configured, identified, now, patient, provider, providers, secret};
use doorward_domain::{ProviderKind, ProviderName};
use doorward_ports::outbound::{
    AuthorizationAnswer, IdentityProvider, Misconfiguration, Outage, ProviderFault, ProviderStatus,
};
use serde_json::json;
use std::time::{Duration, Instant};

const DISCOVERY: &str = "/.well-known/openid-configuration";
const PATHS: [&str; 4] = [DISCOVERY, "/keys", "/token", "/userinfo"];

/// A mock that needs all four, and answers like this at one of them.
async fn mock(path: &str, answer: Answer) -> Mock {
    Mock::start().await.with(|state| {
        state.claims.as_object_mut().unwrap().remove("email");
        state.always.insert(path.to_owned(), answer);
    })
}

#[tokio::test]
async fn what_stalls_is_given_up_and_not_repeated() {
    for path in PATHS {
        let mock = mock(path, Answer::Stall).await;
        let began = Instant::now();
        let fault = patient(Duration::from_millis(300)).identify(&configured(&mock), &answer()).await.err();
        assert_eq!(fault, Some(ProviderFault::Unavailable(Outage::Timeout)), "{path}");
        assert!(began.elapsed() < Duration::from_secs(5), "{path}: {:?}", began.elapsed());
        assert_eq!(mock.count(path), 1, "{path}");
    }
}

#[tokio::test]
async fn an_answer_without_an_end_is_refused() {
    for path in PATHS {
        let fault = identified(&mock(path, Answer::Huge).await).await.err();
        assert_eq!(fault, Some(ProviderFault::Misconfigured(Misconfiguration::AnswerTooLong)), "{path}");
    }
}

#[tokio::test]
async fn no_redirect_is_followed_not_even_once() {
    for path in PATHS {
        let mock = mock(path, Answer::Redirect(path.to_owned())).await;
        let fault = identified(&mock).await.err();
        assert_eq!(fault, Some(ProviderFault::Misconfigured(Misconfiguration::Redirect)), "{path}");
        assert_eq!(mock.count(path), 1, "{path}");
    }
}

#[tokio::test]
async fn what_fails_is_read_again_but_a_code_is_sent_once() {
    for (path, attempts) in [(DISCOVERY, 3), ("/keys", 3), ("/token", 1), ("/userinfo", 3)] {
        let mock = mock(path, Answer::With(500, "oops".to_owned())).await;
        let fault = identified(&mock).await.err();
        assert_eq!(fault, Some(ProviderFault::Unavailable(Outage::ServerError)), "{path}");
        assert_eq!(mock.count(path), attempts, "{path}");
    }
    let mock = mock("/none", Answer::Stall).await;
    for path in [DISCOVERY, "/keys", "/userinfo"] {
        let failures = [Answer::With(503, String::new()), Answer::With(500, String::new())];
        mock.state().once.insert(path.to_owned(), failures.into());
    }
    identified(&mock).await.unwrap();
}

#[tokio::test]
async fn a_provider_that_asks_for_fewer_requests_gets_no_more() {
    let mock = mock(DISCOVERY, Answer::With(429, String::new())).await;
    assert_eq!(identified(&mock).await.err(), Some(ProviderFault::Unavailable(Outage::Busy)));
    assert_eq!(mock.count(DISCOVERY), 1);
}

#[tokio::test]
async fn a_provider_that_fails_again_and_again_is_left_alone_for_a_while() {
    let mock = mock("/token", Answer::With(500, String::new())).await;
    let (providers, configured) = (providers(), configured(&mock));
    let mut faults = Vec::new();
    for _ in 0..20 {
        faults.push(providers.identify(&configured, &answer()).await.err());
    }
    assert_eq!(faults[..5], vec![Some(ProviderFault::Unavailable(Outage::ServerError)); 5]);
    assert_eq!(faults[5..], vec![Some(ProviderFault::Unavailable(Outage::CircuitOpen)); 15]);
    assert_eq!(mock.count("/token"), 5);
    mock.state().always.clear();
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(30)).await;
    tokio::time::resume();
    providers.identify(&configured, &answer()).await.unwrap();
}

#[tokio::test]
async fn one_provider_in_trouble_does_not_stop_another() {
    let (bad, good) = (mock("/token", Answer::With(500, String::new())).await, Mock::start().await);
    let providers = providers();
    let mut other = configured(&bad);
    other.provider.name = ProviderName::parse("bad").unwrap();
    for _ in 0..10 {
        providers.identify(&other, &answer()).await.unwrap_err();
    }
    providers.identify(&configured(&good), &answer()).await.unwrap();
}

#[tokio::test]
async fn what_was_read_is_used_for_a_day_while_the_provider_is_away() {
    let mock = Mock::start().await;
    let (providers, configured) = (providers(), configured(&mock));
    providers.identify(&configured, &answer()).await.unwrap();
    let later = async |hours: u64| {
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(hours * 3600)).await;
        tokio::time::resume();
        providers.identify(&configured, &answer()).await.err()
    };
    for path in [DISCOVERY, "/keys"] {
        mock.state().always.insert(path.to_owned(), Answer::With(500, String::new()));
    }
    assert_eq!(later(2).await, None);
    assert!(mock.count(DISCOVERY) > 1, "it was tried");
    let tried = mock.count(DISCOVERY);
    assert_eq!(providers.identify(&configured, &answer()).await.err(), None);
    assert_eq!(mock.count(DISCOVERY), tried, "not again at once");
    assert!(matches!(later(23).await, Some(ProviderFault::Unavailable(_))));
}

#[tokio::test]
async fn a_discovery_document_is_the_one_of_its_issuer() {
    let misconfigured = |what| Some(ProviderFault::Misconfigured(what));
    for (field, value, expected) in [
        ("issuer", json!("https://evil.example"), Misconfiguration::DiscoveryIssuer),
        ("issuer", json!(null), Misconfiguration::MalformedAnswer),
        ("authorization_endpoint", json!("x"), Misconfiguration::MalformedAnswer),
        ("jwks_uri", json!(null), Misconfiguration::MalformedAnswer),
        ("token_endpoint", json!(null), Misconfiguration::MissingEndpoint),
        ("token_endpoint", json!("ftp://a.example/"), Misconfiguration::Url),
        ("id_token_signing_alg_values_supported", json!(["none", "HS256"]), Misconfiguration::Algorithms),
        ("id_token_signing_alg_values_supported", json!(["ES256"]), Misconfiguration::NoKeys),
        ("code_challenge_methods_supported", json!(["plain"]), Misconfiguration::Unsupported),
    ] {
        let mock = Mock::start().await.with(|state| state.metadata[field] = value.clone());
        assert_eq!(identified(&mock).await.err(), misconfigured(expected), "{field} {value}");
    }
    let slash = Mock::start()
        .await
        .with(|state| state.metadata["issuer"] = format!("{}/", state.claims["iss"].as_str().unwrap()).into());
    assert_eq!(identified(&slash).await.err(), misconfigured(Misconfiguration::DiscoveryIssuer));
    for (answer, expected) in [
        (Answer::With(404, "{}".to_owned()), Misconfiguration::NoDiscovery),
        (Answer::With(200, "<html>".to_owned()), Misconfiguration::MalformedAnswer),
    ] {
        assert_eq!(identified(&mock(DISCOVERY, answer).await).await.err(), misconfigured(expected));
    }
}

#[tokio::test]
async fn keys_that_are_short_symmetric_or_for_encryption_are_none() {
    let usable = Mock::start().await.state().published[0].jwk();
    let mut encrypting = usable.clone();
    encrypting["use"] = "enc".into();
    let mut short = usable.clone();
    short["n"] = crate::mock::base64url([0xc1; 128]).into();
    let symmetric = json!({"kty": "oct", "kid": "first", "k": "c2VjcmV0"});
    for key in [encrypting, short, symmetric, json!({"kty": "X"}), json!({}), json!(1)] {
        let mock = mock("/keys", Answer::With(200, json!({"keys": [key]}).to_string())).await;
        let fault = identified(&mock).await.err();
        assert_eq!(fault, Some(ProviderFault::Misconfigured(Misconfiguration::NoKeys)), "{key}");
    }
    let odd = json!({"keys": [1, {"kty": "X"}, usable]}).to_string();
    let signing = Mock::start().await;
    let mock = signing.with(|state| {
        let odd = odd.replace(usable["n"].as_str().unwrap(), state.published[0].jwk()["n"].as_str().unwrap());
        state.always.insert("/keys".to_owned(), Answer::With(200, odd));
    });
    identified(&mock).await.unwrap();
}

#[tokio::test]
async fn addresses_inside_of_the_network_are_not_called() {
    let address = ProviderFault::Misconfigured(Misconfiguration::Address);
    for issuer in
        ["https://10.0.0.1", "https://169.254.169.254/latest", "https://192.168.1.1:8443", "https://[fd00::1]"]
    {
        let fault = providers().identify(&provider(ProviderKind::Oidc, issuer), &answer()).await.err();
        assert_eq!(fault, Some(address.clone()), "{issuer}");
    }
    // The issuer is outside, and what it publishes leads inside.
    for field in ["jwks_uri", "token_endpoint"] {
        let mock = Mock::start().await.with(|state| state.metadata[field] = "https://10.0.0.1/x".into());
        assert_eq!(identified(&mock).await.err(), Some(address.clone()), "{field}");
    }
}

#[tokio::test]
async fn a_provider_that_is_not_there_is_unavailable() {
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let refused = provider(ProviderKind::Oidc, &format!("http://{closed}"));
    let fault = providers().identify(&refused, &answer()).await.err();
    assert_eq!(fault, Some(ProviderFault::Unavailable(Outage::Connection)));
    let mock = Mock::start().await;
    let https = provider(ProviderKind::Oidc, &mock.issuer.replace("http:", "https:"));
    let fault = providers().identify(&https, &answer()).await.err();
    assert_eq!(fault, Some(ProviderFault::Unavailable(Outage::Tls)));
}

#[tokio::test]
async fn the_client_secret_goes_to_the_token_endpoint_and_nowhere_else() {
    let mock = Mock::start().await.with(|state| {
        state.claims.as_object_mut().unwrap().remove("email");
    });
    let wrong = AuthorizationAnswer { code: secret("other"), ..answer() };
    providers().identify(&configured(&mock), &wrong).await.unwrap_err();
    identified(&mock).await.unwrap();
    for request in &mock.state().requests {
        let everything = format!("{}{:?}{}", request.line, request.headers, request.body);
        let told = everything.contains("marked") || everything.contains("Basic ");
        assert_eq!(told, request.path() == "/token", "{}", request.line);
    }
}

#[tokio::test]
async fn a_background_check_knows_who_is_available_and_since_when() {
    let mock = Mock::start().await;
    let (providers, configured) = (providers(), configured(&mock));
    let name = configured.provider.name.clone();
    let at = |seconds| now().plus(Duration::from_secs(seconds));
    assert_eq!(providers.status(&name), None);
    let all = [configured];
    for seconds in [0, 10] {
        providers.refresh(&all, at(seconds)).await;
        assert_eq!(providers.status(&name), Some(ProviderStatus { fault: None, since: at(0) }));
    }
    assert_eq!((mock.count(DISCOVERY), mock.count("/keys")), (2, 2));
    mock.state().always.insert("/keys".to_owned(), Answer::With(500, String::new()));
    for seconds in [20, 30] {
        providers.refresh(&all, at(seconds)).await;
        let status = providers.status(&name).unwrap();
        assert!(!status.is_available());
        assert_eq!(status.since, at(20));
    }
    mock.state().always.clear();
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(30)).await;
    tokio::time::resume();
    providers.refresh(&all, at(40)).await;
    assert_eq!(providers.status(&name), Some(ProviderStatus { fault: None, since: at(40) }));
    providers.refresh(&[], at(50)).await;
    assert_eq!(providers.status(&name), None);
}
