use doorward_ports::outbound::{StoreObserver, StoreOperation};
use std::sync::Arc;
use std::time::Instant;

/// Reports the duration of an operation to the observer when it is dropped, so that failed and abandoned operations are
/// reported too.
pub struct Watch {
    observer: Arc<dyn StoreObserver>,
    operation: StoreOperation,
    begun: Instant,
}

impl Watch {
    pub fn begin(observer: &Arc<dyn StoreObserver>, operation: StoreOperation) -> Self {
        Self { observer: observer.clone(), operation, begun: Instant::now() }
    }

    /// Ends this operation and begins the next.
    pub fn then(self, operation: StoreOperation) -> Self {
        Self::begin(&self.observer, operation)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.observer.took(self.operation, self.begun.elapsed());
    }
}
