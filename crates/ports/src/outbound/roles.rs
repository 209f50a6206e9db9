use super::StoreError;
use async_trait::async_trait;
use doorward_domain::{Permission, PermissionEntry, PermissionSet, Role, RoleName, Timestamp, UserId};

/// Looks roles and permissions up.
#[async_trait]
pub trait RolesRead: Send {
    /// The role of that name.
    async fn role(&mut self, name: &RoleName) -> Result<Option<Role>, StoreError>;
    /// At most `limit` roles by name, after the given one.
    async fn list(&mut self, after: Option<&str>, limit: usize) -> Result<Vec<Role>, StoreError>;
    /// The permission of that name.
    async fn permission(&mut self, name: &Permission) -> Result<Option<PermissionEntry>, StoreError>;
    /// At most `limit` permissions by name, after the given one.
    async fn permissions(&mut self, after: Option<&str>, limit: usize) -> Result<Vec<PermissionEntry>, StoreError>;
    /// What an account's roles allow together; empty for an unknown account.
    async fn permissions_of(&mut self, user: UserId) -> Result<PermissionSet, StoreError>;
}

/// Changes roles and permissions. Knows nothing of system roles: that is a rule of the use cases.
#[async_trait]
pub trait Roles: RolesRead {
    /// Adds a role with its permissions. Answers [`StoreError::Duplicate`] for a taken name.
    async fn insert(&mut self, role: &Role) -> Result<(), StoreError>;
    /// The role of that name, kept from change (and from deletion) by others until this work ends.
    async fn lock(&mut self, name: &RoleName) -> Result<Option<Role>, StoreError>;
    /// Writes the description and the time of change, and counts the version up by one. The caller holds the lock.
    async fn update(&mut self, role: &Role) -> Result<(), StoreError>;
    /// Deletes the role and takes it from all who hold it; false when there was none.
    async fn delete(&mut self, name: &RoleName) -> Result<bool, StoreError>;
    /// Adds a permission to a role, and counts its version up; false when it holds it already.
    async fn allow(&mut self, role: &RoleName, permission: &Permission, at: Timestamp) -> Result<bool, StoreError>;
    /// Takes a permission from a role, and counts its version up; false when it holds it not.
    async fn disallow(&mut self, role: &RoleName, permission: &Permission, at: Timestamp) -> Result<bool, StoreError>;
    /// Adds a permission. Answers [`StoreError::Duplicate`] for a taken name.
    async fn insert_permission(&mut self, entry: &PermissionEntry) -> Result<(), StoreError>;
    /// Deletes a permission and takes it from all roles; false when there was none.
    async fn delete_permission(&mut self, name: &Permission) -> Result<bool, StoreError>;
}
