use super::StoreError;
use crate::Rights;
use crate::SecretDigest;
use async_trait::async_trait;
use doorward_domain::{ClientApp, ClientId, PermissionSet, Timestamp};
use std::sync::Arc;

/// A client app, and what proves that it is the one.
#[derive(Debug, Clone)]
pub struct KnownClient {
    /// The app.
    pub app: ClientApp,
    /// Its secret's digest; none for a public one.
    pub secret: Option<SecretDigest>,
}

/// Looks client apps up.
#[async_trait]
pub trait ClientAppsRead: Send {
    /// The app of that id, active or not.
    async fn by_id(&mut self, id: &ClientId) -> Result<Option<KnownClient>, StoreError>;
    /// At most `limit` apps by id, after the given one.
    async fn list(&mut self, after: Option<&str>, limit: usize) -> Result<Vec<ClientApp>, StoreError>;
    /// What an app's roles allow together; empty for an unknown app.
    async fn permissions_of(&mut self, id: &ClientId) -> Result<PermissionSet, StoreError>;
}

/// Changes client apps.
#[async_trait]
pub trait ClientApps: ClientAppsRead {
    /// Adds an app with its roles. Answers [`StoreError::Duplicate`] for a taken id.
    async fn insert(&mut self, app: &ClientApp, secret: Option<&SecretDigest>) -> Result<(), StoreError>;
    /// The app of that id, kept from change (and from deletion) by others until this work ends.
    async fn lock(&mut self, id: &ClientId) -> Result<Option<ClientApp>, StoreError>;
    /// Writes every property but the id, the kind and the time of making, replaces the roles, and counts the version up by
    /// one. The caller holds the lock. What is remembered of the app counts no more.
    async fn update(&mut self, app: &ClientApp) -> Result<(), StoreError>;
    /// Replaces the secret's digest, and counts the version up by one. The caller holds the lock.
    async fn set_secret(&mut self, id: &ClientId, secret: &SecretDigest, at: Timestamp) -> Result<(), StoreError>;
    /// Deletes the app; false when there was none. What is remembered of it counts no more.
    async fn delete(&mut self, id: &ClientId) -> Result<bool, StoreError>;
}

/// What a request needs to know of the client app whose own token it brings.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LiveClient {
    /// Which it is.
    pub id: ClientId,
    /// What it may do now.
    pub rights: Arc<Rights>,
}
