use doorward_domain::{self as domain, DeviceName, SessionId, Timestamp};
use doorward_ports::inbound::SessionView;
use serde::Serialize;
use std::net::IpAddr;

/// Somewhere an account is signed in.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// The session's id.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Uuid))]
    pub id: SessionId,
    /// What a person would call the thing: a guess from the user agent.
    #[cfg_attr(feature = "openapi", schema(value_type = String, examples("Firefox on Windows")))]
    pub device: DeviceName,
    /// What the client said of itself.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub user_agent: Option<String>,
    /// The address it was made from.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = true, examples("203.0.113.9")))]
    pub address: Option<IpAddr>,
    /// When the session began.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// When the session was last used.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub last_seen_at: Timestamp,
    /// When it ends by itself, unless it is refreshed or used.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub expires_at: Timestamp,
    /// Whether it is the one that asks.
    pub current: bool,
}

impl From<SessionView> for Session {
    fn from(SessionView { session, current }: SessionView) -> Self {
        let expires_at = session.expires_at();
        let domain::Session { id, device, user_agent, address, created_at, last_seen_at, .. } = session;
        Self { id, device, user_agent, address, created_at, last_seen_at, expires_at, current }
    }
}
