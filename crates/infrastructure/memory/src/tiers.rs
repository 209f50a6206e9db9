use crate::flights::{Flight, Flights};
use crate::forgetting::{Forgetting, Stamp};
use crate::shared::Shared;
use crate::watch::Freshness;
use doorward_application::ports::outbound::{CacheTier, Observer, Revocation, StoreError};
use moka::sync::Cache;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Display;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How long an answer that nobody asks for is remembered.
const UNASKED: Duration = Duration::from_mins(10);
/// How long an answer is remembered at all, however often it is asked for: less than revocations are kept.
const AT_MOST: Duration = Duration::from_mins(30);
/// How long it is remembered that there is no such thing: enough for a flood of the same question.
const NOTHING_FOR: Duration = Duration::from_secs(2);

/// Something that may be remembered, and the rule by which it is forgotten.
pub(crate) trait Memo: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What is asked for.
    type Key: Clone + Eq + Hash + Display + Send + Sync + 'static;

    /// The name of the cache in metrics, and of its entries where nodes share them.
    const CACHE: &'static str;

    /// The revocations after which an answer counts no more: this one, or, without any, that there is none.
    fn concerning(key: &Self::Key, answer: Option<&Self>) -> [Revocation; 2];
}

/// What all caches of a process have in common.
#[derive(Clone)]
pub struct Remembering {
    /// What was revoked. Must hear of every revocation.
    pub forgetting: Arc<Forgetting>,
    /// Whether the sequence of revocations was read lately.
    pub freshness: Arc<Freshness>,
    /// What the nodes share, if there is such a thing.
    pub shared: Option<Shared>,
    /// Hears how often an answer was at hand.
    pub observer: Arc<dyn Observer>,
}

/// One cache: what this process remembers, then what the nodes share, then whoever knows.
///
/// An answer counts only while the sequence of revocations was read less than a second ago, and only if nothing that
/// concerns it was revoked since it was asked for. So nothing is ever older than a second, whatever becomes of a message.
pub(crate) struct Tiers<T: Memo> {
    common: Remembering,
    remembered: Cache<T::Key, Learned<T>>,
    flights: Flights<T::Key>,
}

#[derive(Clone)]
struct Learned<T> {
    answer: Option<T>,
    stamp: Stamp,
    /// For an answer that there is none.
    until: Option<Instant>,
}

impl<T: Memo> Tiers<T> {
    /// Remembers at most so many answers.
    pub(crate) fn new(common: Remembering, capacity: u64) -> Self {
        let remembered = Cache::builder().max_capacity(capacity).time_to_idle(UNASKED).time_to_live(AT_MOST).build();
        Self { common, remembered, flights: Flights::default() }
    }

    /// The answer, from wherever it counts. `holds` says of one that was kept whether it is still good by its own saying.
    ///
    /// # Errors
    /// Those of `ask`; they are not remembered.
    pub(crate) async fn answer<A>(
        &self,
        key: &T::Key,
        holds: impl Fn(&T) -> bool + Send,
        ask: impl FnOnce() -> A + Send,
    ) -> Result<Option<T>, StoreError>
    where
        A: Future<Output = Result<Option<T>, StoreError>> + Send,
    {
        let remembered = self.recall(key, &holds);
        self.common.observer.cache_asked(T::CACHE, CacheTier::Memory, remembered.is_some());
        if let Some(answer) = remembered {
            return Ok(answer);
        }
        // While nothing is remembered there is nothing to wait for.
        let flight = if self.common.freshness.lasts() { Some(self.flights.join(key).await) } else { None };
        // It may have set off before a revocation that this caller knows of: then it does not count for him.
        if let (Some(Flight::Followed), Some(answer)) = (&flight, self.recall(key, &holds)) {
            return Ok(answer);
        }
        let stamp = self.common.forgetting.stamp();
        if let Some(found) = self.look_up(key).await.filter(&holds) {
            self.learn(key, Some(found.clone()), stamp);
            return Ok(Some(found));
        }
        let answer = ask().await?;
        self.learn(key, answer.clone(), stamp);
        if let (Some(shared), Some(answer)) = (&self.common.shared, &answer) {
            shared.offer(T::CACHE, key, answer);
        }
        Ok(answer)
    }

    fn recall(&self, key: &T::Key, holds: impl Fn(&T) -> bool) -> Option<Option<T>> {
        if !self.common.freshness.lasts() {
            return None;
        }
        let Learned { answer, stamp, until } = self.remembered.get(key)?;
        let concerning = T::concerning(key, answer.as_ref());
        let good = match (&answer, until) {
            (Some(answer), _) => holds(answer),
            (None, until) => until.is_some_and(|until| Instant::now() < until),
        };
        (good && self.common.forgetting.counts(stamp, &concerning)).then_some(answer)
    }

    fn learn(&self, key: &T::Key, answer: Option<T>, stamp: Stamp) {
        let until = answer.is_none().then(|| Instant::now() + NOTHING_FOR);
        self.remembered.insert(key.clone(), Learned { answer, stamp, until });
    }

    /// What another node has learned counts if nothing that concerns it was revoked for longer than that is kept, and this
    /// process has listened for as long.
    async fn look_up(&self, key: &T::Key) -> Option<T> {
        let shared = self.common.shared.as_ref()?;
        if !self.common.freshness.lasted_for(Shared::OLDEST) {
            return None;
        }
        let found = shared.find::<T>(T::CACHE, key).await;
        self.common.observer.cache_asked(T::CACHE, CacheTier::Shared, found.is_some());
        let quiet = |found: &T| {
            let concerning = T::concerning(key, Some(found));
            self.common.forgetting.quiet_for(Shared::OLDEST, &concerning)
        };
        found.filter(|found| self.common.freshness.lasts() && quiet(found))
    }
}

#[cfg(test)]
mod tests;
