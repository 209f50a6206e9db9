use super::StoreError;
use async_trait::async_trait;
use doorward_domain::{Provider, ProviderName, Timestamp};

/// A provider in the store.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StoredProvider {
    /// Its configuration.
    pub provider: Provider,
    /// The client secret that it has issued for Doorward, sealed; a public client has none.
    pub sealed: Option<Vec<u8>>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// The number of its changes, for its `ETag`.
    pub version: i64,
}

/// Reads the providers in the store.
#[async_trait]
pub trait ProvidersRead: Send {
    /// Returns the provider with this name, enabled or not.
    async fn by_name(&mut self, name: &ProviderName) -> Result<Option<StoredProvider>, StoreError>;
    /// Returns at most `limit` providers by name, after the given one.
    async fn list(&mut self, after: Option<&str>, limit: usize) -> Result<Vec<StoredProvider>, StoreError>;
}

/// Changes the providers in the store. Every change is published to all nodes as [`super::Revocation::Providers`].
#[async_trait]
pub trait Providers: ProvidersRead {
    /// Adds a provider. [`StoreError::Duplicate`] for a name that is taken.
    async fn insert(&mut self, provider: &StoredProvider) -> Result<(), StoreError>;
    /// Returns the provider with this name, locked against changes and deletion until this work ends.
    async fn lock(&mut self, name: &ProviderName) -> Result<Option<StoredProvider>, StoreError>;
    /// Writes all properties except the name, the kind and the time of creation, and increases the version by one. The
    /// caller has the lock.
    async fn update(&mut self, provider: &StoredProvider) -> Result<(), StoreError>;
    /// Deletes the provider; false if there is none. Identities that are linked with it stay.
    async fn delete(&mut self, name: &ProviderName) -> Result<bool, StoreError>;
}
