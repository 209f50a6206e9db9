use super::given;
use crate::{Caller, Cursor, Limit, Page, Result, Secret, Versions};
use async_trait::async_trait;
use doorward_domain::ClientApp;
use serde::Deserialize;

/// A new client app.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewClientApp {
    /// The `client_id` of the app. Without it, Doorward creates one.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(
        feature = "openapi",
        schema(pattern = "^[a-z0-9][a-z0-9._-]{0,62}$", examples("billing"), nullable = false)
    )]
    pub id: Option<String>,
    /// The name of the app, for people.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200, examples("Billing")))]
    pub name: String,
    /// `confidential` if the app runs on a server and can keep a secret, otherwise `public`.
    #[cfg_attr(feature = "openapi", schema(pattern = "^(public|confidential)$", examples("confidential")))]
    pub kind: String,
    /// Where authorization codes may be sent: `https`, `http` to a loopback host, or a private-use scheme.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, max_items = 50))]
    pub redirect_uris: Vec<String>,
    /// The web origins of the app's pages.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, max_items = 50))]
    pub origins: Vec<String>,
    /// The roles of the app, which only a confidential app may have.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, max_items = 50))]
    pub roles: Vec<String>,
}

/// What may be changed of a client app. An absent property does not change; a list replaces the old list.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ClientAppPatch))]
pub struct ClientAppChange {
    /// The name of the app, for people.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200, nullable = false))]
    pub name: Option<String>,
    /// Where authorization codes may be sent.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(max_items = 50, nullable = false))]
    pub redirect_uris: Option<Vec<String>>,
    /// The web origins of the app's pages.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(max_items = 50, nullable = false))]
    pub origins: Option<Vec<String>>,
    /// The roles of the app.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(max_items = 50, nullable = false))]
    pub roles: Option<Vec<String>>,
    /// Whether the app is enabled. `false` ends its own tokens and the sessions for it; `true` does not restore them.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub is_active: Option<bool>,
}

/// A client app and its new secret.
#[derive(Debug, Clone)]
pub struct WithSecret {
    /// The app.
    pub app: ClientApp,
    /// The secret, which is shown only now. None for a public app.
    pub secret: Option<Secret>,
}

/// Client apps. Doorward's own client is not among them, because it is part of the program.
#[async_trait]
pub trait ClientApps: Send + Sync {
    /// Lists apps by id.
    async fn list(&self, caller: &Caller, cursor: Option<Cursor>, limit: Limit) -> Result<Page<ClientApp>>;
    /// Returns an app.
    async fn get(&self, caller: &Caller, id: &str) -> Result<ClientApp>;
    /// Creates an app; a confidential one gets a secret.
    async fn create(&self, caller: &Caller, app: NewClientApp) -> Result<WithSecret>;
    /// Changes an app.
    async fn change(
        &self,
        caller: &Caller,
        id: &str,
        change: ClientAppChange,
        versions: Option<Versions>,
    ) -> Result<ClientApp>;
    /// Deletes an app, and ends its tokens and the sessions for it.
    async fn delete(&self, caller: &Caller, id: &str) -> Result<()>;
    /// Gives a confidential app a new secret. The old one is refused at once; tokens that were issued stay valid.
    async fn rotate_secret(&self, caller: &Caller, id: &str) -> Result<WithSecret>;
}
