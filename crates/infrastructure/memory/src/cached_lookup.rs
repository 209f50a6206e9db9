use crate::alike::Alike;
use crate::cacheable::Cacheable;
use crate::flights::{Flight, Flights};
use crate::forgetting::{Forgetting, Stamp};
use crate::shared::Shared;
use crate::watch::Freshness;
use async_trait::async_trait;
use doorward_ports::Rights;
use doorward_ports::outbound::{CacheTier, Clock, Lookup, Observer, StoreError};
use quick_cache::sync::Cache;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How long an answer is remembered at all, however often it is asked for: less than revocations are kept.
const AT_MOST: Duration = Duration::from_mins(30);
/// How long it is remembered that there is no such thing: enough for a flood of the same question.
const NOTHING_FOR: Duration = Duration::from_secs(2);

/// What all caches of a process have in common.
#[derive(Clone)]
pub struct Caching {
    /// What was revoked. Must hear of every revocation.
    pub forgetting: Arc<Forgetting>,
    /// Whether the sequence of revocations was read lately.
    pub freshness: Arc<Freshness>,
    /// What the nodes share, if there is such a thing.
    pub shared: Option<Shared>,
    /// What accounts may do: mostly the same.
    pub rights: Arc<Alike<Rights>>,
    /// The time by which what is kept may expire.
    pub clock: Arc<dyn Clock>,
    /// Hears how often an answer was at hand.
    pub observer: Arc<dyn Observer>,
}

/// A lookup that remembers: it asks what this process remembers, then what the nodes share, then whoever knows.
///
/// An answer counts only while the sequence of revocations was read less than a second ago, and only if nothing that
/// concerns it was revoked since it was asked for. So nothing is ever older than a second, whatever becomes of a message.
pub struct CachedLookup<T: Cacheable> {
    asked: Arc<dyn Lookup<T::Key, T>>,
    caching: Caching,
    remembered: Cache<T::Key, Learned<T>>,
    flights: Flights<T::Key>,
}

#[derive(Clone)]
struct Learned<T> {
    answer: Option<T>,
    stamp: Stamp,
    until: Instant,
}

#[async_trait]
impl<T: Cacheable> Lookup<T::Key, T> for CachedLookup<T> {
    async fn find(&self, key: &T::Key) -> Result<Option<T>, StoreError> {
        if let Some(answer) = self.recall_counted(key) {
            return Ok(answer);
        }
        // While nothing is remembered there is nothing to wait for.
        let flight = if self.caching.freshness.lasts() { Some(self.flights.join(key).await) } else { None };
        // It may have set off before a revocation that this caller knows of: then it does not count here.
        if let (Some(Flight::Followed), Some(answer)) = (&flight, self.recall(key)) {
            return Ok(answer);
        }
        let stamp = self.caching.forgetting.stamp();
        if let Some(found) = self.look_up(key).await.filter(|found| self.holds(found)) {
            return Ok(self.learn(key, Some(found), stamp));
        }
        let answer = self.asked.find(key).await?;
        let answer = self.learn(key, answer, stamp);
        if let (Some(shared), Some(answer)) = (&self.caching.shared, &answer) {
            shared.offer(T::CACHE, key, answer);
        }
        Ok(answer)
    }

    /// What this process does not remember is asked for at once, and not in what the nodes share: that would be a round
    /// trip for each key, in place of one statement.
    async fn find_many(&self, keys: &[T::Key]) -> Result<HashMap<T::Key, T>, StoreError> {
        let (mut found, mut unknown) = (HashMap::with_capacity(keys.len()), Vec::new());
        for key in keys {
            match self.recall_counted(key) {
                Some(answer) => found.extend(answer.map(|answer| (key.clone(), answer))),
                None => unknown.push(key.clone()),
            }
        }
        if unknown.is_empty() {
            return Ok(found);
        }
        let stamp = self.caching.forgetting.stamp();
        let answers = self.asked.find_many(&unknown).await?;
        for key in unknown {
            let answer = self.learn(&key, answers.get(&key).cloned(), stamp);
            found.extend(answer.map(|answer| (key, answer)));
        }
        Ok(found)
    }
}

impl<T: Cacheable> CachedLookup<T> {
    /// Remembers at most so many answers.
    #[must_use]
    pub fn new(asked: Arc<dyn Lookup<T::Key, T>>, caching: Caching, capacity: usize) -> Self {
        Self { asked, caching, remembered: Cache::new(capacity), flights: Flights::default() }
    }

    fn recall_counted(&self, key: &T::Key) -> Option<Option<T>> {
        let remembered = self.recall(key);
        self.caching.observer.cache_asked(T::CACHE, CacheTier::Memory, remembered.is_some());
        remembered
    }

    fn holds(&self, answer: &T) -> bool {
        answer.holds(|| self.caching.clock.now())
    }

    fn recall(&self, key: &T::Key) -> Option<Option<T>> {
        if !self.caching.freshness.lasts() {
            return None;
        }
        let Learned { answer, stamp, until } = self.remembered.get(key)?;
        let concerning = T::concerning(key, answer.as_ref());
        let good = Instant::now() < until && answer.as_ref().is_none_or(|answer| self.holds(answer));
        (good && self.caching.forgetting.counts(stamp, &concerning)).then_some(answer)
    }

    /// An answer that is no longer good by what it says itself is none.
    fn learn(&self, key: &T::Key, answer: Option<T>, stamp: Stamp) -> Option<T> {
        let answer = answer.filter(|answer| self.holds(answer)).map(|answer| answer.sharing(&self.caching.rights));
        let until = Instant::now() + if answer.is_some() { AT_MOST } else { NOTHING_FOR };
        self.remembered.insert(key.clone(), Learned { answer: answer.clone(), stamp, until });
        answer
    }

    /// What another node has learned counts if nothing that concerns it was revoked for longer than that is kept, and this
    /// process has listened for as long.
    async fn look_up(&self, key: &T::Key) -> Option<T> {
        let shared = self.caching.shared.as_ref()?;
        if !self.caching.freshness.lasted_for(Shared::OLDEST) {
            return None;
        }
        let found = shared.find::<T>(T::CACHE, key).await;
        self.caching.observer.cache_asked(T::CACHE, CacheTier::Shared, found.is_some());
        let quiet = |found: &T| {
            let concerning = T::concerning(key, Some(found));
            self.caching.forgetting.quiet_for(Shared::OLDEST, &concerning)
        };
        found.filter(|found| self.caching.freshness.lasts() && quiet(found))
    }
}

#[cfg(test)]
mod tests;
