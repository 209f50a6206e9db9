use super::StoreError;
use async_trait::async_trait;
use doorward_domain::{AuditAnchor, AuditLine, AuditSeal, ChainedLine, SealedLine, Timestamp};
use std::ops::RangeInclusive;

/// An audit key in the store: Ed25519 (RFC 8032). Audit keys are kept for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditKey {
    /// Its name: the thumbprint of its public key (RFC 7638).
    pub id: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// The public key.
    pub public: Vec<u8>,
    /// The private key, sealed.
    pub sealed: Vec<u8>,
}

/// Reads the chain of the audit log as the database contains it: also what was tampered with.
#[async_trait]
pub trait AuditChainRead: Send {
    /// Returns the newest seal.
    async fn head(&mut self) -> Result<Option<AuditSeal>, StoreError>;
    /// Returns at most `limit` seals after the one of this line, in the order of their lines.
    async fn seals(&mut self, after: i64, limit: usize) -> Result<Vec<AuditSeal>, StoreError>;
    /// Returns the lines with these numbers, in their order. Of lines that have one number, which nobody but an attacker
    /// can write, at least two are returned.
    async fn lines(&mut self, numbers: RangeInclusive<i64>) -> Result<Vec<SealedLine>, StoreError>;
    /// Returns the number and the id of the first line whose number is outside of these, if there is one.
    async fn outside(&mut self, numbers: RangeInclusive<i64>) -> Result<Option<(i64, String)>, StoreError>;
    /// Returns at most `limit` lines without a number, in the order of their ids.
    async fn unsealed(&mut self, limit: usize) -> Result<Vec<AuditLine>, StoreError>;
    /// Returns the statement about the last line that was deleted.
    async fn anchor(&mut self) -> Result<Option<AuditAnchor>, StoreError>;
    /// Returns all audit keys, the oldest first. There are few.
    async fn keys(&mut self) -> Result<Vec<AuditKey>, StoreError>;
}

/// Continues and shortens the chain of the audit log.
#[async_trait]
pub trait AuditChain: AuditChainRead {
    /// Adds the seal, and gives its lines their places; false if there is already a seal that begins with its first line,
    /// and nothing was changed. Of any number of calls at once, one succeeds.
    async fn seal(&mut self, seal: &AuditSeal, lines: &[ChainedLine]) -> Result<bool, StoreError>;
    /// Deletes all lines up to the anchor, with their seals except the last one; the anchor replaces the one before.
    /// Returns the number of deleted lines.
    async fn prune(&mut self, anchor: &AuditAnchor) -> Result<usize, StoreError>;
    /// Adds a key; fails if there is already one with its name.
    async fn add_key(&mut self, key: &AuditKey) -> Result<(), StoreError>;
}

/// Signs the statements of the audit chain with Ed25519 (RFC 8032). A private key is 32 random bytes (§5.1.5).
pub trait AuditSigner: Send + Sync {
    /// The name and the public key of a private key; none if it does not have 32 bytes.
    fn public_half(&self, private: &[u8]) -> Option<(String, Vec<u8>)>;
    /// Signs a statement; none if the private key does not have 32 bytes.
    fn sign(&self, private: &[u8], statement: &[u8]) -> Option<Vec<u8>>;
    /// Whether the private key of this public key has signed the statement. Any bytes may be passed.
    fn has_signed(&self, public: &[u8], statement: &[u8], signature: &[u8]) -> bool;
}
