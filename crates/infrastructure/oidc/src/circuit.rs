use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// After how many failures in a row a provider is not called for a while.
const FAILURES: u32 = 5;
/// How long it is not called.
const PAUSE: Duration = Duration::from_secs(30);

/// Whether a provider may be called. After the pause, one call tries whether it is there again, once for each pause.
#[derive(Default)]
pub struct Circuit(Mutex<State>);

#[derive(Default)]
struct State {
    failures: u32,
    paused_at: Option<Instant>,
}

impl Circuit {
    /// Whether the provider may be called now.
    pub fn admits(&self) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let open = state.failures >= FAILURES && state.paused_at.is_some_and(|at| at.elapsed() < PAUSE);
        if !open && state.paused_at.is_some() {
            // The next pause begins with the trial, so that a trial that is cut off leaves nothing behind.
            state.paused_at = Some(Instant::now());
        }
        !open
    }

    /// The provider has answered, or not.
    pub fn record(&self, answered: bool) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if answered {
            *state = State::default();
            return;
        }
        state.failures = state.failures.saturating_add(1);
        if state.failures >= FAILURES {
            state.paused_at = Some(Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn after_failures_in_a_row_there_is_a_pause_and_then_one_trial() {
        let circuit = Circuit::default();
        for _ in 0..FAILURES {
            assert!(circuit.admits());
            circuit.record(false);
        }
        assert!(!circuit.admits());
        tokio::time::advance(PAUSE).await;
        assert_eq!([circuit.admits(), circuit.admits()], [true, false]);
        tokio::time::advance(PAUSE).await;
        assert!(circuit.admits());
        circuit.record(true);
        assert!(circuit.admits() && circuit.admits());
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_ends_the_row_of_failures() {
        let circuit = Circuit::default();
        for _ in 0..10 {
            (1..FAILURES).for_each(|_| circuit.record(false));
            circuit.record(true);
        }
        assert!(circuit.admits());
    }
}
