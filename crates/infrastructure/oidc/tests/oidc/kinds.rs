//! Each kind, against a mock that answers as that provider documents.
use crate::flow::authorization;
use crate::mock::{ACCESS_TOKEN, Answer, Mock, State};
use crate::{answer, provider, providers};
use doorward_domain::{EmailDomain, ProviderKind, TenantId};
use doorward_ports::outbound::{
    ConfiguredProvider, IdentityProvider, Misconfiguration, ProvenIdentity, ProviderFault, Untrusted,
};
use serde_json::{Value, json};

const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const OTHER_TENANT: &str = "c1d2e3f4-0000-4000-8000-000000000001";
const PERSONAL: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
const OBJECT: &str = "00000000-0000-0000-66f3-3332eca7ea81";

async fn identified(configured: &ConfiguredProvider) -> Result<ProvenIdentity, ProviderFault> {
    providers().identify(configured, &answer()).await
}

#[tokio::test]
async fn a_restriction_that_is_for_another_kind_is_not_ignored() {
    let mock = Mock::start().await;
    let refused = Some(ProviderFault::Misconfigured(Misconfiguration::Settings));
    let providers = providers();
    for kind in [ProviderKind::Oidc, ProviderKind::Okta, ProviderKind::Google, ProviderKind::Github] {
        let mut configured = provider(kind, &mock.issuer);
        providers.identify(&configured, &answer()).await.ok();
        configured.provider.tenants = vec![TenantId::parse(TENANT).unwrap()];
        assert_eq!(providers.identify(&configured, &answer()).await.err(), refused, "{kind}");
    }
    for kind in [ProviderKind::Oidc, ProviderKind::Okta, ProviderKind::Entra, ProviderKind::Github] {
        let mut configured = provider(kind, &mock.issuer);
        configured.provider.hosted_domain = Some(EmailDomain::parse("example.com").unwrap());
        assert_eq!(identified(&configured).await.err(), refused, "{kind}");
    }
}

fn untrusted<T>(why: Untrusted) -> Result<T, ProviderFault> {
    Err(ProviderFault::Untrusted(why))
}

mod entra {
    use super::*;

    /// A mock of this issuer, which answers with a token of this tenant.
    async fn entra(issuer: &str, tenant: &str) -> (Mock, ConfiguredProvider) {
        let mock = Mock::below(&format!("/{issuer}/v2.0")).await;
        let base = mock.issuer.split("/common").next().unwrap().to_owned();
        let base = base.trim_end_matches("/v2.0").trim_end_matches(issuer).trim_end_matches('/').to_owned();
        let published = match issuer {
            "common" | "organizations" => "{tenantid}",
            "consumers" => PERSONAL,
            one => one,
        };
        let mock = mock.with(|state| {
            state.metadata["issuer"] = format!("{base}/{published}/v2.0").into();
            state.claims["iss"] = format!("{base}/{tenant}/v2.0").into();
            state.claims["tid"] = tenant.into();
            state.claims["oid"] = OBJECT.into();
            state.claims["sub"] = "pairwise".into();
        });
        let configured = provider(ProviderKind::Entra, &mock.issuer);
        (mock, configured)
    }

    async fn told(
        issuer: &str,
        tenant: &str,
        change: impl FnOnce(&mut State),
    ) -> Result<ProvenIdentity, ProviderFault> {
        let (mock, configured) = entra(issuer, tenant).await;
        let _mock = mock.with(change);
        identified(&configured).await
    }

    #[tokio::test]
    async fn a_person_is_the_object_within_the_tenant() {
        for issuer in ["common", "organizations", TENANT] {
            let (mock, configured) = entra(issuer, TENANT).await;
            let identity = identified(&configured).await.unwrap();
            assert_eq!(identity.issuer, mock.state().claims["iss"].as_str().unwrap(), "{issuer}");
            assert_eq!(identity.subject, format!("{TENANT}.{OBJECT}"), "{issuer}");
        }
        for missing in ["oid", "sub"] {
            let refused = told("common", TENANT, |state| state.claims[missing] = Value::Null).await;
            assert_eq!(refused.map(|_| ()), untrusted(Untrusted::Subject), "{missing}");
        }
    }

    #[tokio::test]
    async fn the_issuer_of_a_token_is_the_one_of_its_own_tenant() {
        let other = |state: &mut State| state.claims["tid"] = OTHER_TENANT.into();
        assert_eq!(told("common", TENANT, other).await.map(|_| ()), untrusted(Untrusted::Issuer));
        for tid in [Value::Null, json!("common"), json!("{tenantid}"), json!(1)] {
            let refused = told("common", TENANT, |state| state.claims["tid"] = tid.clone()).await;
            assert_eq!(refused.map(|_| ()), untrusted(Untrusted::Tenant), "{tid}");
        }
        for iss in ["https://evil.example/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0", "{tenantid}"] {
            let refused = told("common", TENANT, |state| state.claims["iss"] = iss.into()).await;
            assert_eq!(refused.map(|_| ()), untrusted(Untrusted::Issuer), "{iss}");
        }
    }

    #[tokio::test]
    async fn an_issuer_of_one_tenant_accepts_no_other() {
        let other = |state: &mut State| {
            let iss = state.claims["iss"].as_str().unwrap().replace(TENANT, OTHER_TENANT);
            state.claims["iss"] = iss.into();
            state.claims["tid"] = OTHER_TENANT.into();
        };
        assert_eq!(told(TENANT, TENANT, other).await.map(|_| ()), untrusted(Untrusted::Issuer));
    }

    #[tokio::test]
    async fn organizations_are_without_personal_accounts_and_consumers_have_no_others() {
        for (issuer, tenant, accepted) in [
            ("common", PERSONAL, true),
            ("common", TENANT, true),
            ("organizations", PERSONAL, false),
            ("consumers", PERSONAL, true),
        ] {
            let told = told(issuer, tenant, |_| ()).await.map(|_| ());
            assert_eq!(told, if accepted { Ok(()) } else { untrusted(Untrusted::Tenant) }, "{issuer} {tenant}");
        }
        assert_eq!(told("consumers", TENANT, |_| ()).await.map(|_| ()), untrusted(Untrusted::Issuer));
    }

    #[tokio::test]
    async fn a_tenant_that_is_not_listed_is_refused() {
        let (_mock, mut configured) = entra("common", TENANT).await;
        configured.provider.tenants = vec![TenantId::parse(OTHER_TENANT).unwrap()];
        assert_eq!(identified(&configured).await.map(|_| ()), untrusted(Untrusted::Tenant));
        configured.provider.tenants.push(TenantId::parse(TENANT).unwrap());
        identified(&configured).await.unwrap();
    }

    #[tokio::test]
    async fn an_address_is_verified_by_xms_edov_alone() {
        for (edov, verified) in [
            (json!(true), true),
            (json!("1"), true),
            (json!(1), true),
            (json!(false), false),
            (json!("0"), false),
            (Value::Null, false),
        ] {
            let identity = told("common", TENANT, |state| state.claims["xms_edov"] = edov.clone()).await.unwrap();
            assert_eq!(identity.email.unwrap().verified, verified, "{edov}");
        }
    }

    #[tokio::test]
    async fn the_discovery_document_of_another_tenant_is_refused() {
        let (mock, configured) = entra(TENANT, TENANT).await;
        let mock = mock.with(|state| {
            let issuer = state.metadata["issuer"].as_str().unwrap().replace(TENANT, OTHER_TENANT);
            state.metadata["issuer"] = issuer.into();
        });
        let refused = Err(ProviderFault::Misconfigured(Misconfiguration::DiscoveryIssuer));
        assert_eq!(identified(&configured).await.map(|_| ()), refused);
        assert_eq!(mock.count("/token"), 0);
    }
}

mod google {
    use super::*;

    async fn google(domain: Option<&str>) -> (Mock, ConfiguredProvider) {
        let mock = Mock::start().await;
        let mut configured = provider(ProviderKind::Google, &mock.issuer);
        configured.provider.hosted_domain = domain.map(|domain| EmailDomain::parse(domain).unwrap());
        (mock, configured)
    }

    #[tokio::test]
    async fn hd_is_asked_for_and_checked_in_the_token() {
        let (mock, configured) = google(Some("example.com")).await;
        assert_eq!(authorization(&configured).await["hd"], "example.com");
        for (hd, accepted) in [
            (json!("example.com"), true),
            (json!("EXAMPLE.com"), true),
            (Value::Null, false),
            (json!("example.org"), false),
            (json!("mail.example.com"), false),
            (json!(["example.com"]), false),
        ] {
            mock.state().claims["hd"] = hd.clone();
            let told = identified(&configured).await.map(|_| ());
            assert_eq!(told, if accepted { Ok(()) } else { untrusted(Untrusted::HostedDomain) }, "{hd}");
        }
    }

    #[tokio::test]
    async fn without_a_domain_everybody_may_come() {
        let (mock, configured) = google(None).await;
        assert!(!authorization(&configured).await.contains_key("hd"));
        for hd in [Value::Null, json!("example.org")] {
            mock.state().claims["hd"] = hd;
            identified(&configured).await.unwrap();
        }
    }
}

mod okta {
    use super::*;

    #[tokio::test]
    async fn both_authorization_servers_are_found_and_groups_are_read() {
        for path in ["", "/oauth2/default", "/oauth2/aus1"] {
            let mock = Mock::below(path).await.with(|state| state.claims["groups"] = json!(["Everyone", "Staff"]));
            let identity = identified(&provider(ProviderKind::Okta, &mock.issuer)).await.unwrap();
            assert_eq!(
                (identity.issuer, identity.groups.map(|all| all.len())),
                (mock.issuer.clone(), Some(2)),
                "{path}"
            );
        }
    }
}

mod github {
    use super::*;

    async fn github() -> (Mock, ConfiguredProvider) {
        let mock = Mock::start().await.with(|state| {
            state.user_info =
                json!({"id": 583_231, "login": "octocat", "name": "The Octocat", "email": "shown@example.com"});
            state.emails = json!([
                {"email": "other@example.com", "primary": false, "verified": true, "visibility": null},
                {"email": "octocat@example.com", "primary": true, "verified": true, "visibility": "private"},
            ]);
        });
        let configured = provider(ProviderKind::Github, &mock.issuer);
        (mock, configured)
    }

    #[tokio::test]
    async fn a_person_is_the_id_and_the_address_is_the_primary_one() {
        let (mock, configured) = github().await;
        let identity = identified(&configured).await.unwrap();
        let email = identity.email.unwrap();
        assert_eq!((identity.issuer.as_str(), identity.subject.as_str()), (mock.issuer.as_str(), "583231"));
        assert_eq!((email.address.as_str(), email.verified), ("octocat@example.com", true));
        assert_eq!(
            (identity.username.as_deref(), identity.full_name.as_deref()),
            (Some("octocat"), Some("The Octocat"))
        );
        let state = mock.state();
        let paths: Vec<_> = state.requests.iter().map(crate::mock::Request::path).collect();
        assert_eq!(paths, ["/login/oauth/access_token", "/api/v3/user", "/api/v3/user/emails"]);
        assert!(state.requests[1..].iter().all(|it| it.headers["authorization"] == format!("Bearer {ACCESS_TOKEN}")));
    }

    #[tokio::test]
    async fn an_address_that_is_not_verified_proves_nothing_and_none_is_none() {
        let (mock, configured) = github().await;
        mock.state().emails[1]["verified"] = false.into();
        assert!(!identified(&configured).await.unwrap().email.unwrap().verified);
        mock.state().emails[1]["primary"] = false.into();
        assert!(identified(&configured).await.unwrap().email.is_none());
        mock.state().always.insert("/api/v3/user/emails".to_owned(), Answer::With(404, "{}".to_owned()));
        assert!(identified(&configured).await.unwrap().email.is_none(), "without the scope user:email");
    }

    #[tokio::test]
    async fn a_sign_in_begins_without_openid() {
        let (mock, configured) = github().await;
        let url = authorization(&configured).await;
        assert_eq!((url["scope"].as_str(), url["code_challenge_method"].as_str()), ("read:user user:email", "S256"));
        assert!(!url.contains_key("nonce"));
        assert_eq!(mock.state().requests.len(), 0, "there is no discovery document");
    }

    #[tokio::test]
    async fn a_refusal_with_the_status_200_is_a_refusal() {
        let (mock, configured) = github().await;
        for (error, fault) in [
            ("bad_verification_code", ProviderFault::Refused { error: "bad_verification_code".to_owned() }),
            ("incorrect_client_credentials", ProviderFault::Misconfigured(Misconfiguration::InvalidClient)),
            ("redirect_uri_mismatch", ProviderFault::Misconfigured(Misconfiguration::RedirectUri)),
        ] {
            let body = json!({"error": error, "error_description": "x"}).to_string();
            mock.state().always.insert("/login/oauth/access_token".to_owned(), Answer::With(200, body));
            assert_eq!(identified(&configured).await.err(), Some(fault));
        }
    }

    #[tokio::test]
    async fn a_person_without_an_id_is_refused() {
        let (mock, configured) = github().await;
        for id in [Value::Null, json!(-1), json!(1.5), json!("")] {
            mock.state().user_info["id"] = id.clone();
            assert_eq!(identified(&configured).await.map(|_| ()), untrusted(Untrusted::Subject), "{id}");
        }
    }

    #[tokio::test]
    async fn it_sends_no_logout_tokens() {
        let (_mock, configured) = github().await;
        let refused = providers().logout(&configured, "a.b.c", crate::now()).await;
        assert_eq!(refused, untrusted(Untrusted::LogoutToken));
    }
}
