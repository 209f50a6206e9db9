use crate::{Caller, Result};
use async_trait::async_trait;
use doorward_domain::{AuditHead, BadLine, Verified};

/// The end of the audit log, signed. Who saves it outside the database can later show that the end was cut off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedHead {
    /// The statement.
    pub head: AuditHead,
    /// The public key of Ed25519 (RFC 8032), in base64url without padding.
    pub public_key: String,
    /// The signature of [`AuditHead::statement`], in base64url without padding.
    pub signature: String,
}

/// The result of a verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditVerdict {
    /// What was verified, or the first line where something is wrong.
    pub result: std::result::Result<Verified, BadLine>,
    /// How many lines have no seal yet; at most 1,000 are counted.
    pub unsealed: usize,
}

/// What a deletion of the oldest lines has deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// The number of the last deleted line, also of earlier deletions; 0 if no line was ever deleted.
    pub to: i64,
    /// How many lines this deletion has deleted.
    pub lines: i64,
}

/// Hears how far a verification is.
pub type VerifiedTo<'a> = &'a (dyn Fn(i64) + Send + Sync);

/// The chain of the audit log.
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// Seals the lines that are committed and have no seal; returns their number. If several processes do this at once,
    /// they continue one chain.
    async fn seal(&self, caller: &Caller) -> Result<usize>;
    /// Returns the newest head. It is refused while no line is sealed, and if no audit key that this service can open has
    /// signed the head: nobody would later accept it.
    async fn head(&self, caller: &Caller) -> Result<SignedHead>;
    /// Verifies the whole log, and compares it with a saved head. It uses little memory, however long the log is, but keeps
    /// a processor busy: so while it runs, another verification in the same process is refused.
    async fn verify(&self, caller: &Caller, saved: Option<SignedHead>, to: VerifiedTo<'_>) -> Result<AuditVerdict>;
    /// Deletes the lines that were sealed before this time (RFC 3339), whole seals at a time, with their personal data. It
    /// first verifies what it deletes, so that nobody has their tampering deleted. Each part is an act of the audit log. If
    /// several processes do this at once, or one is interrupted, each part is deleted once and the log stays verifiable.
    async fn prune(&self, caller: &Caller, before: &str) -> Result<Pruned>;
    /// [`Self::prune`] of the lines that are older than the retention of the operator; of none without a retention.
    async fn prune_expired(&self, caller: &Caller) -> Result<Pruned>;
}
