use doorward_ports::outbound::{StoreObserver, StoreOperation};
use doorward_ports::usage::{CallKind, PortCall};
use std::sync::Arc;

/// Reports the duration of an operation to the observer when it is dropped, so that failed and abandoned operations are
/// reported too.
pub struct Watch {
    observer: Arc<dyn StoreObserver>,
    operation: StoreOperation,
    call: PortCall,
}

impl Watch {
    pub fn begin(observer: &Arc<dyn StoreObserver>, operation: StoreOperation) -> Self {
        let call = PortCall::begin(CallKind::Store, operation.as_str());
        Self { observer: observer.clone(), operation, call }
    }

    /// Ends this operation and begins the next.
    pub fn then(self, operation: StoreOperation) -> Self {
        let observer = self.observer.clone();
        drop(self);
        Self::begin(&observer, operation)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.observer.took(self.operation, self.call.elapsed());
    }
}
