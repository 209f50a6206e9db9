use super::job::Job;
use doorward_ports::outbound::{Clock, HealthProbe, JobObserver, JobOutcome};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// A job fails if it has not succeeded for this many intervals, and not for this time.
const INTERVALS: u32 = 3;
const SHORTEST_TROUBLE: Duration = Duration::from_secs(10);

/// The state of the jobs: their names, and the time of their last success.
pub struct Board {
    rows: Mutex<Vec<Row>>,
    clock: Arc<dyn Clock>,
    observer: Arc<dyn JobObserver>,
}

struct Row {
    name: &'static str,
    well_at: Instant,
    /// How long the next success may take.
    patience: Duration,
}

impl Board {
    /// A board without jobs. It reports every change to the observer.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, observer: Arc<dyn JobObserver>) -> Arc<Self> {
        Arc::new(Self { rows: Mutex::default(), clock, observer })
    }

    /// Counts from now on until the first success.
    pub(super) fn list(&self, job: &Job) {
        if job.counts_for_health {
            self.rows().push(Row { name: job.name, well_at: Instant::now(), patience: patience(job.every) });
        }
        self.observer.listed(job.name);
    }

    /// A run has ended, and the next one begins after this pause.
    pub(super) fn ran(&self, job: &Job, outcome: JobOutcome, pause: Duration) {
        if matches!(outcome, JobOutcome::Success | JobOutcome::Elsewhere)
            && let Some(row) = self.rows().iter_mut().find(|row| row.name == job.name)
        {
            *row = Row { name: job.name, well_at: Instant::now(), patience: patience(job.every.max(pause)) };
        }
        self.observer.ran(job.name, outcome, self.clock.now());
    }

    /// The jobs that have not succeeded recently.
    fn failing(&self) -> Vec<&'static str> {
        let rows = self.rows();
        rows.iter().filter(|row| row.well_at.elapsed() > row.patience).map(|row| row.name).collect()
    }

    // No code that can panic runs while it is locked.
    fn rows(&self) -> MutexGuard<'_, Vec<Row>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn patience(interval: Duration) -> Duration {
    interval.saturating_mul(INTERVALS).max(SHORTEST_TROUBLE)
}

/// One component of the health report: it works while each job has succeeded recently.
impl HealthProbe for Board {
    fn component(&self) -> &'static str {
        "jobs"
    }

    fn works(&self) -> bool {
        self.failing().is_empty()
    }

    /// Jobs answer nothing.
    fn took(&self) -> Duration {
        Duration::ZERO
    }

    fn effect(&self) -> String {
        let failing = self.failing().join(", ");
        format!("Requests are answered. The work of these background jobs is not done: {failing}.")
    }
}
