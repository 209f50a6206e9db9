//! Verification of the audit log beside the requests: on a thread of its own, so that no worker is kept busy.
use async_trait::async_trait;
use doorward_ports::inbound::{AuditLog, AuditVerdict, Pruned, SignedHead, VerifiedTo};
use doorward_ports::{Caller, Error, Result};
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

/// The chain of the audit log, verified on a thread of its own.
pub(super) struct VerifiedAside {
    log: Arc<dyn AuditLog>,
    backend: Handle,
}

impl VerifiedAside {
    pub(super) const fn new(log: Arc<dyn AuditLog>, backend: Handle) -> Self {
        Self { log, backend }
    }
}

#[async_trait]
impl AuditLog for VerifiedAside {
    async fn seal(&self, caller: &Caller) -> Result<usize> {
        self.log.seal(caller).await
    }

    async fn head(&self, caller: &Caller) -> Result<SignedHead> {
        self.log.head(caller).await
    }

    /// Ends soon after the caller stops waiting.
    async fn verify(&self, caller: &Caller, saved: Option<SignedHead>, to: VerifiedTo<'_>) -> Result<AuditVerdict> {
        let (told, mut heard) = mpsc::unbounded_channel();
        let (log, caller, backend) = (self.log.clone(), caller.clone(), self.backend.clone());
        let verifying = self.backend.spawn_blocking(move || {
            backend.block_on(async {
                let tell = |seq| {
                    // It fails when nobody waits any more, which ends the verification anyway.
                    let _ = told.send(seq);
                };
                tokio::select! {
                    verdict = log.verify(&caller, saved, &tell) => verdict,
                    () = told.closed() => Err(Error::internal("nobody waits for the verification")),
                }
            })
        });
        while let Some(seq) = heard.recv().await {
            to(seq);
        }
        verifying.await.unwrap_or_else(|error| match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(stopped) => Err(Error::internal(stopped)),
        })
    }

    async fn prune(&self, caller: &Caller, before: &str) -> Result<Pruned> {
        self.log.prune(caller, before).await
    }

    async fn prune_expired(&self, caller: &Caller) -> Result<Pruned> {
        self.log.prune_expired(caller).await
    }
}

#[cfg(test)]
mod tests;
