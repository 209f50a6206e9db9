use async_trait::async_trait;
use doorward_domain::{Quota, RateClass, Taken};

/// Counts how often something is done, for all nodes if possible.
///
/// It is exact, also for concurrent calls on several nodes: at one instant, as many are allowed as the quota has left.
/// Each class and each key is counted separately. A refused attempt does not count.
///
/// Classes that [each node counts by itself](RateClass::is_counted_by_node) are exact on each node only.
///
/// It always answers, and soon: while the shared state can't be reached, each node counts alone.
#[async_trait]
pub trait RateLimiter: Send + Sync {
    /// Takes one from the quota of this class and key.
    async fn take(&self, class: RateClass, key: &str, quota: Quota) -> Taken;

    /// Gives one back that was taken of the quota of this class and key: it can be taken again at once. More than all of
    /// the quota is never there.
    async fn give_back(&self, class: RateClass, key: &str, quota: Quota);
}
