//! What a kind of provider refuses in its configuration, wherever that comes from.
use super::{ClaimMap, Provider, ProviderKind, Scope, Tenant};

impl ProviderKind {
    /// The name on sign-in pages, if all customers of this provider know it by one.
    #[must_use]
    pub const fn usual_name(self) -> Option<&'static str> {
        match self {
            Self::Entra => Some("Microsoft"),
            Self::Okta => Some("Okta"),
            Self::Google => Some("Google"),
            Self::Github => Some("GitHub"),
            Self::Oidc => None,
        }
    }

    /// Whether its people belong to tenants, so that the tenants that may sign in can be listed.
    #[must_use]
    pub const fn has_tenants(self) -> bool {
        matches!(self, Self::Entra)
    }

    /// Whether its people belong to domains, so that sign-ins can be restricted to one.
    #[must_use]
    pub const fn has_hosted_domains(self) -> bool {
        matches!(self, Self::Google)
    }

    /// Whether it states what it knows of a person in claims.
    #[must_use]
    pub const fn has_claims(self) -> bool {
        self.is_openid()
    }

    /// Whether it refuses every client without a secret.
    #[must_use]
    pub const fn requires_secret(self) -> bool {
        matches!(self, Self::Google | Self::Github)
    }
}

/// A part of a configuration that the kind of the provider refuses, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProviderMismatch {
    /// Tenants of a kind that has none.
    #[error("Only the kind entra has tenants; remove the list.")]
    Tenants,
    /// A list of tenants, where the issuer is the one of a single tenant.
    #[error("The issuer is the one of a single tenant already; remove the list, or use the issuer of organizations.")]
    SingleTenant,
    /// A hosted domain of a kind that has none.
    #[error("Only the kind google has a hosted domain; remove it.")]
    HostedDomain,
    /// A claim map of a kind without claims.
    #[error("This kind has no claims, but an API of its own; remove the claim map.")]
    ClaimMap,
    /// No scope `openid` for a kind that would send no ID token without it (OpenID Connect Core §3.1.2.1).
    #[error("This kind requires the scope openid; add it.")]
    Scopes,
    /// No client secret for a kind that requires one.
    #[error("This kind requires a client secret; create one in the provider's console.")]
    ClientSecret,
}

impl ProviderMismatch {
    /// The member of the configuration, by its name in requests.
    #[must_use]
    pub const fn member(self) -> &'static str {
        match self {
            Self::Tenants | Self::SingleTenant => "tenants",
            Self::HostedDomain => "hosted_domain",
            Self::ClaimMap => "claim_map",
            Self::Scopes => "scopes",
            Self::ClientSecret => "client_secret",
        }
    }
}

impl Provider {
    /// Everything that its kind refuses.
    #[must_use]
    pub fn mismatches(&self, has_secret: bool) -> Vec<ProviderMismatch> {
        use ProviderMismatch as M;
        let kind = self.kind;
        let is_single = || Tenant::of_issuer(self.issuer.as_str()).is_some_and(|tenant| tenant.is_single());
        let asks_for_openid = self.scopes.iter().map(Scope::as_str).any(|scope| scope == "openid");
        let rules = [
            (!kind.has_tenants() && !self.tenants.is_empty(), M::Tenants),
            (kind.has_tenants() && !self.tenants.is_empty() && is_single(), M::SingleTenant),
            (!kind.has_hosted_domains() && self.hosted_domain.is_some(), M::HostedDomain),
            (!kind.has_claims() && self.claim_map != ClaimMap::default(), M::ClaimMap),
            (kind.is_openid() && !asks_for_openid, M::Scopes),
            (kind.requires_secret() && !has_secret, M::ClientSecret),
        ];
        rules.into_iter().filter_map(|(is_broken, rule)| is_broken.then_some(rule)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ClaimName, Description, EmailDomain, Issuer, ProviderClientId, ProviderName, TenantId};

    fn of(kind: ProviderKind, issuer: &str) -> Provider {
        let identity = (Issuer::parse(issuer).unwrap(), ProviderClientId::parse("1").unwrap());
        Provider::new(ProviderName::parse("x").unwrap(), kind, Description::parse("X").unwrap(), identity)
    }

    #[test]
    fn the_defaults_of_each_kind_are_accepted_with_a_secret() {
        for &kind in ProviderKind::ALL {
            let provider = of(kind, "https://id.example.com");
            assert_eq!(provider.mismatches(true), [], "{kind}");
            let missing: &[_] = if kind.requires_secret() { &[ProviderMismatch::ClientSecret] } else { &[] };
            assert_eq!(provider.mismatches(false), missing, "{kind}");
        }
    }

    #[test]
    fn what_is_for_another_kind_is_refused() {
        let tenants = vec![TenantId::parse("72f988bf-86f1-41af-91ab-2d7cd011db47").unwrap()];
        let hosted_domain = Some(EmailDomain::parse("example.com").unwrap());
        let claim_map = ClaimMap { email: ClaimName::parse("mail").unwrap(), ..ClaimMap::default() };
        let all = |kind| {
            let (tenants, hosted_domain, claim_map) = (tenants.clone(), hosted_domain.clone(), claim_map.clone());
            let provider = of(kind, "https://id.example.com");
            Provider { tenants, hosted_domain, claim_map, scopes: Vec::new(), ..provider }.mismatches(true)
        };
        use ProviderMismatch as M;
        assert_eq!(all(ProviderKind::Oidc), [M::Tenants, M::HostedDomain, M::Scopes]);
        assert_eq!(all(ProviderKind::Github), [M::Tenants, M::HostedDomain, M::ClaimMap]);
        assert_eq!(all(ProviderKind::Google), [M::Tenants, M::Scopes]);
        assert_eq!(all(ProviderKind::Entra), [M::HostedDomain, M::Scopes]);
        let single = of(ProviderKind::Entra, &Tenant::Consumers.issuer());
        assert_eq!(Provider { tenants, ..single }.mismatches(true), [M::SingleTenant]);
    }
}
