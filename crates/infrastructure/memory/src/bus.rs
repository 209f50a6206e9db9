use doorward_application::ports::outbound::{Revocation, RevocationBus};
use std::sync::{Arc, PoisonError, RwLock};

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
