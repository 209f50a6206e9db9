use doorward_domain::RateClass;
use std::time::Duration;

/// Where a cache found its answer, or did not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CacheTier {
    /// In this process.
    Memory,
    /// In the cache that nodes share.
    Shared,
}

impl CacheTier {
    /// The stable name, a label's value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Shared => "shared",
        }
    }
}

/// Hears what happens inside the adapters, for metrics. Nothing that it is told names a person, a token or an address.
///
/// It never waits and never fails.
pub trait Observer: Send + Sync {
    /// A cache was asked in this tier, and had the answer or had it not.
    fn cache_asked(&self, cache: &'static str, tier: CacheTier, hit: bool);

    /// A cache in this process holds so many entries now.
    fn cache_holds(&self, _cache: &'static str, _entries: u64) {}

    /// A cache in this process let an entry go: its time was over, or others needed its room.
    fn cache_evicted(&self, _cache: &'static str) {}

    /// A caller was told to come back later.
    fn rate_limited(&self, class: RateClass);

    /// A password was hashed or compared; the time without the wait for its turn.
    fn password_hashed(&self, took: Duration);

    /// So many passwords wait for their turn now.
    fn passwords_waiting(&self, count: usize);
}

/// Hears nothing.
impl Observer for () {
    fn cache_asked(&self, _: &'static str, _: CacheTier, _: bool) {}
    fn rate_limited(&self, _: RateClass) {}
    fn password_hashed(&self, _: Duration) {}
    fn passwords_waiting(&self, _: usize) {}
}
