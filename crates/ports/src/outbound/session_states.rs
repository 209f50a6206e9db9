use super::StoreError;
use crate::Rights;
use async_trait::async_trait;
use doorward_domain::{SessionId, Timestamp, UserId};
use std::sync::Arc;

/// What a request needs to know of the session that its token names.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LiveSession {
    /// Whose it is.
    pub user: UserId,
    /// When it expires, unless it is refreshed or used.
    pub expires_at: Timestamp,
    /// What the account may do now.
    pub rights: Arc<Rights>,
}

/// Whether sessions hold. A read port of its own because it is asked on every request, and may be cached.
#[async_trait]
pub trait SessionStates: Send + Sync {
    /// The session, if it has not ended, has not expired and its account is enabled. What was ended is never answered
    /// again later than one second after its end was committed.
    async fn live(&self, id: SessionId, now: Timestamp) -> Result<Option<LiveSession>, StoreError>;
}
