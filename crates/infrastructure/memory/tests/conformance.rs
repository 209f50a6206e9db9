//! The contracts of the ports that one process can keep by itself.
use doorward_memory::{MemoryCache, MemoryLimiter};
use doorward_testkit::rate_limiter::LimiterUnderTest;
use doorward_testkit::shared_cache::CacheUnderTest;
use std::sync::Arc;

async fn in_memory() -> CacheUnderTest {
    let cache = Arc::new(MemoryCache::of_bytes(100_000_000));
    CacheUnderTest { one: cache.clone(), other: cache, kept: Box::new(()) }
}

async fn counting_in_memory() -> LimiterUnderTest {
    let limiter = Arc::new(MemoryLimiter::of_keys(1_000));
    LimiterUnderTest { one: limiter.clone(), other: limiter, kept: Box::new(()) }
}

doorward_testkit::shared_cache_conformance!(in_memory);
doorward_testkit::rate_limiter_conformance!(counting_in_memory);
