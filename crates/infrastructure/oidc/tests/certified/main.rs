//! The adapter against a certified OpenID Provider: `oidc-provider`, from the npm registry. `tests/run` installs it.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use doorward_domain::{
    Description, EmailDomain, Issuer, Provider, ProviderClientId, ProviderKind, ProviderName, TenantId, Timestamp,
};
use doorward_oidc::{ProviderTools, Providers};
use doorward_outgoing::{Client, Options, Reach, Request};
use doorward_ports::Secret;
use doorward_ports::outbound::{
    AuthorizationAnswer, AuthorizationRequest, ConfiguredProvider, IdentityProvider, ProvenIdentity, ProviderFault,
    StepResult, Untrusted,
};
use doorward_testkit::SeededRandom;
use oauth2::url::Url;
use serde_json::json;
use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

/// Where `tests/run` has installed `oidc-provider`.
const FOLDER: &str = "DOORWARD_TEST_OIDC_PROVIDER";
const REDIRECT: &str = "https://id.example.com/api/v1/auth/callback/mock";
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const OTHER_TENANT: &str = "c1d2e3f4-0000-4000-8000-000000000001";

struct Certified {
    process: Child,
    configured: ConfiguredProvider,
    browser: String,
    client: Client,
    providers: Providers,
}

impl Drop for Certified {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Certified {
    /// The provider, signing with this algorithm; none where it is not installed.
    fn start(algorithm: &str) -> Option<Self> {
        Self::like(ProviderKind::Oidc, algorithm)
    }

    /// The provider, as one of this kind.
    fn like(kind: ProviderKind, algorithm: &str) -> Option<Self> {
        let Ok(folder) = std::env::var(FOLDER) else {
            println!("skipped: {FOLDER} is not set, and so oidc-provider is not installed");
            return None;
        };
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/certified/provider.mjs");
        let mut process = Command::new("node")
            .args([script, &folder, &json!({"algorithm": algorithm, "like": kind.as_str()}).to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut urls = lines.filter(|line| line.starts_with("http://"));
        let (issuer, browser) = (urls.next().expect("it has started"), urls.next().expect("it has started"));
        let client = Client::new(&Options { reach: Reach { loopback: true, private: false }, ..Options::default() });
        let client = client.unwrap();
        let tools =
            ProviderTools { client: client.clone(), random: Arc::new(SeededRandom::new(7)), observer: Arc::new(()) };
        let providers = Providers::new(tools);
        Some(Self { process, configured: configured(kind, &issuer), browser, client, providers })
    }

    async fn ask(&self, task: &str, url: &str) -> String {
        let mut ask = Url::parse(&format!("{}/{task}", self.browser)).unwrap();
        ask.query_pairs_mut().append_pair("url", url);
        let answer = self.client.send(Request::get(ask.as_str()).body(Vec::new()).unwrap()).await.unwrap();
        let (status, body) = (answer.status(), String::from_utf8(answer.into_body()).unwrap());
        assert!(status.is_success(), "{body}");
        body
    }

    /// A person signs in; the answer of the provider.
    async fn sign_in(&self, nonce: &str) -> AuthorizationAnswer {
        let request = AuthorizationRequest {
            state: "af0ifjsldkj".to_owned(),
            nonce: nonce.to_owned(),
            code_challenge: CHALLENGE.to_owned(),
            redirect_uri: REDIRECT.to_owned(),
            login_hint: None,
        };
        let url = self.providers.authorization_url(&self.configured, &request).await.unwrap();
        let end = Url::parse(&self.ask("browse", &url).await).unwrap();
        let mut answer: HashMap<String, String> = end.query_pairs().into_owned().collect();
        assert_eq!(answer.remove("state").as_deref(), Some("af0ifjsldkj"), "{end}");
        AuthorizationAnswer {
            code: Secret::new(answer.remove("code").expect("a code")),
            issuer: answer.remove("iss"),
            code_verifier: Secret::new(VERIFIER.to_owned()),
            nonce: nonce.to_owned(),
            redirect_uri: REDIRECT.to_owned(),
            now: now(),
        }
    }
}

fn configured(kind: ProviderKind, issuer: &str) -> ConfiguredProvider {
    // Entra ID is asked for people of all organizations.
    let issuer = issuer.replace(TENANT, "organizations");
    let provider = Provider::new(
        ProviderName::parse("certified").unwrap(),
        kind,
        Description::parse("Certified").unwrap(),
        (Issuer::parse(&issuer).unwrap(), ProviderClientId::parse("doorward-at-mock").unwrap()),
    );
    ConfiguredProvider { provider, client_secret: Some(Secret::new("marked-secret: 100%".to_owned())) }
}

#[expect(clippy::disallowed_methods, reason = "the provider is another process, which reads the real clock")]
fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp::EPOCH.plus(since)
}

#[tokio::test]
async fn a_person_signs_in_with_each_algorithm_and_signs_out() {
    for algorithm in ["RS256", "ES256", "EdDSA"] {
        let Some(certified) = Certified::start(algorithm) else { return };
        let answer = certified.sign_in("n-1").await;
        assert_eq!(answer.issuer.as_deref(), Some(certified.configured.provider.issuer.as_str()), "RFC 9207");
        let identity = certified.providers.identify(&certified.configured, &answer).await.unwrap();
        let email = identity.email.clone().unwrap();
        assert_eq!((email.address.as_str(), email.verified), ("ann@example.com", true), "{algorithm}");
        assert_eq!((identity.subject.as_str(), identity.full_name.as_deref()), ("person-4711", Some("Ann Example")));

        let again = certified.providers.identify(&certified.configured, &answer).await.err();
        assert_eq!(again, Some(ProviderFault::Refused { error: "invalid_grant".to_owned() }), "a code is used once");

        let sign_out = certified.providers.sign_out_url(&certified.configured, Some("https://app.example.com/")).await;
        let token = certified.ask("sign-out", &sign_out.unwrap().unwrap()).await;
        let logout = certified.providers.logout(&certified.configured, &token, now()).await.unwrap();
        assert_eq!((&logout.issuer, logout.subject.as_deref()), (&identity.issuer, Some("person-4711")));
        assert!(logout.session.is_some() && logout.session == identity.session);
    }
}

async fn identified(certified: &Certified) -> Result<ProvenIdentity, ProviderFault> {
    let answer = certified.sign_in("n-1").await;
    certified.providers.identify(&certified.configured, &answer).await
}

fn untrusted<T>(why: Untrusted) -> Result<T, ProviderFault> {
    Err(ProviderFault::Untrusted(why))
}

#[tokio::test]
async fn a_person_of_a_tenant_signs_in_by_the_issuer_of_all_organizations() {
    let Some(mut certified) = Certified::like(ProviderKind::Entra, "RS256") else { return };
    let identity = identified(&certified).await.unwrap();
    let email = identity.email.clone().unwrap();
    assert!(identity.issuer.ends_with(&format!("/{TENANT}/v2.0")), "{}", identity.issuer);
    assert_eq!(identity.subject, format!("{TENANT}.00000000-0000-0000-66f3-3332eca7ea81"));
    assert_eq!((email.address.as_str(), email.verified), ("ann@example.com", true), "xms_edov");
    assert_eq!(identity.groups.clone().map(|groups| groups.len()), Some(1));

    let sign_out = certified.providers.sign_out_url(&certified.configured, Some("https://app.example.com/")).await;
    let token = certified.ask("sign-out", &sign_out.unwrap().unwrap()).await;
    let logout = certified.providers.logout(&certified.configured, &token, now()).await.unwrap();
    assert_eq!((&logout.issuer, &logout.session, logout.subject), (&identity.issuer, &identity.session, None));

    certified.configured.provider.tenants = vec![TenantId::parse(OTHER_TENANT).unwrap()];
    assert_eq!(identified(&certified).await.map(|_| ()), untrusted(Untrusted::Tenant));
    certified.configured.provider.tenants = vec![TenantId::parse(TENANT).unwrap()];
    assert!(identified(&certified).await.is_ok());
}

#[tokio::test]
async fn a_person_of_okta_brings_their_groups() {
    let Some(certified) = Certified::like(ProviderKind::Okta, "RS256") else { return };
    assert!(certified.configured.provider.issuer.as_str().ends_with("/oauth2/default"));
    let identity = identified(&certified).await.unwrap();
    assert_eq!(identity.groups, Some(vec!["Everyone".to_owned(), "Help Desk".to_owned()]));
}

#[tokio::test]
async fn a_person_of_a_workspace_domain_signs_in_and_one_of_another_does_not() {
    let Some(mut certified) = Certified::like(ProviderKind::Google, "RS256") else { return };
    certified.configured.provider.hosted_domain = Some(EmailDomain::parse("example.com").unwrap());
    assert!(identified(&certified).await.is_ok());
    certified.configured.provider.hosted_domain = Some(EmailDomain::parse("example.org").unwrap());
    assert_eq!(identified(&certified).await.map(|_| ()), untrusted(Untrusted::HostedDomain));
}

#[tokio::test]
async fn a_person_who_signs_in_for_another_attempt_is_not_trusted() {
    let Some(certified) = Certified::start("RS256") else { return };
    let answer = AuthorizationAnswer { nonce: "n-2".to_owned(), ..certified.sign_in("n-1").await };
    let refused = certified.providers.identify(&certified.configured, &answer).await.err();
    assert_eq!(refused, Some(ProviderFault::Untrusted(Untrusted::Nonce)));
    let answer = AuthorizationAnswer {
        code_verifier: Secret::new("another-verifier-another-verifier-another-verifier".to_owned()),
        ..certified.sign_in("n-1").await
    };
    let refused = certified.providers.identify(&certified.configured, &answer).await.err();
    assert_eq!(refused, Some(ProviderFault::Refused { error: "invalid_grant".to_owned() }));
}

#[tokio::test]
async fn every_step_of_a_check_works_and_a_wrong_redirect_uri_is_found() {
    let Some(certified) = Certified::start("ES256") else { return };
    let failed = async |redirect_uri| {
        let steps = certified.providers.check(&certified.configured, redirect_uri, now()).await;
        steps.into_iter().filter(|step| matches!(step.result, StepResult::Failed(_))).collect::<Vec<_>>()
    };
    assert_eq!(failed(REDIRECT).await, []);
    let failures = failed("https://id.example.com/other").await;
    assert_eq!(failures.iter().map(|step| step.step.as_str()).collect::<Vec<_>>(), ["redirect_uri"], "{failures:?}");
}
