use async_trait::async_trait;
use doorward_application::ports::outbound::RateLimiter;
use doorward_domain::{Quota, RateClass, Taken};
use moka::Expiry;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant as StdInstant};
use tokio::time::Instant;

/// Counts in one process: for a node that is the only one, and for one that can't reach the others.
///
/// Of more keys than it has room for, it forgets those that were counted longest ago.
pub struct MemoryLimiter {
    began: Instant,
    counted: Cache<(RateClass, Box<str>), Counted>,
}

#[derive(Clone)]
struct Counted {
    /// Until when what was taken lasts, in microseconds since the beginning.
    until: Arc<AtomicU64>,
    /// After that time without another count there is nothing left to know.
    per: Duration,
}

impl MemoryLimiter {
    /// Counts at most so many keys; one takes about 200 bytes.
    #[must_use]
    pub fn of_keys(capacity: u64) -> Self {
        // By default moka would rather turn away a new key than forget an old one, and so never count the new one.
        let counted = Cache::builder()
            .max_capacity(capacity)
            .eviction_policy(EvictionPolicy::lru())
            .expire_after(UnaskedForItsPeriod)
            .build();
        Self { began: Instant::now(), counted }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

struct UnaskedForItsPeriod;

impl Expiry<(RateClass, Box<str>), Counted> for UnaskedForItsPeriod {
    fn expire_after_create(&self, _: &(RateClass, Box<str>), counted: &Counted, _: StdInstant) -> Option<Duration> {
        Some(counted.per)
    }

    fn expire_after_read(
        &self,
        _: &(RateClass, Box<str>),
        counted: &Counted,
        _: StdInstant,
        _: Option<Duration>,
        _: StdInstant,
    ) -> Option<Duration> {
        Some(counted.per)
    }
}

#[async_trait]
impl RateLimiter for MemoryLimiter {
    async fn take(&self, class: RateClass, key: &str, quota: Quota) -> Taken {
        let fresh = || Counted { until: Arc::default(), per: quota.per };
        let counted = self.counted.get_with((class, key.into()), fresh);
        let mut before = counted.until.load(Ordering::SeqCst);
        loop {
            let (taken, after) = quota.take(before, self.now());
            match counted.until.compare_exchange_weak(before, after, Ordering::SeqCst, Ordering::SeqCst) {
                Ok(_) => return taken,
                Err(meanwhile) => before = meanwhile,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroU32;

    const QUOTA: Quota = Quota { limit: NonZeroU32::MIN, per: Duration::from_secs(60) };

    #[tokio::test(start_paused = true)]
    async fn it_counts_by_a_clock_that_does_not_jump() {
        let limiter = MemoryLimiter::of_keys(10);
        assert!(limiter.take(RateClass::Login, "ann", QUOTA).await.is_allowed());
        tokio::time::advance(QUOTA.per - Duration::from_micros(1)).await;
        assert!(!limiter.take(RateClass::Login, "ann", QUOTA).await.is_allowed());
        tokio::time::advance(Duration::from_micros(1)).await;
        assert!(limiter.take(RateClass::Login, "ann", QUOTA).await.is_allowed());
    }

    #[tokio::test]
    async fn it_keeps_no_more_keys_than_it_has_room_for_and_counts_the_new_ones() {
        let limiter = MemoryLimiter::of_keys(100);
        for n in 0..1_000 {
            let key = n.to_string();
            assert!(limiter.take(RateClass::Login, &key, QUOTA).await.is_allowed());
            assert!(!limiter.take(RateClass::Login, &key, QUOTA).await.is_allowed(), "{n} is counted");
        }
        limiter.counted.run_pending_tasks();
        assert!(limiter.counted.entry_count() <= 100, "{}", limiter.counted.entry_count());
    }
}
