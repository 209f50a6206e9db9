use crate::alike::Alike;
use crate::tiers::{Memo, Remembering, Tiers};
use async_trait::async_trait;
use doorward_domain::{SessionId, Timestamp};
use doorward_ports::Rights;
use doorward_ports::outbound::{LiveSession, Revocation, SessionStates, StoreError};
use std::sync::Arc;

/// Remembers which sessions hold.
pub struct SessionMemory {
    asked: Arc<dyn SessionStates>,
    tiers: Tiers<LiveSession>,
}

/// Forgotten when the session ends, when anything of its account changes that its rights follow from, and when what a role
/// allows changes.
impl Memo for LiveSession {
    type Key = SessionId;
    const CACHE: &'static str = "sessions";

    fn concerning(key: &SessionId, answer: Option<&Self>) -> [Revocation; 2] {
        let session = Revocation::Session(*key);
        [session, answer.map_or(session, |session| Revocation::User(session.user))]
    }

    fn sharing(self, rights: &Alike<Rights>) -> Self {
        Self { rights: rights.one(self.rights), ..self }
    }
}

impl SessionMemory {
    /// Remembers at most so many of the sessions that it had to ask about.
    #[must_use]
    pub fn new(asked: Arc<dyn SessionStates>, common: Remembering, capacity: usize) -> Self {
        Self { asked, tiers: Tiers::new(common, capacity) }
    }
}

#[async_trait]
impl SessionStates for SessionMemory {
    async fn live(&self, id: SessionId, now: Timestamp) -> Result<Option<LiveSession>, StoreError> {
        // A refresh may have prolonged it since: an expired memory is no refusal.
        let holds = |session: &LiveSession| now < session.expires_at;
        self.tiers.answer(&id, holds, || self.asked.live(id, now)).await
    }
}
