use crate::cacheable::Cacheable;
use crate::interner::Interner;
use crate::invalidations::{Invalidations, Stamp};
use crate::shared::Shared;
use crate::watch::Freshness;
use async_trait::async_trait;
use doorward_ports::Rights;
use doorward_ports::outbound::{CacheTier, Clock, Lookup, Observer, StoreError};
use doorward_ports::trace::Span;
use doorward_ports::usage::{CallKind, PortCall, Usage};
use moka::Expiry;
use moka::future::Cache;
use moka::notification::RemovalCause;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long an answer is remembered at all, however often it is asked for: less than revocations are kept.
const AT_MOST: Duration = Duration::from_mins(30);
/// How long it is remembered that there is no such thing: enough for a flood of the same question.
const NOTHING_FOR: Duration = Duration::from_secs(2);

/// What all caches of a process have in common.
#[derive(Clone)]
pub struct Caching {
    /// What was revoked. Must hear of every revocation.
    pub invalidations: Arc<Invalidations>,
    /// Whether the sequence of revocations was read a moment ago.
    pub freshness: Arc<Freshness>,
    /// What the nodes share, if there is such a thing.
    pub shared: Option<Shared>,
    /// What accounts may do: mostly the same.
    pub rights: Arc<Interner<Rights>>,
    /// The time by which what is kept may expire.
    pub clock: Arc<dyn Clock>,
    /// Hears how often an answer was at hand.
    pub observer: Arc<dyn Observer>,
}

/// A lookup that remembers: it asks what this process remembers, then what the nodes share, then whoever knows.
///
/// An answer counts only while the sequence of revocations was read less than a second ago, and only if nothing that
/// concerns it was revoked since it was asked for. So nothing is ever older than a second, whatever becomes of a message.
///
/// Of many callers who want the same at once, one asks, and all are given what came of it, an error too: a database that
/// fails is not asked by each of them.
pub struct CachedLookup<T: Cacheable> {
    asked: Arc<dyn Lookup<T::Key, T>>,
    caching: Caching,
    remembered: Cache<T::Key, Learned<T>>,
}

/// What came of asking, and which revocations were seen before.
#[derive(Clone)]
struct Learned<T> {
    answer: Result<Option<T>, Arc<StoreError>>,
    stamp: Stamp,
}

/// How long an answer is remembered, and how long that there is none. An error is for those who wait for it.
#[derive(Clone, Copy)]
struct Lifetimes {
    something: Duration,
    nothing: Duration,
}

impl<K, T> Expiry<K, Learned<T>> for Lifetimes {
    fn expire_after_create(&self, _: &K, learned: &Learned<T>, _: Instant) -> Option<Duration> {
        Some(match learned.answer {
            Ok(Some(_)) => self.something,
            Ok(None) => self.nothing,
            Err(_) => Duration::ZERO,
        })
    }

    /// By what is there now, and not by what was there before it.
    fn expire_after_update(&self, key: &K, learned: &Learned<T>, at: Instant, _: Option<Duration>) -> Option<Duration> {
        self.expire_after_create(key, learned, at)
    }
}

#[async_trait]
impl<T: Cacheable> Lookup<T::Key, T> for CachedLookup<T> {
    async fn find(&self, key: &T::Key) -> Result<Option<T>, StoreError> {
        let recalling = PortCall::begin(CallKind::Cache, T::CACHE);
        if let Some(answer) = self.recall(key).await {
            return Ok(answer);
        }
        drop(recalling);
        let _missed = Self::missed();
        if self.caching.freshness.lasts() {
            return self.learn_with_others(key).await.answer.map_err(|error| one_of_many(&error));
        }
        // While nothing that is remembered counts, there is nobody to wait for.
        let learned = self.ask(key).await;
        if learned.answer.is_ok() {
            self.remember(key.clone(), learned.clone()).await;
        }
        learned.answer.map_err(|error| one_of_many(&error))
    }

    /// What this process does not remember is asked for at once, and not in what the nodes share: that would be a round
    /// trip for each key, in place of one statement.
    async fn find_many(&self, keys: &[T::Key]) -> Result<HashMap<T::Key, T>, StoreError> {
        let (mut found, mut unknown) = (HashMap::with_capacity(keys.len()), Vec::new());
        let recalling = PortCall::begin(CallKind::Cache, T::CACHE);
        for key in keys {
            match self.recall(key).await {
                Some(answer) => found.extend(answer.map(|answer| (key.clone(), answer))),
                None => unknown.push(key.clone()),
            }
        }
        drop(recalling);
        if unknown.is_empty() {
            return Ok(found);
        }
        let _missed = Self::missed();
        let stamp = self.caching.invalidations.stamp();
        let answers = self.asked.find_many(&unknown).await?;
        for key in unknown {
            let answer = self.usable(answers.get(&key).cloned());
            self.remember(key.clone(), Learned { answer: Ok(answer.clone()), stamp }).await;
            found.extend(answer.map(|answer| (key, answer)));
        }
        Ok(found)
    }
}

impl<T: Cacheable> CachedLookup<T> {
    /// The span of a lookup that this process can't answer by itself.
    fn missed() -> Span {
        let span = Usage::span("cache miss");
        span.set("doorward.cache", T::CACHE);
        span
    }

    /// Remembers at most so many answers.
    #[must_use]
    pub fn new(asked: Arc<dyn Lookup<T::Key, T>>, caching: Caching, capacity: u64) -> Self {
        Self::keeping(asked, caching, capacity, Lifetimes { something: AT_MOST, nothing: NOTHING_FOR })
    }

    fn keeping(asked: Arc<dyn Lookup<T::Key, T>>, caching: Caching, capacity: u64, lifetimes: Lifetimes) -> Self {
        let observer = caching.observer.clone();
        let evicted = move |_, _, cause: RemovalCause| {
            if cause.was_evicted() {
                observer.cache_evicted(T::CACHE);
            }
        };
        let remembered =
            Cache::builder().max_capacity(capacity).expire_after(lifetimes).eviction_listener(evicted).build();
        Self { asked, caching, remembered }
    }

    async fn recall(&self, key: &T::Key) -> Option<Option<T>> {
        let learned = if self.caching.freshness.lasts() { self.remembered.get(key).await } else { None };
        let counting = learned.filter(|learned| self.counts(key, learned));
        self.caching.observer.cache_asked(T::CACHE, CacheTier::Memory, counting.is_some());
        Usage::count_cache_answer(counting.is_some());
        counting.and_then(|learned| learned.answer.ok())
    }

    fn counts(&self, key: &T::Key, Learned { answer, stamp }: &Learned<T>) -> bool {
        let Ok(answer) = answer else { return false };
        self.caching.freshness.lasts()
            && answer.as_ref().is_none_or(|answer| self.holds(answer))
            && self.caching.invalidations.counts(*stamp, &T::concerning(key, answer.as_ref()))
    }

    fn holds(&self, answer: &T) -> bool {
        answer.holds(|| self.caching.clock.now())
    }

    /// By asking, or by waiting for another who asks.
    async fn learn_with_others(&self, key: &T::Key) -> Learned<T> {
        let arrived = self.caching.invalidations.stamp();
        loop {
            // Whoever waits for another waits for the cache.
            let mut waiting = Some(PortCall::begin(CallKind::Cache, T::CACHE));
            let asking = async {
                drop(waiting.take());
                self.ask(key).await
            };
            let entry = self.remembered.entry_by_ref(key);
            let learned = entry.or_insert_with_if(asking, |kept| !self.counts(key, kept)).await.into_value();
            // The other may have asked before a revocation that this caller knows of: then it does not count here. Whoever
            // asks next asks later, so nobody waits for a third.
            if learned.answer.is_err() || learned.stamp >= arrived || self.counts(key, &learned) {
                self.report_size();
                return learned;
            }
        }
    }

    async fn remember(&self, key: T::Key, learned: Learned<T>) {
        self.remembered.insert(key, learned).await;
        self.report_size();
    }

    fn report_size(&self) {
        self.caching.observer.cache_holds(T::CACHE, self.remembered.entry_count());
    }

    async fn ask(&self, key: &T::Key) -> Learned<T> {
        let stamp = self.caching.invalidations.stamp();
        if let Some(found) = self.look_up(key).await.and_then(|found| self.usable(Some(found))) {
            return Learned { answer: Ok(Some(found)), stamp };
        }
        let answer = self.asked.find(key).await.map(|answer| self.usable(answer)).map_err(Arc::new);
        if let (Some(shared), Ok(Some(answer))) = (&self.caching.shared, &answer) {
            shared.offer(T::CACHE, key, answer);
        }
        Learned { answer, stamp }
    }

    /// An answer that is no longer good by what it says itself is none.
    fn usable(&self, answer: Option<T>) -> Option<T> {
        answer.filter(|answer| self.holds(answer)).map(|answer| answer.sharing(&self.caching.rights))
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
            self.caching.invalidations.quiet_for(Shared::OLDEST, &concerning)
        };
        found.filter(|found| self.caching.freshness.lasts() && quiet(found))
    }
}

/// An error as each of those gets it who waited for it.
fn one_of_many(error: &Arc<StoreError>) -> StoreError {
    let source = error.clone().into();
    match &**error {
        StoreError::Unavailable(_) => StoreError::Unavailable(source),
        StoreError::Duplicate(unique) => StoreError::Duplicate(*unique),
        StoreError::Corrupt { table, row, .. } => StoreError::Corrupt { table, row: row.clone(), source },
        StoreError::Failed(_) => StoreError::Failed(source),
    }
}

#[cfg(test)]
mod tests;
