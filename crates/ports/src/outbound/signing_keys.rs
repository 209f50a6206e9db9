use super::StoreError;
use async_trait::async_trait;
use doorward_domain::KeyRecord;

/// The public half of a signing key as others read it: a JWK (RFC 7517 §4) with `kid`, `use` and `alg`.
#[derive(Debug, Clone, PartialEq)]
pub struct PublicJwk(pub serde_json::Value);

/// A signing key as the store keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredKey {
    /// Its name and its life.
    pub record: KeyRecord,
    /// Its public half.
    pub public: PublicJwk,
    /// Its private half, sealed; none once it can be of no use.
    pub sealed: Option<Vec<u8>>,
}

/// Looks signing keys up.
#[async_trait]
pub trait SigningKeysRead: Send {
    /// Every key that there ever was, in the order in which they begin to sign. There are few.
    async fn all(&mut self) -> Result<Vec<StoredKey>, StoreError>;
}

/// Changes signing keys. Whatever it does is told to every node as [`super::Revocation::Keys`].
#[async_trait]
pub trait SigningKeys: SigningKeysRead {
    /// Adds a key; fails when there is one of its name.
    async fn insert(&mut self, key: &StoredKey) -> Result<(), StoreError>;
    /// Saves when the key begins, retires and was revoked, and its sealed half; fails when there is none of its name.
    async fn save(&mut self, key: &StoredKey) -> Result<(), StoreError>;
}
