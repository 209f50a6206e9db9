use async_trait::async_trait;
use doorward_application::ports::outbound::{CacheKey, SharedCache};
use moka::Expiry;
use moka::sync::Cache;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What an entry takes besides its own bytes, about.
const OVERHEAD: usize = 200;

/// Keeps in one process what nodes would share: for tests, and for a node that is the only one.
pub struct MemoryCache {
    entries: Cache<CacheKey, Entry>,
}

#[derive(Clone)]
struct Entry {
    value: Arc<[u8]>,
    ttl: Duration,
}

impl MemoryCache {
    /// Keeps about so many bytes; beyond that, what is asked for least goes.
    #[must_use]
    pub fn of_bytes(capacity: u64) -> Self {
        let size = |key: &CacheKey, entry: &Entry| {
            u32::try_from(OVERHEAD + key.id.len() + entry.value.len()).unwrap_or(u32::MAX)
        };
        Self { entries: Cache::builder().max_capacity(capacity).weigher(size).expire_after(ByItsOwn).build() }
    }
}

/// Each entry says how long it lives, and one that is put in its place anew.
struct ByItsOwn;

impl Expiry<CacheKey, Entry> for ByItsOwn {
    fn expire_after_create(&self, _: &CacheKey, entry: &Entry, _: Instant) -> Option<Duration> {
        Some(entry.ttl)
    }

    fn expire_after_update(&self, _: &CacheKey, entry: &Entry, _: Instant, _: Option<Duration>) -> Option<Duration> {
        Some(entry.ttl)
    }
}

#[async_trait]
impl SharedCache for MemoryCache {
    async fn get(&self, key: &CacheKey) -> Option<Vec<u8>> {
        self.entries.get(key).map(|entry| entry.value.to_vec())
    }

    async fn put(&self, key: &CacheKey, value: Vec<u8>, ttl: Duration) {
        self.entries.insert(key.clone(), Entry { value: value.into(), ttl });
    }

    async fn forget(&self, keys: &[CacheKey]) {
        for key in keys {
            self.entries.invalidate(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_keeps_no_more_than_it_was_given_room_for() {
        let cache = MemoryCache::of_bytes(10_000);
        for n in 0..100 {
            cache.put(&CacheKey::new("page", n), vec![0; 1_000], Duration::from_mins(1)).await;
        }
        cache.entries.run_pending_tasks();
        assert!(cache.entries.weighted_size() <= 10_000, "{}", cache.entries.weighted_size());
    }
}
