use crate::alike::Alike;
use crate::flights::{Flight, Flights};
use crate::forgetting::{Forgetting, Stamp};
use crate::shared::Shared;
use crate::watch::Freshness;
use doorward_ports::Rights;
use doorward_ports::outbound::{CacheTier, Observer, Revocation, StoreError};
use quick_cache::sync::Cache;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Display;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

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

    /// The same, with what is alike in many answers held once.
    fn sharing(self, _: &Alike<Rights>) -> Self {
        self
    }
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
    /// What accounts may do: mostly the same.
    pub rights: Arc<Alike<Rights>>,
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
    until: Instant,
}

impl<T: Memo> Tiers<T> {
    /// Remembers at most so many answers.
    pub(crate) fn new(common: Remembering, capacity: usize) -> Self {
        Self { common, remembered: Cache::new(capacity), flights: Flights::default() }
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
            return Ok(self.learn(key, Some(found), stamp));
        }
        let answer = self.learn(key, ask().await?, stamp);
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
        let good = Instant::now() < until && answer.as_ref().is_none_or(holds);
        (good && self.common.forgetting.counts(stamp, &concerning)).then_some(answer)
    }

    fn learn(&self, key: &T::Key, answer: Option<T>, stamp: Stamp) -> Option<T> {
        let answer = answer.map(|answer| answer.sharing(&self.common.rights));
        let until = Instant::now() + if answer.is_some() { AT_MOST } else { NOTHING_FOR };
        self.remembered.insert(key.clone(), Learned { answer: answer.clone(), stamp, until });
        answer
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
