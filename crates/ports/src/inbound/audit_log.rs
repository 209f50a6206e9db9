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

/// Hears how far a verification is.
pub type VerifiedTo<'a> = &'a (dyn Fn(i64) + Send + Sync);

/// The chain of the audit log.
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// Seals the lines that are committed and have no seal; returns their number. If several processes do this at once,
    /// they continue one chain.
    async fn seal(&self, caller: &Caller) -> Result<usize>;
    /// Returns the newest head; none before the first line is sealed.
    async fn head(&self, caller: &Caller) -> Result<Option<SignedHead>>;
    /// Verifies the whole log, and compares it with a saved head. It uses little memory, however long the log is.
    async fn verify(&self, caller: &Caller, saved: Option<SignedHead>, to: VerifiedTo<'_>) -> Result<AuditVerdict>;
}
