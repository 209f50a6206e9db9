use async_trait::async_trait;
use doorward_domain::{Quota, RateClass, Taken};
use doorward_ports::outbound::RateLimiter;
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, UnitWeighter};
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::time::Instant;

/// The share of the room that keys have which were counted again and again; the rest is for new ones.
const OFTEN_COUNTED: f64 = 0.5;

/// Counts in one process: for a node that is the only one, and for one that can't reach the others.
///
/// Of more keys than it has room for, it forgets those that were counted once, and longest ago.
pub struct MemoryLimiter {
    began: Instant,
    counted: Cache<(RateClass, Box<str>), Counted>,
}

/// Until when what was taken lasts, in microseconds since the beginning.
type Counted = Arc<AtomicU64>;

impl MemoryLimiter {
    /// Counts at most so many keys; one takes about 150 bytes.
    #[must_use]
    pub fn of_keys(capacity: usize) -> Self {
        let mut options = OptionsBuilder::new();
        options.estimated_items_capacity(capacity).weight_capacity(capacity as u64).hot_allocation(OFTEN_COUNTED);
        let options = options.build().expect("the capacity is given");
        let (hasher, lifecycle) = (DefaultHashBuilder::default(), DefaultLifecycle::default());
        Self { began: Instant::now(), counted: Cache::with_options(options, UnitWeighter, hasher, lifecycle) }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn counted(&self, key: &(RateClass, Box<str>)) -> Counted {
        let counted = self.counted.get_or_insert_with(key, || Ok::<_, Infallible>(Counted::default()));
        counted.unwrap_or_else(|never| match never {})
    }
}

#[async_trait]
impl RateLimiter for MemoryLimiter {
    async fn take(&self, class: RateClass, key: &str, quota: Quota) -> Taken {
        let until = self.counted(&(class, key.into()));
        let mut before = until.load(Ordering::SeqCst);
        loop {
            let (taken, after) = quota.take(before, self.now());
            match until.compare_exchange_weak(before, after, Ordering::SeqCst, Ordering::SeqCst) {
                Ok(_) => return taken,
                Err(meanwhile) => before = meanwhile,
            }
        }
    }

    async fn give_back(&self, class: RateClass, key: &str, quota: Quota) {
        let give_back = |until| Some(quota.give_back(until));
        // The closure always answers, so that this can't fail.
        let _ = self.counted(&(class, key.into())).fetch_update(Ordering::SeqCst, Ordering::SeqCst, give_back);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroU32;
    use std::time::Duration;

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

    /// Or who is refused would only have to come from many other addresses, to be counted anew.
    #[tokio::test]
    async fn a_flood_of_new_keys_leaves_those_that_are_counted_again_and_again() {
        let limiter = MemoryLimiter::of_keys(1_000);
        for flood in 0..20 {
            let refused = !limiter.take(RateClass::Login, "mallory", QUOTA).await.is_allowed();
            assert!(refused || flood == 0, "{flood}");
            for n in 0..300 {
                limiter.take(RateClass::Login, &format!("{flood}-{n}"), QUOTA).await;
            }
        }
    }

    #[tokio::test]
    async fn it_keeps_no_more_keys_than_it_has_room_for_and_counts_the_new_ones() {
        let limiter = MemoryLimiter::of_keys(100);
        for n in 0..1_000 {
            let key = n.to_string();
            assert!(limiter.take(RateClass::Login, &key, QUOTA).await.is_allowed());
            assert!(!limiter.take(RateClass::Login, &key, QUOTA).await.is_allowed(), "{n} is counted");
        }
        assert!(limiter.counted.len() <= 100, "{}", limiter.counted.len());
    }
}
