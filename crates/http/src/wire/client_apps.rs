use crate::input::given;
use doorward_ports::inbound;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A program that asks for tokens. Its secret is not among what is told of it.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClientApp {
    /// Its `client_id`.
    #[schema(examples("billing"))]
    id: String,
    /// What people call it.
    name: String,
    /// Whether it can keep a secret.
    #[schema(pattern = "^(public|confidential)$")]
    kind: &'static str,
    /// Where codes may be sent, compared byte for byte.
    #[schema(examples(json!(["https://app.example.com/callback"])))]
    redirect_uris: Vec<String>,
    /// Whose pages belong to it.
    #[schema(examples(json!(["https://app.example.com"])))]
    origins: Vec<String>,
    /// What it may do on its own account, sorted.
    #[schema(examples(json!(["support"])))]
    roles: Vec<String>,
    /// Whether it may do anything.
    is_active: bool,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

fn texts<'a, T: ToString + 'a>(values: impl IntoIterator<Item = &'a T>) -> Vec<String> {
    values.into_iter().map(ToString::to_string).collect()
}

impl From<doorward_domain::ClientApp> for ClientApp {
    fn from(app: doorward_domain::ClientApp) -> Self {
        Self {
            id: app.id.to_string(),
            name: app.name.to_string(),
            kind: app.kind.as_str(),
            redirect_uris: texts(&app.redirect_uris),
            origins: texts(&app.origins),
            roles: texts(&app.roles),
            is_active: app.is_active,
            created_at: app.created_at.to_string(),
            updated_at: app.updated_at.to_string(),
        }
    }
}

/// A client app, and the secret that it was just given.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClientAppWithSecret {
    #[serde(flatten)]
    app: ClientApp,
    /// Shown now and never again; a public app has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, examples("dws_…"))]
    client_secret: Option<String>,
}

impl From<inbound::WithSecret> for ClientAppWithSecret {
    fn from(made: inbound::WithSecret) -> Self {
        Self { app: made.app.into(), client_secret: made.secret.map(|secret| secret.expose().to_owned()) }
    }
}

/// A client app to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewClientApp {
    /// Its `client_id`; one is made up when none is given.
    #[serde(default, deserialize_with = "given")]
    #[schema(pattern = "^[a-z0-9][a-z0-9._-]{0,62}$", examples("billing"), nullable = false)]
    id: Option<String>,
    /// What people call it.
    #[schema(min_length = 1, max_length = 200, examples("Billing"))]
    name: String,
    /// `confidential` where it runs on a server of its own and can keep a secret, else `public`.
    #[schema(pattern = "^(public|confidential)$", examples("confidential"))]
    kind: String,
    /// Where codes may be sent: https, http to the user's own machine, or a private-use scheme.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 50)]
    redirect_uris: Vec<String>,
    /// Whose pages belong to it.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 50)]
    origins: Vec<String>,
    /// What it may do on its own account; a confidential one only.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 50)]
    roles: Vec<String>,
}

impl From<NewClientApp> for inbound::NewClientApp {
    fn from(body: NewClientApp) -> Self {
        let NewClientApp { id, name, kind, redirect_uris, origins, roles } = body;
        Self { id, name, kind, redirect_uris, origins, roles }
    }
}

/// What is to change of a client app; what is absent stays, and a list that is there takes the old one's place.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClientAppPatch {
    #[serde(default, deserialize_with = "given")]
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(max_items = 50, nullable = false)]
    redirect_uris: Option<Vec<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(max_items = 50, nullable = false)]
    origins: Option<Vec<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(max_items = 50, nullable = false)]
    roles: Option<Vec<String>>,
    /// `false` ends its tokens and the sessions made for it, for good.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    is_active: Option<bool>,
}

impl From<ClientAppPatch> for inbound::ClientAppChange {
    fn from(body: ClientAppPatch) -> Self {
        let ClientAppPatch { name, redirect_uris, origins, roles, is_active } = body;
        Self { name, redirect_uris, origins, roles, is_active }
    }
}
