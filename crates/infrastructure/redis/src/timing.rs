use doorward_ports::outbound::Random;
use std::time::Duration;

/// How fast a lost connection is noticed and replaced.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// The time between two heartbeats.
    pub heartbeat: Duration,
    /// The time without an own message after which the connection counts as lost; several heartbeats.
    pub silence: Duration,
    /// How long Redis may take to accept a connection, or a command; no request waits for either.
    pub answer: Duration,
    /// How long a request waits for Redis, once: then the connection is given up, and no request waits.
    pub patience: Duration,
    /// The wait before the first new attempt; each further one doubles it.
    pub first_wait: Duration,
    /// The longest wait between two attempts.
    pub longest_wait: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_secs(1),
            silence: Duration::from_secs(4),
            answer: Duration::from_secs(2),
            patience: Duration::from_millis(200),
            first_wait: Duration::from_millis(100),
            longest_wait: Duration::from_secs(3),
        }
    }
}

impl Timing {
    /// The wait before an attempt: between half and the whole of its step, so that nodes don't come back all at once.
    pub(crate) fn wait(&self, failures: u32, random: &dyn Random) -> Duration {
        let step = self.first_wait.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1)));
        let step = step.min(self.longest_wait);
        let mut byte = [0];
        random.fill(&mut byte);
        step / 2 + step / 2 * u32::from(byte[0]) / u32::from(u8::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorward_testkit::SeededRandom;

    #[test]
    fn waits_grow_to_the_longest_and_never_beyond() {
        let (timing, random) = (Timing::default(), SeededRandom::new(1));
        for failures in 1..100 {
            let wait = timing.wait(failures, &random);
            let step = timing.first_wait.saturating_mul(2_u32.saturating_pow(failures - 1)).min(timing.longest_wait);
            assert!(wait >= step / 2 && wait <= step, "{failures} failures: {wait:?}");
        }
    }

    #[test]
    fn two_nodes_do_not_come_back_in_step() {
        let (timing, random) = (Timing::default(), SeededRandom::new(1));
        let waits: std::collections::BTreeSet<_> = (0..20).map(|_| timing.wait(9, &random)).collect();
        assert!(waits.len() > 15, "{waits:?}");
    }
}
