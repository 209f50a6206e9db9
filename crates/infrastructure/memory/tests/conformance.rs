//! The contracts of the ports that one process can keep by itself.
use doorward_memory::MemoryCache;
use doorward_testkit::shared_cache::CacheUnderTest;
use std::sync::Arc;

async fn in_memory() -> CacheUnderTest {
    let cache = Arc::new(MemoryCache::of_bytes(100_000_000));
    CacheUnderTest { one: cache.clone(), other: cache, kept: Box::new(()) }
}

doorward_testkit::shared_cache_conformance!(in_memory);
