use doorward_domain::{self as domain, DeviceName, SessionId, Timestamp};
use doorward_ports::inbound::SessionView;
use serde::Serialize;
use std::net::IpAddr;

/// A live session of an account.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// The id of the session.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Uuid))]
    pub id: SessionId,
    /// A name of the device for people, derived from the user agent.
    #[cfg_attr(feature = "openapi", schema(value_type = String, examples("Firefox on Windows")))]
    pub device: DeviceName,
    /// The `User-Agent` of the device.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub user_agent: Option<String>,
    /// The IP address of the sign-in.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = true, examples("203.0.113.9")))]
    pub address: Option<IpAddr>,
    /// When the session began.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// When the session was last used.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub last_seen_at: Timestamp,
    /// When the session ends, unless it is refreshed or used before.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub expires_at: Timestamp,
    /// Whether it is the session of this request.
    pub current: bool,
}

impl From<SessionView> for Session {
    fn from(SessionView { session, current }: SessionView) -> Self {
        let expires_at = session.expires_at();
        let domain::Session { id, device, user_agent, address, created_at, last_seen_at, .. } = session;
        Self { id, device, user_agent, address, created_at, last_seen_at, expires_at, current }
    }
}
