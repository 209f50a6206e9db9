use doorward_domain::{self as domain, ClientId, Description, RedirectUri, RoleName, Timestamp, WebOrigin};
use doorward_ports::inbound::WithSecret;
use serde::Serialize;
use std::collections::BTreeSet;

/// A client app: a program that gets tokens. Its secret is not included.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClientApp {
    /// The `client_id` of the app.
    #[cfg_attr(feature = "openapi", schema(value_type = String, examples("billing")))]
    pub id: ClientId,
    /// The name of the app, for people.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub name: Description,
    /// Whether the app can keep a secret.
    #[cfg_attr(feature = "openapi", schema(pattern = "^(public|confidential)$"))]
    pub kind: &'static str,
    /// Where authorization codes may be sent, compared byte for byte.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, examples(json!(["https://app.example.com/callback"]))))]
    pub redirect_uris: BTreeSet<RedirectUri>,
    /// The web origins of the app's pages.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, examples(json!(["https://app.example.com"]))))]
    pub origins: BTreeSet<WebOrigin>,
    /// The roles of the app, sorted.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, examples(json!(["support"]))))]
    pub roles: BTreeSet<RoleName>,
    /// Whether the app is enabled.
    pub is_active: bool,
    /// When the app was created.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// When the app was last changed.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub updated_at: Timestamp,
}

impl From<domain::ClientApp> for ClientApp {
    fn from(app: domain::ClientApp) -> Self {
        Self {
            id: app.id,
            name: app.name,
            kind: app.kind.as_str(),
            redirect_uris: app.redirect_uris,
            origins: app.origins,
            roles: app.roles,
            is_active: app.is_active,
            created_at: app.created_at,
            updated_at: app.updated_at,
        }
    }
}

/// A client app and its new secret.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClientAppWithSecret {
    /// The client app.
    #[serde(flatten)]
    pub app: ClientApp,
    /// The secret, which is shown only in this answer. A public app has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, examples("dws_…")))]
    pub client_secret: Option<String>,
}

impl From<WithSecret> for ClientAppWithSecret {
    fn from(made: WithSecret) -> Self {
        Self { app: made.app.into(), client_secret: made.secret.map(|secret| secret.expose().to_owned()) }
    }
}
