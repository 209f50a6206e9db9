use async_trait::async_trait;
use doorward_domain::{SealedHead, SealingKeyId};
use zeroize::Zeroizing;

/// A sealing key as the store keeps it for all nodes: encrypted by a key that an external system has and never gives away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// The id of the sealing key.
    pub id: SealingKeyId,
    /// The system and its key, such as `vault:transit/doorward`.
    pub by: String,
    /// The encrypted key, in the form of that system.
    pub text: String,
}

/// A new sealing key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSealingKey {
    /// Its id.
    pub id: SealingKeyId,
    /// What the store must keep, so that other nodes can learn it; none if they get it from elsewhere.
    pub wrapped: Option<WrappedKey>,
}

/// Why there is no sealing key. The text is for the operator.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NoSealingKey(pub String);

/// The sealing keys that this process knows. One of them seals; all of them open.
///
/// Only `refresh`, `create` and `delete` can wait for a disk or a network, so they are never called with an open unit of
/// work. To seal and to open needs neither.
#[async_trait]
pub trait SealingRing: Send + Sync {
    /// The keys that this process knows.
    fn known(&self) -> Vec<SealingKeyId>;

    /// The head of what is sealed now. Its key is the one that seals.
    fn head(&self) -> SealedHead;

    /// Seals with this key from now on; false, and no change, if this process does not know it.
    fn select(&self, id: SealingKeyId) -> bool;

    /// Learns the keys that have appeared in its source, and the wrapped ones that it does not know yet. Keys that it
    /// knows stay, also if their source is gone.
    ///
    /// # Errors
    /// If some could not be learned; the others were.
    async fn refresh(&self, wrapped: &[WrappedKey]) -> Result<(), NoSealingKey>;

    /// A key that is not among `used`, for the next rotation: one that this process knows but has not used yet, or a
    /// new one, which it then knows.
    ///
    /// # Errors
    /// If there is no such key, and none can be created.
    async fn create(&self, used: &[SealingKeyId]) -> Result<NewSealingKey, NoSealingKey>;

    /// Deletes the key from its source, as far as this process may. This process still opens with it until it ends.
    ///
    /// # Errors
    /// If it can't be deleted.
    async fn delete(&self, id: SealingKeyId) -> Result<(), NoSealingKey>;
}

/// Why an external system did not encrypt or decrypt a sealing key. The text is for the operator.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NotWrapped(pub String);

/// An external system that encrypts sealing keys with a key of its own. It is asked when a sealing key is created, and when a
/// process learns one; never for a single secret.
#[async_trait]
pub trait KeyWrapper: Send + Sync {
    /// The system and its key, such as `vault:transit/doorward`.
    fn name(&self) -> String;

    /// Encrypts a sealing key.
    ///
    /// # Errors
    /// If the system does not answer, or refuses.
    async fn wrap(&self, key: &[u8]) -> Result<String, NotWrapped>;

    /// Decrypts a sealing key, also one that was encrypted with an earlier version of the system's key.
    ///
    /// # Errors
    /// If the system does not answer, or refuses.
    async fn unwrap(&self, text: &str) -> Result<Zeroizing<Vec<u8>>, NotWrapped>;

    /// Checks that the system would do both.
    ///
    /// # Errors
    /// If it would not.
    async fn check(&self) -> Result<(), NotWrapped>;
}
