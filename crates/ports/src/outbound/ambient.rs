use async_trait::async_trait;
use doorward_domain::Timestamp;
use std::time::Duration;

/// The time. Nothing else reads the clock of the machine, so that tests can move it.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Now, in whole microseconds.
    fn now(&self) -> Timestamp;

    /// Waits for this time. Never call it with an open unit of work.
    async fn sleep(&self, time: Duration);
}

/// Randomness that is good enough for secrets.
pub trait Random: Send + Sync {
    /// Fills the buffer with unpredictable bytes.
    fn fill(&self, buffer: &mut [u8]);
}
