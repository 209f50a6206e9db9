use async_trait::async_trait;
use doorward_domain::{Quota, RateClass, Taken};

/// Counts how often something is done, for all nodes if it can.
///
/// Exact whoever asks at once, and on however many nodes: of a crowd at one instant as many are allowed as the quota has
/// left. Each class and each key is counted apart. What is refused takes nothing.
///
/// It always answers, soon: while what nodes share can't be reached, each node counts by itself.
#[async_trait]
pub trait RateLimiter: Send + Sync {
    /// Takes one of the quota of this class and key.
    async fn take(&self, class: RateClass, key: &str, quota: Quota) -> Taken;

    /// Gives one back that was taken of the quota of this class and key: it can be taken again at once. More than all of
    /// the quota is never there.
    async fn give_back(&self, class: RateClass, key: &str, quota: Quota);
}
