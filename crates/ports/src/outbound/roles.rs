use super::StoreError;
use async_trait::async_trait;
use doorward_domain::{Permission, PermissionEntry, PermissionSet, Role, RoleName, Timestamp, UserId};

/// Reads roles and permissions.
#[async_trait]
pub trait RolesRead: Send {
    /// Returns the role with this name.
    async fn role(&mut self, name: &RoleName) -> Result<Option<Role>, StoreError>;
    /// Returns at most `limit` roles by name, after the given one.
    async fn list(&mut self, after: Option<&str>, limit: usize) -> Result<Vec<Role>, StoreError>;
    /// Returns the permission with this name.
    async fn permission(&mut self, name: &Permission) -> Result<Option<PermissionEntry>, StoreError>;
    /// Returns at most `limit` permissions by name, after the given one.
    async fn permissions(&mut self, after: Option<&str>, limit: usize) -> Result<Vec<PermissionEntry>, StoreError>;
    /// Returns the permissions of all roles of an account; empty for an unknown account.
    async fn permissions_of(&mut self, user: UserId) -> Result<PermissionSet, StoreError>;
}

/// Changes roles and permissions. It does not know system roles: they are a rule of the use cases.
#[async_trait]
pub trait Roles: RolesRead {
    /// Adds a role with its permissions. [`StoreError::Duplicate`] for a name that is taken.
    async fn insert(&mut self, role: &Role) -> Result<(), StoreError>;
    /// Returns the role with this name, locked against changes and deletion until this work ends.
    async fn lock(&mut self, name: &RoleName) -> Result<Option<Role>, StoreError>;
    /// Writes the description and the time of the change, and increases the version by one. The caller has the lock.
    async fn update(&mut self, role: &Role) -> Result<(), StoreError>;
    /// Deletes the role and revokes it from all accounts and client apps; false if there is none.
    async fn delete(&mut self, name: &RoleName) -> Result<bool, StoreError>;
    /// Grants a permission to a role, and increases its version by one; false if it already has it.
    async fn grant_permission(
        &mut self,
        role: &RoleName,
        permission: &Permission,
        at: Timestamp,
    ) -> Result<bool, StoreError>;
    /// Revokes a permission from a role, and increases its version by one; false if it does not have it.
    async fn revoke_permission(
        &mut self,
        role: &RoleName,
        permission: &Permission,
        at: Timestamp,
    ) -> Result<bool, StoreError>;
    /// Adds a permission. [`StoreError::Duplicate`] for a name that is taken.
    async fn insert_permission(&mut self, entry: &PermissionEntry) -> Result<(), StoreError>;
    /// Deletes a permission and revokes it from all roles; false if there is none.
    async fn delete_permission(&mut self, name: &Permission) -> Result<bool, StoreError>;
}
