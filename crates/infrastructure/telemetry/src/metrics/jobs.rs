use super::Metrics;
use super::families::Families;
use doorward_domain::Timestamp;
use doorward_ports::outbound::{JobObserver, JobOutcome};
use prometheus::{IntCounterVec, IntGaugeVec};

/// What jobs in the background tell by the port `JobObserver`. Their label is not `job`, because Prometheus gives that
/// name to the target of a scrape, and would rename ours.
pub struct Jobs {
    runs: IntCounterVec,
    last_success: IntGaugeVec,
}

impl Jobs {
    pub fn new(families: &Families<'_>) -> Self {
        Self {
            runs: families.counters(
                "doorward_job_runs_total",
                "Runs of jobs in the background, by what became of them.",
                &["name", "outcome"],
            ),
            last_success: families.gauges(
                "doorward_job_last_success_timestamp_seconds",
                "When a job in the background last succeeded, since 1970.",
                &["name"],
            ),
        }
    }
}

impl JobObserver for Metrics {
    fn listed(&self, job: &'static str) {
        for outcome in JobOutcome::ALL {
            self.jobs.runs.with_label_values(&[job, outcome.as_str()]);
        }
        self.jobs.last_success.with_label_values(&[job]);
    }

    fn ran(&self, job: &'static str, outcome: JobOutcome, at: Timestamp) {
        self.jobs.runs.with_label_values(&[job, outcome.as_str()]).inc();
        if outcome == JobOutcome::Success {
            self.jobs.last_success.with_label_values(&[job]).set(at.as_seconds());
        }
    }
}
