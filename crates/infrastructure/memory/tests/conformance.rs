//! The contract of the port that one process can keep by itself.
use doorward_memory::MemoryLimiter;
use doorward_testkit::rate_limiter::LimiterUnderTest;
use std::sync::Arc;

async fn counting_in_memory() -> LimiterUnderTest {
    let limiter = Arc::new(MemoryLimiter::of_keys(1_000));
    LimiterUnderTest { one: limiter.clone(), other: limiter, kept: Box::new(()) }
}

doorward_testkit::rate_limiter_conformance!(counting_in_memory);
