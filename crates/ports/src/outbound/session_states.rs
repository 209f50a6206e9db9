use crate::Rights;
use doorward_domain::{Timestamp, UserId};
use std::sync::Arc;

/// What a request needs to know of the session that its token names: one that nobody has ended, and whose account is
/// enabled.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct OpenSession {
    /// Whose it is.
    pub user: UserId,
    /// When it expires, unless it is refreshed or used.
    pub expires_at: Timestamp,
    /// What the account may do now.
    pub rights: Arc<Rights>,
    /// Whether the owner must choose another password before anything else.
    pub must_change_password: bool,
}

impl OpenSession {
    /// Whether it has not expired. The lookup does not know the time of the request, so whoever finds it asks.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }
}
