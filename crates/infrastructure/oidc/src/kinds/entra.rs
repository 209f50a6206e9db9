use super::Kind;
use crate::claims::Claims;
use crate::rules;
use doorward_domain::{Issuer, Provider, TenantId};
use doorward_ports::outbound::Untrusted;
use std::borrow::Cow;

/// The tenant of all personal accounts.
const PERSONAL: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
/// What stands for the tenant in the published issuer of several tenants.
const ANY_TENANT: &str = "{tenantid}";

/// Microsoft Entra ID. `organizations`, `consumers` and `common` in place of a tenant stand for several, and the issuer
/// of their discovery document is a template.
///
/// `email` is whatever an administrator of the tenant has written, and no proof (known as `nOAuth`). `sub` differs for each
/// client, so the subject is `oid` within `tid`.
pub struct Entra;

impl Kind for Entra {
    fn published_issuer<'a>(&self, configured: &'a Issuer) -> Cow<'a, str> {
        let tenant = match tenant_of(configured.as_str()) {
            Some("common" | "organizations") => ANY_TENANT,
            Some("consumers") => PERSONAL,
            _ => return Cow::Borrowed(configured.as_str()),
        };
        Cow::Owned(with_tenant(configured.as_str(), tenant))
    }

    fn is_issuer(&self, published: &str, shown: &str) -> bool {
        let tenant = tenant_of(shown).and_then(|tenant| TenantId::parse(tenant).ok());
        tenant.is_some_and(|tenant| published.replace(ANY_TENANT, tenant.as_str()) == shown)
    }

    /// The `iss` of the token is the template with its own `tid`: else a token of one tenant could name another.
    fn issuer(&self, published: &str, claims: &Claims) -> Result<String, Untrusted> {
        let issuer = published.replace(ANY_TENANT, tenant(claims)?.as_str());
        if claims.text("iss") == Some(&issuer) { Ok(issuer) } else { Err(Untrusted::Issuer) }
    }

    fn admit(&self, provider: &Provider, claims: &Claims) -> Result<(), Untrusted> {
        let tenant = tenant(claims)?;
        let personal = tenant.as_str() == PERSONAL;
        let of_issuer = match tenant_of(provider.issuer.as_str()) {
            Some("organizations") => !personal,
            Some("consumers") => personal,
            _ => true,
        };
        let listed = provider.tenants.is_empty() || provider.tenants.contains(&tenant);
        if of_issuer && listed { Ok(()) } else { Err(Untrusted::Tenant) }
    }

    fn subject(&self, claims: &Claims) -> Result<String, Untrusted> {
        // `sub` is required all the same: user info is compared with it.
        rules::subject(claims)?;
        let object = claims.text("oid").and_then(|id| TenantId::parse(id).ok()).ok_or(Untrusted::Subject)?;
        Ok(format!("{}.{object}", tenant(claims)?))
    }

    /// A logout token names the subject by `sub`, which is not the one of the identity: only its session is used.
    fn logout_subject(&self, _: &Claims) -> Option<String> {
        None
    }

    /// The overage: beyond 200 groups, a token refers to Microsoft Graph, or says `hasgroups`.
    /// The mark says it of the claim `groups`, and of no other.
    fn withholds_groups(&self, claim: &str, claims: &Claims) -> bool {
        claim == "groups" && claims.is_true("hasgroups")
    }

    /// `xms_edov`: the tenant has proven that it owns the domain of the address.
    fn is_email_verified(&self, _: &Provider, claims: &Claims) -> bool {
        claims.is_true("xms_edov")
    }
}

fn tenant(claims: &Claims) -> Result<TenantId, Untrusted> {
    claims.text("tid").and_then(|tenant| TenantId::parse(tenant).ok()).ok_or(Untrusted::Tenant)
}

/// The first step of the path of an issuer.
fn tenant_of(issuer: &str) -> Option<&str> {
    issuer.split_once("://")?.1.split('/').nth(1)
}

fn with_tenant(issuer: &str, tenant: &str) -> String {
    let steps = issuer.split('/').enumerate().map(|(at, step)| if at == 3 { tenant } else { step });
    steps.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_tenants_publish_a_template() {
        let published = |issuer| Entra.published_issuer(&Issuer::parse(issuer).unwrap()).into_owned();
        let template = "https://login.microsoftonline.com/{tenantid}/v2.0";
        assert_eq!(published("https://login.microsoftonline.com/common/v2.0"), template);
        assert_eq!(published("https://login.microsoftonline.com/organizations/v2.0"), template);
        let personal = format!("https://login.microsoftonline.com/{PERSONAL}/v2.0");
        assert_eq!(published("https://login.microsoftonline.com/consumers/v2.0"), personal);
        assert_eq!(published(&personal), personal);
    }

    #[test]
    fn an_issuer_of_the_template_has_a_tenant_in_its_place() {
        let template = "https://login.microsoftonline.com/{tenantid}/v2.0";
        let is = |shown: &str| Entra.is_issuer(template, shown);
        assert!(is(&format!("https://login.microsoftonline.com/{PERSONAL}/v2.0")));
        for shown in [
            template,
            "https://login.microsoftonline.com/common/v2.0",
            &format!("https://login.microsoftonline.com/{PERSONAL}/v2.0/"),
            &format!("https://evil.example/{PERSONAL}/v2.0"),
            "",
        ] {
            assert!(!is(shown), "{shown}");
        }
    }
}
