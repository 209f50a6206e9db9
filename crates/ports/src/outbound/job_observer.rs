use doorward_domain::Timestamp;

/// What became of one run of a job in the background.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobOutcome {
    /// It did what it is for.
    Success,
    /// It failed, and runs again at its next time.
    Failure,
    /// It panicked, and is started again after a pause.
    Panic,
    /// Another node was running it.
    Elsewhere,
}

impl JobOutcome {
    /// Each of them.
    pub const ALL: [Self; 4] = [Self::Success, Self::Failure, Self::Panic, Self::Elsewhere];

    /// The stable name, used as the value of a label.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Panic => "panic",
            Self::Elsewhere => "elsewhere",
        }
    }
}

/// Hears of the jobs that run in the background, for metrics. It never waits and never fails.
pub trait JobObserver: Send + Sync {
    /// There is such a job, and it is about to start.
    fn listed(&self, job: &'static str);

    /// A run of it has ended at that time. Of a job that never ends: it has run for a while.
    fn ran(&self, job: &'static str, outcome: JobOutcome, at: Timestamp);
}
