use super::tenant::Tenant;
use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// How often a continuous job is recorded as running.
const NOTED_EVERY: Duration = Duration::from_secs(1);

type Failure = Box<dyn Error + Send + Sync>;
pub(super) type Run = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;
type Wanted = Pin<Box<dyn Future<Output = Result<bool, Failure>> + Send>>;
pub(super) type Wake = Pin<Box<dyn Future<Output = ()> + Send>>;

/// One kind of background work.
pub struct Job {
    pub(super) name: &'static str,
    pub(super) every: Duration,
    /// Whether a run does not end by itself.
    pub(super) lasting: bool,
    /// After a run, the job rests for this many times the length of the run.
    pub(super) rest: u32,
    pub(super) once_more_at_the_end: bool,
    /// Whether the service is unhealthy while it fails.
    pub(super) counts_for_health: bool,
    /// Only one of several nodes runs it at a time.
    pub(super) tenant: Option<Tenant>,
    /// Whether there is anything to do.
    wanted: Box<dyn Fn() -> Wanted + Send + Sync>,
    /// What operators should know while it fails: the meaning, and what to do.
    pub(super) failing: &'static str,
    pub(super) run: Box<dyn Fn() -> Run + Send + Sync>,
    pub(super) woken: Box<dyn Fn() -> Wake + Send + Sync>,
}

impl Job {
    /// Runs repeatedly with this interval, counted from start to start; at once, if the previous run took longer.
    #[must_use]
    pub fn every<F, E>(every: Duration, name: &'static str, run: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Failure> + 'static,
    {
        let run = Arc::new(run);
        Self {
            name,
            every,
            lasting: false,
            rest: 0,
            once_more_at_the_end: false,
            counts_for_health: true,
            tenant: None,
            wanted: Box::new(|| Box::pin(std::future::ready(Ok(true)))),
            failing: "a job in the background fails",
            // Created within the run, so that a panic in its creation is a panic of the run.
            run: Box::new(move || {
                let run = run.clone();
                Box::pin(async move { run().await.map_err(Into::into) })
            }),
            woken: Box::new(|| Box::pin(std::future::pending())),
        }
    }

    /// Runs until the server stops. A run that ends by itself has failed.
    #[must_use]
    pub fn lasting<F>(name: &'static str, run: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let run = Arc::new(run);
        let run = move || {
            let run = run.clone();
            async move {
                run().await;
                Err("it ended, which it never should")
            }
        };
        Self { lasting: true, ..Self::every(NOTED_EVERY, name, run) }
    }

    /// Its name, in metrics and in the log.
    #[cfg(test)]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Sets what operators should know while it fails: the meaning, and what to do.
    #[must_use]
    pub fn failing(self, failing: &'static str) -> Self {
        Self { failing, ..self }
    }

    /// Runs on one node at a time: a lease with its name is taken before each run and returned after it. Not for a
    /// continuous job.
    #[must_use]
    pub fn on_one_node(self, tenant: &Tenant) -> Self {
        Self { tenant: Some(tenant.clone()), ..self }
    }

    /// Runs only if there is something to do. A frequent job on one node asks this first, because to take and return a lease
    /// writes to the disk.
    #[must_use]
    pub fn only_if<F, E>(self, wanted: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<bool, E>> + Send + 'static,
        E: Into<Failure> + 'static,
    {
        let wanted = Arc::new(wanted);
        let ask = move || -> Wanted {
            let wanted = wanted.clone();
            Box::pin(async move { wanted().await.map_err(Into::into) })
        };
        Self { wanted: Box::new(ask), ..self }
    }

    /// Rests after each run for this many times its length, if that is longer than the interval.
    #[must_use]
    pub fn resting(self, rest: u32) -> Self {
        Self { rest, ..self }
    }

    /// Runs earlier when this future ends.
    #[must_use]
    pub fn woken_by<F>(self, woken: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self { woken: Box::new(move || Box::pin(woken())), ..self }
    }

    /// Is not interrupted when the server stops, and then runs once more.
    #[must_use]
    pub fn once_more_at_the_end(self) -> Self {
        Self { once_more_at_the_end: true, ..self }
    }

    /// Does not count for the health of the service, because callers do not notice when it fails.
    #[must_use]
    pub fn apart_from_health(self) -> Self {
        Self { counts_for_health: false, ..self }
    }

    /// Whether it ran here: it did not if another node is running it.
    pub(super) async fn run_here(&self, run: Run) -> Result<bool, Failure> {
        if !(self.wanted)().await? {
            return Ok(true);
        }
        match &self.tenant {
            Some(tenant) => tenant.hold(self.name, run).await,
            None => run.await.map(|()| true),
        }
    }

    /// Releases what an interrupted run has held.
    pub(super) async fn let_go(&self) {
        if let Some(tenant) = &self.tenant {
            tenant.release(self.name).await;
        }
    }
}
