use super::StoreError;
use crate::Rights;
use crate::SecretDigest;
use async_trait::async_trait;
use doorward_domain::{ClientApp, ClientId, PermissionSet, Timestamp};
use std::sync::Arc;

/// A client app and its credential.
#[derive(Debug, Clone)]
pub struct KnownClient {
    /// The app.
    pub app: ClientApp,
    /// The digest of its secret; none for a public app.
    pub secret: Option<SecretDigest>,
}

/// Reads client apps.
#[async_trait]
pub trait ClientAppsRead: Send {
    /// Returns the app with this id, active or not.
    async fn by_id(&mut self, id: &ClientId) -> Result<Option<KnownClient>, StoreError>;
    /// Returns at most `limit` apps by id, after the given one.
    async fn list(&mut self, after: Option<&str>, limit: usize) -> Result<Vec<ClientApp>, StoreError>;
    /// Returns the permissions of all roles of an app; empty for an unknown app.
    async fn permissions_of(&mut self, id: &ClientId) -> Result<PermissionSet, StoreError>;
}

/// Changes client apps.
#[async_trait]
pub trait ClientApps: ClientAppsRead {
    /// Adds an app with its roles. [`StoreError::Duplicate`] for an id that is taken.
    async fn insert(&mut self, app: &ClientApp, secret: Option<&SecretDigest>) -> Result<(), StoreError>;
    /// Returns the app with this id, locked against changes and deletion until this work ends.
    async fn lock(&mut self, id: &ClientId) -> Result<Option<ClientApp>, StoreError>;
    /// Writes all properties except the id, the kind and the time of creation, replaces the roles, and increases the
    /// version by one. The caller has the lock. Invalidates cached entries of the app.
    async fn update(&mut self, app: &ClientApp) -> Result<(), StoreError>;
    /// Replaces the digest of the secret, and increases the version by one. The caller has the lock.
    async fn set_secret(&mut self, id: &ClientId, secret: &SecretDigest, at: Timestamp) -> Result<(), StoreError>;
    /// Deletes the app; false if there is none. Invalidates its cached entries.
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
