//! Identity providers, as somebody has configured them.
mod claims;
mod issuer;
mod kind;
mod name;
mod presets;
mod roles;
mod rules;
mod tenant;
mod values;

pub use claims::{ClaimMap, ClaimName, ClaimNameError};
pub use issuer::{Issuer, IssuerError};
pub use kind::{LinkingPolicy, ProviderKind};
pub use name::{ProviderName, ProviderNameError};
pub use presets::{OauthEndpoints, Preset, Quirks};
pub use roles::{GroupRole, GroupRoleError, RoleChanges, RoleMap};
pub use rules::{GivenSecrets, ProviderMismatch};
pub use tenant::{Tenant, TenantError};
pub use values::{
    ConsoleId, ConsoleIdError, EmailDomain, EmailDomainError, ProviderClientId, ProviderClientIdError, ProviderIcon,
    ProviderIconError, Scope, ScopeError, TenantId, TenantIdError, begins_like_a_private_key,
};

use crate::{Description, Email};

/// A provider with which people can sign in. Its client secret is no part of it, so that it can be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Provider {
    /// Its name, which is unique and never changes.
    pub name: ProviderName,
    /// Its kind.
    pub kind: ProviderKind,
    /// The preset that its configuration began with, and whose quirks it has.
    pub preset: Option<&'static Preset>,
    /// Its name on sign-in pages.
    pub display_name: Description,
    /// Its icon on sign-in pages.
    pub icon: Option<ProviderIcon>,
    /// Its issuer. For Entra ID with several tenants, this is the issuer of `organizations`, `consumers` or `common`;
    /// for GitHub, it is the URL of the server.
    pub issuer: Issuer,
    /// The client id that it has issued for Doorward.
    pub client_id: ProviderClientId,
    /// Apple: the team in whose name client secrets are signed.
    pub team_id: Option<ConsoleId>,
    /// Apple: the id of the key that signs them.
    pub key_id: Option<ConsoleId>,
    /// The scopes that it is asked for.
    pub scopes: Vec<Scope>,
    /// In which claims it states what Doorward keeps.
    pub claim_map: ClaimMap,
    /// Whether people without an account get one by signing in.
    pub registration: bool,
    /// Whether people can be connected with an account that exists.
    pub linking: LinkingPolicy,
    /// The domains whose e-mail addresses may register or be linked; if there are none, all may.
    pub email_domains: Vec<EmailDomain>,
    /// Entra ID: the tenants whose people may sign in; if there are none, those of all tenants that the issuer allows.
    pub tenants: Vec<TenantId>,
    /// Google: the Workspace domain whose people may sign in.
    pub hosted_domain: Option<EmailDomain>,
    /// Which roles its groups give. Whoever may set it can give each of these roles to everybody.
    pub roles: RoleMap,
    /// Whether they may give the role `admin`: whoever manages those groups at the provider then controls Doorward.
    pub roles_may_give_admin: bool,
    /// Whether it can be used.
    pub enabled: bool,
    /// Its position on sign-in pages; providers with the same position are in the order of their names.
    pub position: u16,
    /// Whether each sign-in updates the full name and the locale of the account.
    pub sync_profile: bool,
}

impl Provider {
    /// A provider with the defaults of its kind: enabled, with registration, and with [`LinkingPolicy::Ask`].
    #[must_use]
    pub fn new(
        name: ProviderName,
        kind: ProviderKind,
        display_name: Description,
        (issuer, client_id): (Issuer, ProviderClientId),
    ) -> Self {
        Self {
            name,
            kind,
            preset: None,
            display_name,
            icon: None,
            issuer,
            client_id,
            team_id: None,
            key_id: None,
            scopes: kind.usual_scopes().iter().filter_map(|scope| Scope::parse(scope).ok()).collect(),
            claim_map: ClaimMap::default(),
            registration: true,
            linking: LinkingPolicy::default(),
            email_domains: Vec::new(),
            tenants: Vec::new(),
            hosted_domain: None,
            roles: RoleMap::default(),
            roles_may_give_admin: false,
            enabled: true,
            position: 0,
            sync_profile: false,
        }
    }

    /// With the defaults of this preset.
    #[must_use]
    pub fn with_preset(self, preset: &'static Preset) -> Self {
        Self {
            preset: Some(preset),
            display_name: Description::parse(preset.display_name).unwrap_or(self.display_name),
            icon: ProviderIcon::parse(preset.name).ok(),
            scopes: preset.scopes.iter().filter_map(|scope| Scope::parse(scope).ok()).collect(),
            claim_map: preset.claim_map(),
            ..self
        }
    }

    /// Whether it speaks OpenID Connect, so that the scope `openid` is required.
    #[must_use]
    pub fn is_openid(&self) -> bool {
        self.kind.is_openid() && self.quirks().oauth.is_none()
    }

    /// What it does differently from the specifications, if it has a preset that knows.
    #[must_use]
    pub fn quirks(&self) -> &'static Quirks {
        self.preset.map_or(&presets::NO_QUIRKS, |preset| &preset.quirks)
    }

    /// Whether it can state the groups of a person.
    #[must_use]
    pub fn states_groups(&self) -> bool {
        self.kind.has_claims() && !self.quirks().no_groups
    }

    /// Whether its client secret is signed for each use, with a key that takes the place of the secret.
    #[must_use]
    pub fn has_signed_secret(&self) -> bool {
        self.quirks().signed_secret
    }

    /// Whether an account with this e-mail address may be registered with it or linked to it.
    #[must_use]
    pub fn accepts(&self, address: &Email) -> bool {
        self.email_domains.is_empty() || self.email_domains.iter().any(|domain| domain.has(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn google() -> Provider {
        let identity = (
            Issuer::parse(ProviderKind::Google.usual_issuer().unwrap()).unwrap(),
            ProviderClientId::parse("4711.apps.googleusercontent.com").unwrap(),
        );
        let name = ProviderName::parse("google").unwrap();
        Provider::new(name, ProviderKind::Google, Description::parse("Google").unwrap(), identity)
    }

    #[test]
    fn a_new_provider_has_the_defaults_of_its_kind() {
        let provider = google();
        assert_eq!(provider.scopes.iter().map(Scope::as_str).collect::<Vec<_>>(), ["openid", "email", "profile"]);
        assert!(provider.enabled && provider.registration && !provider.sync_profile);
        assert_eq!((provider.linking, provider.claim_map), (LinkingPolicy::Ask, ClaimMap::default()));
    }

    #[test]
    fn addresses_of_other_domains_are_not_accepted_if_domains_are_named() {
        let [ann, eve] = ["ann@example.com", "eve@example.com.evil.example"].map(|text| Email::parse(text).unwrap());
        let mut provider = google();
        assert!(provider.accepts(&ann) && provider.accepts(&eve));
        provider.email_domains = vec![EmailDomain::parse("example.com").unwrap()];
        assert!(provider.accepts(&ann) && !provider.accepts(&eve));
    }
}
