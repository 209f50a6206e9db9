use super::tenant::Tenant;
use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// How often it is noted that a job which never ends still runs.
const NOTED_EVERY: Duration = Duration::from_secs(1);

type Failure = Box<dyn Error + Send + Sync>;
pub(super) type Run = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;
pub(super) type Wake = Pin<Box<dyn Future<Output = ()> + Send>>;

/// One thing that is done in the background.
pub struct Job {
    pub(super) name: &'static str,
    pub(super) every: Duration,
    /// Whether a run is not meant to end.
    pub(super) lasting: bool,
    /// A run is followed by a rest of so many times its own length.
    pub(super) rest: u32,
    pub(super) once_more_at_the_end: bool,
    /// Of several nodes one runs it at a time.
    pub(super) tenant: Option<Tenant>,
    /// What operators should know while it fails: what it means, and what they can do.
    pub(super) failing: &'static str,
    pub(super) run: Box<dyn Fn() -> Run + Send + Sync>,
    pub(super) woken: Box<dyn Fn() -> Wake + Send + Sync>,
}

impl Job {
    /// Is run again and again, so often, counted from one beginning to the next; at once, where the one before took longer.
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
            tenant: None,
            failing: "a job in the background fails",
            // Made within the run, so that a panic in making it is one of the run.
            run: Box::new(move || {
                let run = run.clone();
                Box::pin(async move { run().await.map_err(Into::into) })
            }),
            woken: Box::new(|| Box::pin(std::future::pending())),
        }
    }

    /// Runs until the server stops. One that ends by itself has failed.
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

    /// Says what operators should know while it fails: what that means, and what they can do.
    #[must_use]
    pub fn failing(self, failing: &'static str) -> Self {
        Self { failing, ..self }
    }

    /// Is run by one node at a time: a lease of its name is taken before each run and given back after it. Not for one that
    /// lasts.
    #[must_use]
    pub fn on_one_node(self, tenant: &Tenant) -> Self {
        Self { tenant: Some(tenant.clone()), ..self }
    }

    /// Rests after each run so many times as long as it took, if that is longer than the interval.
    #[must_use]
    pub fn resting(self, rest: u32) -> Self {
        Self { rest, ..self }
    }

    /// Runs sooner when this ends.
    #[must_use]
    pub fn woken_by<F>(self, woken: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self { woken: Box::new(move || Box::pin(woken())), ..self }
    }

    /// Is not interrupted when the server stops, and runs once more then.
    #[must_use]
    pub fn once_more_at_the_end(self) -> Self {
        Self { once_more_at_the_end: true, ..self }
    }

    /// Whether it was run here: it was not when another node is running it.
    pub(super) async fn run_here(&self, run: Run) -> Result<bool, Failure> {
        match &self.tenant {
            Some(tenant) => tenant.hold(self.name, run).await,
            None => run.await.map(|()| true),
        }
    }

    /// Gives back what a run that was interrupted has held.
    pub(super) async fn let_go(&self) {
        if let Some(tenant) = &self.tenant {
            tenant.release(self.name).await;
        }
    }
}
