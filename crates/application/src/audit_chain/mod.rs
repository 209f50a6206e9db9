//! The chain of the audit log: sealed by a key that only this service can open, and verified.
mod keys;
mod seal;
mod verify;

use crate::Services;
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_ports::access::Operation;
use doorward_ports::inbound::{AuditLog, AuditVerdict, SignedHead, VerifiedTo};
use doorward_ports::{Caller, Result};

#[async_trait]
impl AuditLog for Services {
    async fn seal(&self, caller: &Caller) -> Result<usize> {
        seal::seal(self.authorize(caller, Operation::SealAuditLog)?).await
    }

    async fn head(&self, caller: &Caller) -> Result<Option<SignedHead>> {
        let act = self.authorize(caller, Operation::ReadAuditHead)?;
        let Some(seal) = act.read().await?.audit_chain().head().await? else { return Ok(None) };
        let keys = keys::all(&act).await?;
        let public = keys.public_of(&seal.head.key_id).unwrap_or_default();
        let (public_key, signature) = (URL_SAFE_NO_PAD.encode(public), URL_SAFE_NO_PAD.encode(seal.signature));
        Ok(Some(SignedHead { head: seal.head, public_key, signature }))
    }

    async fn verify(&self, caller: &Caller, saved: Option<SignedHead>, to: VerifiedTo<'_>) -> Result<AuditVerdict> {
        verify::verify(self.authorize(caller, Operation::VerifyAuditLog)?, saved, to).await
    }
}
