use doorward_domain::{self as domain, IdentityId, ProviderName, Timestamp};
use doorward_ports::inbound::OfferedProvider;
use serde::Serialize;

/// A way to sign in.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignInProvider {
    /// The name of the provider in requests; `local` is the password.
    #[cfg_attr(feature = "openapi", schema(examples("google")))]
    pub name: String,
    /// The name of the provider for people.
    #[cfg_attr(feature = "openapi", schema(examples("Google")))]
    pub display_name: String,
    /// The kind of the provider.
    #[cfg_attr(feature = "openapi", schema(pattern = "^(local|oidc|entra|okta|google|github)$"))]
    pub kind: &'static str,
    /// The icon of the provider, if it has one.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub icon: Option<String>,
    /// Whether the provider could be used at the last check.
    pub available: bool,
    /// Since when that is so; `null` if it was never checked.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, required = true))]
    pub since: Option<Timestamp>,
}

impl From<OfferedProvider> for SignInProvider {
    fn from(offered: OfferedProvider) -> Self {
        let OfferedProvider { name, display_name, kind, icon, available, since } = offered;
        Self { name, display_name, kind, icon, available, since }
    }
}

/// A person at a provider who signs in to the account.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Identity {
    /// The id of the identity.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Uuid))]
    pub id: IdentityId,
    /// The name of the provider.
    #[cfg_attr(feature = "openapi", schema(value_type = String, examples("google")))]
    pub provider: ProviderName,
    /// The issuer of the provider.
    pub issuer: String,
    /// The subject that the provider gives to this person only.
    pub subject: String,
    /// When the identity was linked to the account.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub linked_at: Timestamp,
    /// When somebody last signed in with it.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, required = true))]
    pub last_used_at: Option<Timestamp>,
}

impl From<domain::Identity> for Identity {
    fn from(identity: domain::Identity) -> Self {
        Self {
            id: identity.id,
            provider: identity.provider,
            issuer: identity.key.issuer().to_owned(),
            subject: identity.key.subject().to_owned(),
            linked_at: identity.linked_at,
            last_used_at: identity.last_used_at,
        }
    }
}
