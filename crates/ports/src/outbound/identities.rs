use super::StoreError;
use async_trait::async_trait;
use doorward_domain::{Identity, IdentityId, IdentityKey, ProviderName, Timestamp, UserId};

/// What depends on a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ProviderLinks {
    /// The number of identities that are linked with it.
    pub identities: usize,
    /// The number of accounts with one of them that have neither a password nor an identity at another provider.
    pub only_way: usize,
}

/// Reads the identities at providers that sign in to accounts.
#[async_trait]
pub trait IdentitiesRead: Send {
    /// Returns the identity of a person at a provider.
    async fn by_key(&mut self, key: &IdentityKey) -> Result<Option<Identity>, StoreError>;
    /// Returns all identities of an account, oldest first.
    async fn of_user(&mut self, user: UserId) -> Result<Vec<Identity>, StoreError>;
    /// Counts the identities that are linked with a provider, and the accounts that have no other way to sign in.
    async fn links_of(&mut self, provider: &ProviderName) -> Result<ProviderLinks, StoreError>;
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
