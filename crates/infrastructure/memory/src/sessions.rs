use crate::forgetting::{Forgetting, Stamp};
use crate::watch::Freshness;
use async_trait::async_trait;
use doorward_application::ports::outbound::{LiveSession, Revocation, RevocationBus, SessionStates, StoreError};
use doorward_domain::{SessionId, Timestamp};
use moka::sync::Cache;
use std::sync::Arc;
use std::time::Duration;

/// How long a session that nobody asks for is remembered.
const UNASKED: Duration = Duration::from_mins(10);
/// How long a session is remembered at all, however often it is asked for.
const AT_MOST: Duration = Duration::from_mins(30);
/// Revocations are kept for longer than anything they could concern.
const REVOCATIONS: Duration = Duration::from_mins(40);

/// Remembers which sessions hold.
///
/// Positive answers only, and only while the [`Freshness`] it was given lasts: otherwise, and for whatever it does not
/// know, it asks.
pub struct SessionMemory {
    asked: Arc<dyn SessionStates>,
    remembered: Cache<SessionId, Learned>,
    forgetting: Forgetting,
    freshness: Arc<Freshness>,
}

#[derive(Clone)]
struct Learned {
    session: LiveSession,
    stamp: Stamp,
}

impl SessionMemory {
    /// Remembers at most so many of the sessions that it had to ask about.
    #[must_use]
    pub fn new(asked: Arc<dyn SessionStates>, freshness: Arc<Freshness>, capacity: u64) -> Self {
        let remembered = Cache::builder().max_capacity(capacity).time_to_idle(UNASKED).time_to_live(AT_MOST).build();
        Self { asked, remembered, forgetting: Forgetting::keeping(REVOCATIONS), freshness }
    }

    fn recall(&self, id: SessionId, now: Timestamp) -> Option<LiveSession> {
        if !self.freshness.lasts() {
            return None;
        }
        let learned = self.remembered.get(&id)?;
        let concerning = [Revocation::Session(id), Revocation::User(learned.session.user)];
        let counts = self.forgetting.counts(learned.stamp, &concerning);
        // A refresh may have prolonged it since: an expired memory is no refusal.
        (counts && now < learned.session.expires_at).then_some(learned.session)
    }
}

#[async_trait]
impl SessionStates for SessionMemory {
    async fn live(&self, id: SessionId, now: Timestamp) -> Result<Option<LiveSession>, StoreError> {
        if let Some(session) = self.recall(id, now) {
            return Ok(Some(session));
        }
        let stamp = self.forgetting.stamp();
        let session = self.asked.live(id, now).await?;
        if let Some(session) = session.clone() {
            self.remembered.insert(id, Learned { session, stamp });
        }
        Ok(session)
    }
}

impl RevocationBus for SessionMemory {
    fn publish(&self, revocations: &[Revocation]) {
        self.forgetting.forget(revocations);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorward_application::ports::outbound::{LogPosition, RevocationLog};
    use doorward_domain::{PermissionSet, UserId};
    use std::collections::BTreeSet;
    use std::sync::Mutex;
    use tokio::sync::Notify;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    /// A store that counts what it is asked, and may be made to wait.
    struct Asked {
        state: Mutex<Option<LiveSession>>,
        times: Mutex<u32>,
        hold: Mutex<Option<Arc<Notify>>>,
    }

    #[async_trait]
    impl SessionStates for Asked {
        async fn live(&self, _: SessionId, _: Timestamp) -> Result<Option<LiveSession>, StoreError> {
            *self.times.lock().unwrap() += 1;
            let state = self.state.lock().unwrap().clone();
            let hold = self.hold.lock().unwrap().clone();
            if let Some(hold) = hold {
                hold.notified().await;
            }
            Ok(state)
        }
    }

    struct Empty;

    #[async_trait]
    impl RevocationLog for Empty {
        async fn end(&self) -> Result<LogPosition, StoreError> {
            Ok(LogPosition(0))
        }

        async fn since(&self, _: LogPosition) -> Result<Vec<(LogPosition, Revocation)>, StoreError> {
            Ok(Vec::new())
        }
    }

    struct World {
        asked: Arc<Asked>,
        memory: Arc<SessionMemory>,
        id: SessionId,
        user: UserId,
    }

    impl World {
        async fn new() -> Self {
            let (id, user) = (SessionId::mint(NOW, [1; 10]), UserId::mint(NOW, [2; 10]));
            let (roles, permissions) = (BTreeSet::new(), PermissionSet::new());
            let session = LiveSession { user, expires_at: NOW.plus(Duration::from_secs(60)), roles, permissions };
            let asked =
                Arc::new(Asked { state: Mutex::new(Some(session)), times: Mutex::new(0), hold: Mutex::new(None) });
            let freshness = Freshness::stale();
            let memory = Arc::new(SessionMemory::new(asked.clone(), freshness.clone(), 100));
            tokio::spawn(crate::watch(Arc::new(Empty), memory.clone(), freshness, Duration::from_secs(60)));
            tokio::time::sleep(Duration::from_millis(1)).await;
            Self { asked, memory, id, user }
        }

        async fn is_live(&self) -> bool {
            self.memory.live(self.id, NOW).await.unwrap().is_some()
        }

        fn times(&self) -> u32 {
            *self.asked.times.lock().unwrap()
        }

        fn end(&self) {
            *self.asked.state.lock().unwrap() = None;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_warm_session_is_not_asked_for_again() {
        let world = World::new().await;
        for _ in 0..5 {
            assert!(world.is_live().await);
        }
        assert_eq!(world.times(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_revoked_session_is_asked_for_at_once() {
        for revocation in 0..3 {
            let world = World::new().await;
            assert!(world.is_live().await);
            world.end();
            let revocations = [Revocation::Session(world.id), Revocation::User(world.user), Revocation::Everyone];
            world.memory.publish(&revocations[revocation..=revocation]);
            assert!(!world.is_live().await);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_on_its_way_while_the_session_is_revoked_is_not_remembered() {
        let world = World::new().await;
        let hold = Arc::new(Notify::new());
        *world.asked.hold.lock().unwrap() = Some(hold.clone());
        let (memory, id) = (world.memory.clone(), world.id);
        let early = tokio::spawn(async move { memory.live(id, NOW).await });
        tokio::time::sleep(Duration::from_millis(1)).await;
        world.end();
        world.memory.publish(&[Revocation::Session(world.id)]);
        *world.asked.hold.lock().unwrap() = None;
        hold.notify_one();
        assert!(early.await.unwrap().unwrap().is_some(), "it was asked before the end");
        assert!(!world.is_live().await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_session_that_expires_by_what_is_remembered_is_asked_for() {
        let world = World::new().await;
        assert!(world.is_live().await);
        let later = NOW.plus(Duration::from_secs(60));
        assert!(world.memory.live(world.id, later).await.unwrap().is_some(), "it was prolonged meanwhile");
        assert_eq!(world.times(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn memory_that_is_not_fresh_counts_for_nothing() {
        let world = World::new().await;
        let memory = SessionMemory::new(world.asked.clone(), Freshness::stale(), 100);
        for _ in 0..3 {
            assert!(memory.live(world.id, NOW).await.unwrap().is_some());
        }
        assert_eq!(world.times(), 3);
    }
}
