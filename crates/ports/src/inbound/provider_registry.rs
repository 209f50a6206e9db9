use super::{Change, given};
use crate::outbound::CheckedStep;
use crate::{Caller, Cursor, Limit, Page, Result, Secret, Versions};
use async_trait::async_trait;
use doorward_domain::{Provider, Timestamp};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Writes what may be sent of a new provider, and of a change: the same properties.
macro_rules! inputs {
    ($($(#[$meta:meta])* $property:ident: $type:ty,)*) => {
        /// A new provider. An absent property has the default of its preset or its kind.
        #[derive(Debug, Clone, Default, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub struct NewProvider {
            /// The name of the provider in URLs, in tokens and in the audit log. It never changes.
            #[cfg_attr(feature = "openapi", schema(pattern = "^[a-z0-9][a-z0-9_-]{0,31}$", examples("work")))]
            pub name: String,
            /// The kind of the provider. It never changes. It must be set unless there is a preset, whose kind is `oidc`.
            #[serde(default, deserialize_with = "given")]
            #[cfg_attr(feature = "openapi", schema(examples("oidc"), nullable = false))]
            pub kind: Option<String>,
            /// A provider that many people use, whose display name, issuer, scopes, claims and peculiarities are known. It
            /// never changes. Other properties override what it sets.
            #[serde(default, deserialize_with = "given")]
            #[cfg_attr(feature = "openapi", schema(examples("gitlab"), nullable = false))]
            pub preset: Option<String>,
            $($(#[$meta])* pub $property: $type,)*
        }

        /// What may be changed of a provider. An absent property does not change; a list replaces the old list; `null`
        /// removes a value.
        #[derive(Debug, Clone, Default, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ProviderPatch))]
        pub struct ProviderChange {
            $($(#[$meta])* pub $property: $type,)*
        }

        impl NewProvider {
            /// What never changes, and what differs from its defaults.
            #[must_use]
            pub fn into_parts(self) -> (UnchangingProperties, ProviderChange) {
                let unchanging = UnchangingProperties { name: self.name, kind: self.kind, preset: self.preset };
                (unchanging, ProviderChange { $($property: self.$property,)* })
            }
        }
    };
}

inputs! {
    /// The name of the provider for people. The default is the usual name of its preset or its kind, or its name.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200, examples("Work"), nullable = false))]
    display_name: Option<String>,
    /// The issuer of the provider. The default follows from the preset, the kind or the tenant.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(max_length = 255, examples("https://id.example.com"), nullable = false))]
    issuer: Option<String>,
    /// Entra ID, in place of the issuer: the id of a tenant, `organizations`, `consumers` or `common`.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    tenant: Option<String>,
    /// The client id that the provider has issued for Doorward. A new provider requires one.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 255, examples("doorward"), nullable = false))]
    client_id: Option<String>,
    /// The client secret that the provider has issued. No answer contains it.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Password, max_length = 4096, write_only))]
    client_secret: Change<Secret>,
    /// Apple, in place of a client secret: the key that signs one for each use, as PKCS#8 PEM. No answer contains it.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Password, max_length = 4096, write_only))]
    client_key: Change<Secret>,
    /// Apple: the id of this key.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 64, examples("ABC123DEFG")))]
    key_id: Change<String>,
    /// Apple: the id of the team.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 64, examples("DEF123GHIJ")))]
    team_id: Change<String>,
    /// The name or the URL of an icon for sign-in pages.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 2048, examples("google")))]
    icon: Change<String>,
    /// The scopes that the provider is asked for.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(max_items = 50, nullable = false))]
    scopes: Option<Vec<String>>,
    /// The claims in which the provider states `email`, `email_verified`, `full_name`, `username`, `locale` and `groups` of a
    /// person. An absent one is the claim of the preset, or the standard claim.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    claim_map: Option<BTreeMap<String, String>>,
    /// Whether people without an account get one by signing in.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    registration: Option<bool>,
    /// Whether people can be connected with an account that exists: `ask`, `verified_email` or `never`.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(pattern = "^(ask|verified_email|never)$", nullable = false))]
    linking: Option<String>,
    /// The domains whose e-mail addresses may register or be linked; if there are none, all may.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(max_items = 50, nullable = false))]
    email_domains: Option<Vec<String>>,
    /// Entra ID: the ids of the tenants whose people may sign in; if there are none, those of all tenants.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(max_items = 50, nullable = false))]
    tenants: Option<Vec<String>>,
    /// Google: the Workspace domain whose people may sign in.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    hosted_domain: Change<String>,
    /// Which roles the groups at the provider give, as `GROUP=ROLE`. Each sign-in gives and takes the roles of this list, and
    /// no other. Only a caller who has all permissions of these roles may set it, or change a provider that has one.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(max_items = 50, nullable = false))]
    roles: Option<Vec<String>>,
    /// Whether this list may give the role `admin`: whoever manages that group at the provider then controls Doorward.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    roles_may_give_admin: Option<bool>,
    /// Whether the provider can be used.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    enabled: Option<bool>,
    /// The position on sign-in pages.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    position: Option<u16>,
    /// Whether each sign-in updates the full name and the locale of the account.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    sync_profile: Option<bool>,
}

/// What never changes of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnchangingProperties {
    /// Its name.
    pub name: String,
    /// Its kind; none if there is a preset.
    pub kind: Option<String>,
    /// Its preset.
    pub preset: Option<String>,
}

/// Where a provider is configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderSource {
    /// In the settings; only the operator can change it, and a restart is needed.
    Settings,
    /// In the database.
    Database {
        /// When it was added.
        created_at: Timestamp,
        /// When it was last changed.
        updated_at: Timestamp,
        /// The number of its changes, for its `ETag`.
        version: i64,
    },
}

impl ProviderSource {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Database { .. } => "database",
        }
    }

    /// The version of a provider in the database.
    #[must_use]
    pub const fn version(self) -> Option<i64> {
        match self {
            Self::Settings => None,
            Self::Database { version, .. } => Some(version),
        }
    }
}

/// A provider, as it is configured. Its client secret is no part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredProvider {
    /// Its configuration.
    pub provider: Provider,
    /// Where it is configured.
    pub source: ProviderSource,
    /// Whether there is a client secret.
    pub has_secret: bool,
    /// Where it sends its answers: the redirect URI to register there.
    pub redirect_uri: String,
}

/// All configured providers, enabled or not. Those of the settings are among them, and can't be changed.
#[async_trait]
pub trait ProviderRegistry: Send + Sync {
    /// Lists providers by name.
    async fn list(&self, caller: &Caller, cursor: Option<Cursor>, limit: Limit) -> Result<Page<RegisteredProvider>>;
    /// Returns a provider.
    async fn get(&self, caller: &Caller, name: &str) -> Result<RegisteredProvider>;
    /// Adds a provider to the database.
    ///
    /// # Errors
    /// `provider_exists` for a name that is taken, by the settings or in the database; `exceeds_own_permissions` if its
    /// groups would give a role with more permissions than the caller has.
    async fn create(&self, caller: &Caller, provider: NewProvider) -> Result<RegisteredProvider>;
    /// Changes a provider in the database.
    ///
    /// # Errors
    /// `provider_in_settings`; `provider_in_use` for another issuer while identities are linked with the provider.
    async fn change(
        &self,
        caller: &Caller,
        name: &str,
        change: ProviderChange,
        versions: Option<Versions>,
    ) -> Result<RegisteredProvider>;
    /// Removes a provider from the database. Identities that are linked with it stay: they can be used again once there
    /// is a provider with the same issuer.
    ///
    /// # Errors
    /// `provider_in_settings`; `provider_in_use` while identities are linked with it, unless `force` is set.
    async fn delete(&self, caller: &Caller, name: &str, force: bool) -> Result<()>;
    /// Tries what a sign-in needs, step by step.
    async fn test(&self, caller: &Caller, name: &str) -> Result<Vec<CheckedStep>>;
    /// Finds out whether each enabled provider can be used.
    async fn check(&self, caller: &Caller) -> Result<()>;
}
