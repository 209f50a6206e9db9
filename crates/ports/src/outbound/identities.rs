use super::StoreError;
use async_trait::async_trait;
use doorward_domain::{Identity, IdentityId, IdentityKey, Timestamp, UserId};

/// Reads the identities at providers that sign in to accounts.
#[async_trait]
pub trait IdentitiesRead: Send {
    /// Returns the identity of a person at a provider.
    async fn by_key(&mut self, key: &IdentityKey) -> Result<Option<Identity>, StoreError>;
    /// Returns all identities of an account, oldest first.
    async fn of_user(&mut self, user: UserId) -> Result<Vec<Identity>, StoreError>;
}

/// Changes identities. They are deleted with their account.
#[async_trait]
pub trait Identities: IdentitiesRead {
    /// Adds an identity. [`StoreError::Duplicate`] if its key is linked to any account already.
    async fn insert(&mut self, identity: &Identity) -> Result<(), StoreError>;
    /// Records the time of a sign-in.
    async fn note_use(&mut self, id: IdentityId, at: Timestamp) -> Result<(), StoreError>;
    /// Deletes an identity of this account; false if it has none with this id.
    async fn delete(&mut self, user: UserId, id: IdentityId) -> Result<bool, StoreError>;
}
