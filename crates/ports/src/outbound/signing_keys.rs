use super::StoreError;
use async_trait::async_trait;
use doorward_domain::KeyRecord;

/// The public key of a signing key in the form for others: a JWK (RFC 7517 §4) with `kid`, `use` and `alg`.
#[derive(Debug, Clone, PartialEq)]
pub struct PublicJwk(pub serde_json::Value);

/// A signing key in the store.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredKey {
    /// Its record.
    pub record: KeyRecord,
    /// Its public key.
    pub public: PublicJwk,
    /// Its private key, sealed; none if it is no longer needed.
    pub sealed: Option<Vec<u8>>,
}

/// Reads signing keys.
#[async_trait]
pub trait SigningKeysRead: Send {
    /// Returns all keys, also revoked ones, in the order in which they begin to sign. There are few.
    async fn all(&mut self) -> Result<Vec<StoredKey>, StoreError>;
}

/// Changes signing keys. Every change is published to all nodes as [`super::Revocation::Keys`].
#[async_trait]
pub trait SigningKeys: SigningKeysRead {
    /// Adds a key; fails if there is already one with its name.
    async fn insert(&mut self, key: &StoredKey) -> Result<(), StoreError>;
    /// Saves when the key begins, retires and was revoked, and its sealed private key; fails if there is none with its
    /// name.
    async fn save(&mut self, key: &StoredKey) -> Result<(), StoreError>;
}
