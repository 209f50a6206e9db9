use doorward_ports::outbound::{Clock, Lease, LeaseTerm, Random, StoreError};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// The term of a lease that is not extended: a job waits for this time if its node has died.
pub(super) const TERM: Duration = Duration::from_secs(60);
/// How often it is extended while the job runs.
const PROLONGED_EVERY: Duration = Duration::from_secs(20);
/// How long a job continues if its lease can't be extended; the rest of the term is for stopping it.
const RUNS_ON: Duration = Duration::from_secs(40);

/// This node, as the holder of leases for jobs that run on one node at a time.
#[derive(Clone)]
pub struct Tenant {
    lease: Arc<dyn Lease>,
    clock: Arc<dyn Clock>,
    holder: Arc<str>,
}

impl Tenant {
    /// A process with a unique name.
    #[must_use]
    pub fn new(lease: Arc<dyn Lease>, clock: Arc<dyn Clock>, random: &dyn Random) -> Self {
        let mut name = [0; 16];
        random.fill(&mut name);
        Self { lease, clock, holder: format!("{:032x}", u128::from_be_bytes(name)).into() }
    }

    /// Runs it while this node holds the lease with this name; false if another node does.
    pub(super) async fn hold(
        &self,
        name: &str,
        run: impl Future<Output = Result<(), Box<dyn Error + Send + Sync>>>,
    ) -> Result<bool, Box<dyn Error + Send + Sync>> {
        if !self.take(name).await? {
            return Ok(false);
        }
        // Both at once: the run may hold what the extension waits for.
        let ended = tokio::select! {
            ended = run => ended,
            lost = self.prolong(name) => Err(lost),
        };
        self.release(name).await;
        ended.map(|()| true)
    }

    /// Returns the lease for other nodes. A lease that can't be returned ends with its term.
    pub(super) async fn release(&self, name: &str) {
        if let Err(error) = self.lease.release(name, &self.holder).await {
            tracing::debug!(job = name, %error, "could not return the lease");
        }
    }

    async fn take(&self, name: &str) -> Result<bool, StoreError> {
        let now = self.clock.now();
        self.lease.take(name, &LeaseTerm { holder: self.holder.to_string(), now, until: now.plus(TERM) }).await
    }

    /// Until this is no longer possible; returns the reason.
    async fn prolong(&self, name: &str) -> Box<dyn Error + Send + Sync> {
        let mut held_at = Instant::now();
        loop {
            tokio::time::sleep(PROLONGED_EVERY).await;
            match self.take(name).await {
                Ok(true) => held_at = Instant::now(),
                Ok(false) => return "another node has taken it over: see whether the clocks of the nodes agree".into(),
                Err(error) if held_at.elapsed() >= RUNS_ON => return error.into(),
                Err(_) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests;
