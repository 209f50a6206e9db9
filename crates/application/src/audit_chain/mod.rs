//! The chain of the audit log: sealed by a key that only this service can open, verified, shipped, and shortened.
mod head;
mod keys;
mod prune;
mod seal;
mod ship;
mod verify;
mod walk;

use crate::Services;
use async_trait::async_trait;
use doorward_ports::access::Operation;
use doorward_ports::inbound::{AuditLog, AuditShipping, AuditVerdict, Pruned, SignedHead, VerifiedTo};
use doorward_ports::{Caller, Result};

#[async_trait]
impl AuditLog for Services {
    async fn seal(&self, caller: &Caller) -> Result<usize> {
        seal::seal(self.authorize(caller, Operation::SealAuditLog)?).await
    }

    async fn head(&self, caller: &Caller) -> Result<SignedHead> {
        head::head(self.authorize(caller, Operation::ReadAuditHead)?).await
    }

    async fn verify(&self, caller: &Caller, saved: Option<SignedHead>, to: VerifiedTo<'_>) -> Result<AuditVerdict> {
        let act = self.authorize(caller, Operation::VerifyAuditLog)?;
        let _running = verify::Running::begin(self.verifying())?;
        verify::verify(act, saved, to).await
    }

    async fn prune(&self, caller: &Caller, before: &str) -> Result<Pruned> {
        prune::prune(self.authorize(caller, Operation::PruneAuditLog)?, before).await
    }

    async fn prune_expired(&self, caller: &Caller) -> Result<Pruned> {
        prune::prune_expired(self.authorize(caller, Operation::PruneAuditLog)?).await
    }
}

#[async_trait]
impl AuditShipping for Services {
    async fn unshipped(&self, caller: &Caller) -> Result<i64> {
        ship::unshipped(&self.authorize(caller, Operation::ShipAuditLog)?).await
    }

    async fn ship(&self, caller: &Caller) -> Result<i64> {
        ship::ship(&self.authorize(caller, Operation::ShipAuditLog)?).await
    }
}
