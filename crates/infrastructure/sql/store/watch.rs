use doorward_ports::outbound::{StoreObserver, StoreOperation};
use std::sync::Arc;
use std::time::Instant;

/// Tells the observer how long something took when it is dropped, and so also of what fails or is given up.
pub struct Watch {
    observer: Arc<dyn StoreObserver>,
    operation: StoreOperation,
    begun: Instant,
}

impl Watch {
    pub fn begin(observer: &Arc<dyn StoreObserver>, operation: StoreOperation) -> Self {
        Self { observer: observer.clone(), operation, begun: Instant::now() }
    }

    /// This has ended, and the next begins.
    pub fn then(self, operation: StoreOperation) -> Self {
        Self::begin(&self.observer, operation)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.observer.took(self.operation, self.begun.elapsed());
    }
}
