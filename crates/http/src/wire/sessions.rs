use doorward_ports::inbound::SessionView;
use serde::Serialize;
use utoipa::ToSchema;

/// Somewhere an account is signed in.
#[derive(Serialize, ToSchema)]
pub(crate) struct Session {
    #[schema(format = Uuid)]
    id: String,
    /// What a person would call the thing: a guess from the user agent.
    #[schema(examples("Firefox on Windows"))]
    device: String,
    /// What the client said of itself.
    #[schema(required = true)]
    user_agent: Option<String>,
    /// The address it was made from.
    #[schema(required = true, examples("203.0.113.9"))]
    address: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    last_seen_at: String,
    /// When it ends by itself, unless it is refreshed or used.
    #[schema(format = DateTime)]
    expires_at: String,
    /// Whether it is the one that asks.
    current: bool,
}

impl From<SessionView> for Session {
    fn from(SessionView { session, current }: SessionView) -> Self {
        let expires_at = session.expires_at().to_string();
        Self {
            id: session.id.to_string(),
            device: session.device.to_string(),
            user_agent: session.user_agent,
            address: session.address.map(|address| address.to_string()),
            created_at: session.created_at.to_string(),
            last_seen_at: session.last_seen_at.to_string(),
            expires_at,
            current,
        }
    }
}
