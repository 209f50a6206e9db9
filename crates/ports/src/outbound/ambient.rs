use async_trait::async_trait;
use doorward_domain::Timestamp;
use std::time::Duration;

/// The time. The only one: nothing else reads the machine's clock, so that tests can move it.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Now, in whole microseconds.
    fn now(&self) -> Timestamp;

    /// Lets so much time pass. Never with a unit of work open.
    async fn sleep(&self, time: Duration);
}

/// Randomness fit for secrets.
pub trait Random: Send + Sync {
    /// Fills the buffer with bytes that nobody can foretell.
    fn fill(&self, buffer: &mut [u8]);
}
