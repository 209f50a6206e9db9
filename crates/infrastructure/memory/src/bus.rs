use doorward_ports::outbound::{Revocation, RevocationBus};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::Notify;

/// Passes revocations on to whoever in this process has subscribed, before [`RevocationBus::publish`] returns.
#[derive(Default)]
pub struct LocalBus {
    subscribers: RwLock<Vec<Arc<dyn RevocationBus>>>,
}

impl LocalBus {
    /// A bus without subscribers.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Has every later revocation told to this one too.
    pub fn subscribe(&self, subscriber: Arc<dyn RevocationBus>) {
        // Nothing that can panic runs under this lock while it is held for writing.
        self.subscribers.write().unwrap_or_else(PoisonError::into_inner).push(subscriber);
    }
}

impl RevocationBus for LocalBus {
    fn publish(&self, revocations: &[Revocation]) {
        for subscriber in self.subscribers.read().unwrap_or_else(PoisonError::into_inner).iter() {
            subscriber.publish(revocations);
        }
    }
}

/// Wakes whoever waits for news of one kind: of signing keys, or of providers.
pub struct News {
    of: Revocation,
    heard: Notify,
}

impl News {
    /// Of this kind; nothing new yet.
    #[must_use]
    pub fn of(kind: Revocation) -> Arc<Self> {
        Arc::new(Self { of: kind, heard: Notify::new() })
    }

    /// Waits until there is news; what came while nobody waited counts.
    pub async fn heard(&self) {
        self.heard.notified().await;
    }
}

impl RevocationBus for News {
    fn publish(&self, revocations: &[Revocation]) {
        if revocations.iter().any(|revocation| *revocation == self.of || *revocation == Revocation::Everyone) {
            self.heard.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    async fn hears(news: &News) -> bool {
        tokio::time::timeout(Duration::from_millis(1), news.heard()).await.is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn news_of_keys_is_heard_once_also_by_one_who_comes_late() {
        let news = News::of(Revocation::Keys);
        assert!(!hears(&news).await);
        news.publish(&[Revocation::Keys, Revocation::Keys]);
        assert!(hears(&news).await);
        assert!(!hears(&news).await);
    }

    #[tokio::test(start_paused = true)]
    async fn other_news_wakes_nobody() {
        let news = News::of(Revocation::Keys);
        let session = doorward_domain::SessionId::mint(doorward_domain::Timestamp::EPOCH, [1; 10]);
        news.publish(&[Revocation::Session(session)]);
        assert!(!hears(&news).await);
    }
}
