//! What a kind or a preset of provider refuses in its configuration, wherever that comes from.
use super::{ClaimMap, Provider, ProviderKind, Scope, Tenant};
use crate::RoleName;
use std::fmt;

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

/// With what Doorward shows a provider that it is the client, as far as the configuration contains it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GivenSecrets {
    /// The client secret that the provider has issued.
    pub secret: bool,
    /// The key that signs client secrets.
    pub key: bool,
}

/// Writes the rules: the member that breaks each, by its name in requests, what is wrong with it, and what to do.
macro_rules! mismatches {
    ($($(#[$doc:meta])* $variant:ident = $member:literal, $problem:literal, $cure:literal;)+) => {
        /// A part of a configuration that the kind or the preset of the provider refuses.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum ProviderMismatch {
            $($(#[$doc])* $variant,)+
        }

        impl ProviderMismatch {
            /// The member of the configuration, by its name in requests.
            #[must_use]
            pub const fn member(self) -> &'static str {
                match self { $(Self::$variant => $member,)+ }
            }

            /// What is wrong, as a sentence without its capital letter and its stop.
            #[must_use]
            pub const fn problem(self) -> &'static str {
                match self { $(Self::$variant => $problem,)+ }
            }

            /// What to do, in the same form.
            #[must_use]
            pub const fn cure(self) -> &'static str {
                match self { $(Self::$variant => $cure,)+ }
            }
        }
    };
}

mismatches! {
    /// A preset of another kind.
    Preset = "kind", "a preset is of the kind oidc", "remove the kind, or the preset";
    /// Tenants of a kind that has none.
    Tenants = "tenants", "only the kind entra has tenants", "remove the list";
    /// A list of tenants, where the issuer is the one of a single tenant.
    SingleTenant = "tenants", "the issuer is the one of a single tenant already",
        "remove the list, or use the issuer of organizations";
    /// A hosted domain of a kind that has none.
    HostedDomain = "hosted_domain", "only the kind google has a hosted domain", "remove it";
    /// A claim map of a kind without claims.
    ClaimMap = "claim_map", "this kind has no claims, but an API of its own", "remove the claim map";
    /// Roles by groups of a kind that states no groups.
    Roles = "roles", "this provider states no groups", "remove the list";
    /// Roles by groups of everybody's organization: each of them names its groups and gives its application roles as it likes.
    RolesOfAnybody = "roles", "people of every organization could be in a group of this name",
        "list the tenants, or use the issuer of one";
    /// A group that somebody has named `admin` elsewhere must not become the way to Doorward by mistake.
    Admin = "roles", "an entry gives the role admin",
        "remove it, or set roles_may_give_admin if whoever manages this group may control Doorward";
    /// No scope `openid` for a kind that would send no ID token without it (OpenID Connect Core §3.1.2.1).
    Scopes = "scopes", "this kind requires the scope openid", "add it";
    /// No client secret for a kind that requires one.
    ClientSecret = "client_secret", "this kind requires a client secret", "create one in the provider's console";
    /// A client secret for a preset that expects a signed one.
    SecretIsSigned = "client_secret", "for this preset, it is signed with client_key", "remove it, and set client_key";
    /// No key for a preset that expects a signed client secret.
    ClientKey = "client_key", "for this preset, it must be set", "download it from the provider's console: a .p8 file";
    /// No team for such a preset.
    TeamId = "team_id", "for this preset, it must be set", "copy it from the provider's console";
    /// No id of the key for such a preset.
    KeyId = "key_id", "for this preset, it must be set", "copy it from the provider's console";
    /// A key, and nothing that it would sign.
    UnusedClientKey = "client_key", "no client secret is signed here", "remove it; only the preset apple has it";
    /// A team, and nothing that is signed in its name.
    UnusedTeamId = "team_id", "no client secret is signed here", "remove it; only the preset apple has it";
    /// The id of a key, and nothing that it would sign.
    UnusedKeyId = "key_id", "no client secret is signed here", "remove it; only the preset apple has it";
}

impl fmt::Display for ProviderMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, rest) = self.problem().split_at(1);
        write!(f, "{}{rest}; {}.", first.to_ascii_uppercase(), self.cure())
    }
}

impl Provider {
    /// Everything that its kind and its preset refuse.
    #[must_use]
    pub fn mismatches(&self, given: GivenSecrets) -> Vec<ProviderMismatch> {
        use ProviderMismatch as M;
        let kind = self.kind;
        let tenant = Tenant::of_issuer(self.issuer.as_str());
        let is_single = tenant.as_ref().is_some_and(Tenant::is_single);
        let is_anybodys = self.tenants.is_empty() && tenant.is_some_and(|tenant| !tenant.is_single());
        let asks_for_openid = self.scopes.iter().map(Scope::as_str).any(|scope| scope == "openid");
        let rules = [
            (kind != ProviderKind::Oidc && self.preset.is_some(), M::Preset),
            (!kind.has_tenants() && !self.tenants.is_empty(), M::Tenants),
            (kind.has_tenants() && !self.tenants.is_empty() && is_single, M::SingleTenant),
            (!kind.has_hosted_domains() && self.hosted_domain.is_some(), M::HostedDomain),
            (!kind.has_claims() && self.claim_map != ClaimMap::default(), M::ClaimMap),
            (!self.states_groups() && !self.roles.is_empty(), M::Roles),
            (kind.has_tenants() && is_anybodys && !self.roles.is_empty(), M::RolesOfAnybody),
            (self.roles.gives(&RoleName::admin()) && !self.roles_may_give_admin, M::Admin),
            (self.is_openid() && !asks_for_openid, M::Scopes),
        ];
        let broken = rules.into_iter().chain(self.rules_of_secrets(given));
        broken.filter_map(|(is_broken, rule)| is_broken.then_some(rule)).collect()
    }

    fn rules_of_secrets(&self, given: GivenSecrets) -> [(bool, ProviderMismatch); 8] {
        use ProviderMismatch as M;
        let signed = self.has_signed_secret();
        [
            (self.kind.requires_secret() && !given.secret, M::ClientSecret),
            (signed && given.secret, M::SecretIsSigned),
            (signed && !given.key, M::ClientKey),
            (signed && self.team_id.is_none(), M::TeamId),
            (signed && self.key_id.is_none(), M::KeyId),
            (!signed && given.key, M::UnusedClientKey),
            (!signed && self.team_id.is_some(), M::UnusedTeamId),
            (!signed && self.key_id.is_some(), M::UnusedKeyId),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ClaimName, Description, EmailDomain, Issuer, Preset, ProviderClientId, ProviderName, RoleMap, TenantId,
    };

    const WITH_SECRET: GivenSecrets = GivenSecrets { secret: true, key: false };

    fn of(kind: ProviderKind, issuer: &str) -> Provider {
        let identity = (Issuer::parse(issuer).unwrap(), ProviderClientId::parse("1").unwrap());
        Provider::new(ProviderName::parse("x").unwrap(), kind, Description::parse("X").unwrap(), identity)
    }

    #[test]
    fn the_defaults_of_each_kind_are_accepted_with_a_secret() {
        for &kind in ProviderKind::ALL {
            let provider = of(kind, "https://id.example.com");
            assert_eq!(provider.mismatches(WITH_SECRET), [], "{kind}");
            let missing: &[_] = if kind.requires_secret() { &[ProviderMismatch::ClientSecret] } else { &[] };
            assert_eq!(provider.mismatches(GivenSecrets::default()), missing, "{kind}");
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
            Provider { tenants, hosted_domain, claim_map, scopes: Vec::new(), ..provider }.mismatches(WITH_SECRET)
        };
        use ProviderMismatch as M;
        assert_eq!(all(ProviderKind::Oidc), [M::Tenants, M::HostedDomain, M::Scopes]);
        assert_eq!(all(ProviderKind::Github), [M::Tenants, M::HostedDomain, M::ClaimMap]);
        assert_eq!(all(ProviderKind::Google), [M::Tenants, M::Scopes]);
        assert_eq!(all(ProviderKind::Entra), [M::HostedDomain, M::Scopes]);
        let single = of(ProviderKind::Entra, &Tenant::Consumers.issuer());
        assert_eq!(Provider { tenants, ..single }.mismatches(WITH_SECRET), [M::SingleTenant]);
    }

    /// The role admin is given only if the configuration says that it may, and GitHub states no groups.
    #[test]
    fn groups_give_the_role_admin_only_if_that_is_said() {
        let roles: RoleMap = ["staff=support", "bosses=admin"].iter().map(|text| text.parse().unwrap()).collect();
        let mapped = |kind, roles_may_give_admin| {
            let provider =
                Provider { roles: roles.clone(), roles_may_give_admin, ..of(kind, "https://id.example.com") };
            provider.mismatches(WITH_SECRET)
        };
        assert_eq!(mapped(ProviderKind::Oidc, false), [ProviderMismatch::Admin]);
        assert_eq!(mapped(ProviderKind::Oidc, true), []);
        assert_eq!(mapped(ProviderKind::Github, true), [ProviderMismatch::Roles]);
    }

    /// The administrators of each organization name its groups and give its application roles.
    #[test]
    fn groups_of_everybodys_organizations_give_no_roles() {
        let roles: RoleMap = ["staff=support"].iter().map(|text| text.parse().unwrap()).collect();
        let mapped = |tenant: Tenant, tenants: &[&str]| {
            let tenants = tenants.iter().map(|id| TenantId::parse(id).unwrap()).collect();
            let provider = of(ProviderKind::Entra, &tenant.issuer());
            Provider { roles: roles.clone(), tenants, ..provider }.mismatches(WITH_SECRET)
        };
        let one = "72f988bf-86f1-41af-91ab-2d7cd011db47";
        for anybody in [Tenant::Organizations, Tenant::Common] {
            assert_eq!(mapped(anybody.clone(), &[]), [ProviderMismatch::RolesOfAnybody]);
            assert_eq!(mapped(anybody, &[one]), []);
        }
        assert_eq!(mapped(Tenant::Id(TenantId::parse(one).unwrap()), &[]), []);
    }

    #[test]
    fn a_preset_that_states_no_groups_maps_none() {
        let roles: RoleMap = ["staff=support"].iter().map(|text| text.parse().unwrap()).collect();
        let stating: Vec<_> = Preset::ALL
            .iter()
            .filter(|preset| {
                let plain = of(ProviderKind::Oidc, "https://id.example.com");
                let mapped = Provider { preset: Some(preset), roles: roles.clone(), ..plain };
                !mapped.mismatches(WITH_SECRET).contains(&ProviderMismatch::Roles)
            })
            .map(|preset| preset.name)
            .collect();
        assert_eq!(stating, ["auth0", "gitlab", "keycloak"]);
    }

    #[test]
    fn a_preset_is_of_the_kind_oidc_and_only_apple_has_a_client_secret_that_is_signed() {
        use ProviderMismatch as M;
        let with_key = GivenSecrets { secret: false, key: true };
        let ids = || Some("ABC123DEFG".parse().unwrap());
        for preset in Preset::ALL {
            let scopes = preset.scopes.iter().map(|scope| scope.parse().unwrap()).collect();
            let plain = of(ProviderKind::Oidc, "https://id.example.com");
            let without = Provider { preset: Some(preset), scopes, ..plain };
            let with = Provider { team_id: ids(), key_id: ids(), ..without.clone() };
            if preset.quirks.signed_secret {
                assert_eq!(with.mismatches(with_key), []);
                assert_eq!(with.mismatches(WITH_SECRET), [M::SecretIsSigned, M::ClientKey]);
                assert_eq!(without.mismatches(with_key), [M::TeamId, M::KeyId]);
            } else {
                assert_eq!(without.mismatches(WITH_SECRET), [], "{}", preset.name);
                assert_eq!(with.mismatches(with_key), [M::UnusedClientKey, M::UnusedTeamId, M::UnusedKeyId]);
            }
        }
        let okta = Provider { preset: Preset::named("slack"), ..of(ProviderKind::Okta, "https://a.okta.com") };
        assert_eq!(okta.mismatches(WITH_SECRET), [M::Preset]);
    }

    #[test]
    fn a_rule_is_told_in_a_sentence_with_what_to_do() {
        assert_eq!(ProviderMismatch::Scopes.to_string(), "This kind requires the scope openid; add it.");
    }
}
