use async_trait::async_trait;
use doorward_domain::Timestamp;
use doorward_ports::outbound::{Clock, Random};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Randomness from the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsRandom;

impl Random for OsRandom {
    #[expect(clippy::disallowed_methods, reason = "this is the adapter behind the port `Random`")]
    fn fill(&self, buffer: &mut [u8]) {
        getrandom::fill(buffer).expect("the operating system has randomness for every process once it is up");
    }
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the adapter behind the port `Clock`")]
    fn now(&self) -> Timestamp {
        // A clock before 1970 counts as 1970.
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::EPOCH.plus(since_epoch)
    }

    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn randomness_fills_the_whole_buffer_and_does_not_repeat() {
        let (mut first, mut second) = ([0; 64], [0; 64]);
        OsRandom.fill(&mut first);
        OsRandom.fill(&mut second);
        assert_ne!(first, second);
        // Both halves must not be zero: a filled half is all zeros with a probability of 2^-256.
        assert!(first[..32].iter().any(|&b| b != 0) && first[32..].iter().any(|&b| b != 0));
    }

    #[test]
    fn the_clock_does_not_stand_in_the_past() {
        let written_in_2026 = Timestamp::from_seconds(1_767_225_600);
        assert!(SystemClock.now() > written_in_2026);
    }
}
