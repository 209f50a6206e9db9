use crate::START;
use async_trait::async_trait;
use doorward_domain::Timestamp;
use doorward_ports::outbound::Clock;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// A clock that stands still until it is told to move, or somebody sleeps: that moves it. Its copies show one time.
#[derive(Debug, Clone)]
pub struct VirtualClock(Arc<AtomicI64>);

impl VirtualClock {
    /// A clock that shows this time.
    #[must_use]
    pub fn at(time: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(time.as_micros())))
    }

    /// Moves it to this time, forward or back.
    pub fn set(&self, time: Timestamp) {
        self.0.store(time.as_micros(), Ordering::SeqCst);
    }

    /// Moves it forward.
    pub fn advance(&self, duration: Duration) {
        self.set(self.now().plus(duration));
    }
}

impl Default for VirtualClock {
    /// Shows [`START`].
    fn default() -> Self {
        Self::at(START)
    }
}

#[async_trait]
impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }

    async fn sleep(&self, time: Duration) {
        self.advance(time);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_move_together_and_only_when_told() {
        let clock = VirtualClock::default();
        let copy = clock.clone();
        assert_eq!((clock.now(), copy.now()), (START, START));
        copy.advance(Duration::from_secs(90));
        assert_eq!(clock.now(), START.plus(Duration::from_secs(90)));
        clock.set(Timestamp::EPOCH);
        assert_eq!(copy.now(), Timestamp::EPOCH);
    }
}
