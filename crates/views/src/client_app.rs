use doorward_domain::{self as domain, ClientId, Description, RedirectUri, RoleName, Timestamp, WebOrigin};
use doorward_ports::inbound::WithSecret;
use serde::Serialize;
use std::collections::BTreeSet;

/// A program that asks for tokens. Its secret is not among what is told of it.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClientApp {
    /// Its `client_id`.
    #[cfg_attr(feature = "openapi", schema(value_type = String, examples("billing")))]
    pub id: ClientId,
    /// What people call it.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub name: Description,
    /// Whether it can keep a secret.
    #[cfg_attr(feature = "openapi", schema(pattern = "^(public|confidential)$"))]
    pub kind: &'static str,
    /// Where codes may be sent, compared byte for byte.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, examples(json!(["https://app.example.com/callback"]))))]
    pub redirect_uris: BTreeSet<RedirectUri>,
    /// Whose pages belong to it.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, examples(json!(["https://app.example.com"]))))]
    pub origins: BTreeSet<WebOrigin>,
    /// What it may do on its own account, sorted.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, examples(json!(["support"]))))]
    pub roles: BTreeSet<RoleName>,
    /// Whether it may do anything.
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

/// A client app, and the secret that it was just given.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClientAppWithSecret {
    /// The app.
    #[serde(flatten)]
    pub app: ClientApp,
    /// Shown now and never again; a public app has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, examples("dws_…")))]
    pub client_secret: Option<String>,
}

impl From<WithSecret> for ClientAppWithSecret {
    fn from(made: WithSecret) -> Self {
        Self { app: made.app.into(), client_secret: made.secret.map(|secret| secret.expose().to_owned()) }
    }
}
