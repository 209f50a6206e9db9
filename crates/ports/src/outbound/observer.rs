use doorward_domain::RateClass;
use std::time::Duration;

/// The tier of a cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CacheTier {
    /// In this process.
    Memory,
    /// In the cache that nodes share.
    Shared,
}

impl CacheTier {
    /// The stable name, used as the value of a label.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Shared => "shared",
        }
    }
}

/// Receives events of adapters, for metrics. No event contains the name of a person, a token or an IP address.
///
/// It never waits and never fails.
pub trait Observer: Send + Sync {
    /// A lookup in a cache, with its tier and result.
    fn cache_asked(&self, cache: &'static str, tier: CacheTier, hit: bool);

    /// The number of entries of a cache in this process.
    fn cache_holds(&self, _cache: &'static str, _entries: u64) {}

    /// A cache in this process has dropped an entry, because it expired or others needed its place.
    fn cache_evicted(&self, _cache: &'static str) {}

    /// A rate limit has refused a request.
    fn rate_limited(&self, class: RateClass);

    /// A password was hashed or compared; the time without the time in the queue.
    fn password_hashed(&self, took: Duration);

    /// The number of passwords in the queue.
    fn passwords_waiting(&self, count: usize);

    /// The largest number of passwords in the queue, reported once.
    fn passwords_fit(&self, _count: usize) {}

    /// A password was refused, because the queue was full or its turn did not come in time.
    fn password_refused(&self) {}
}

/// Ignores all events.
impl Observer for () {
    fn cache_asked(&self, _: &'static str, _: CacheTier, _: bool) {}
    fn rate_limited(&self, _: RateClass) {}
    fn password_hashed(&self, _: Duration) {}
    fn passwords_waiting(&self, _: usize) {}
}
