use super::Change;
use crate::{Caller, Cursor, Limit, Page, Result, Versions};
use async_trait::async_trait;
use doorward_domain::{PermissionEntry, Role};

/// A role to be made.
#[derive(Debug, Clone)]
pub struct NewRole {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// What it allows.
    pub permissions: Vec<String>,
}

/// What may be changed of a role; its permissions go one by one.
#[derive(Debug, Clone, Default)]
pub struct RoleChange {
    /// What it is for.
    pub description: Change<String>,
}

/// A permission to be made.
#[derive(Debug, Clone)]
pub struct NewPermission {
    /// Its name.
    pub name: String,
    /// What it allows.
    pub description: Option<String>,
}

/// Roles and permissions. System roles and permissions stay as they are.
#[async_trait]
pub trait Roles: Send + Sync {
    /// Lists roles by name.
    async fn list(&self, caller: &Caller, cursor: Option<Cursor>, limit: Limit) -> Result<Page<Role>>;
    /// One role.
    async fn get(&self, caller: &Caller, name: &str) -> Result<Role>;
    /// Makes a role.
    async fn create(&self, caller: &Caller, role: NewRole) -> Result<Role>;
    /// Changes a role's description.
    async fn change(&self, caller: &Caller, name: &str, change: RoleChange, versions: Option<Versions>)
    -> Result<Role>;
    /// Deletes a role and takes it from all who hold it.
    async fn delete(&self, caller: &Caller, name: &str) -> Result<()>;
    /// Adds a permission to a role; twice is no error.
    async fn allow(&self, caller: &Caller, role: &str, permission: &str) -> Result<Role>;
    /// Takes a permission from a role; what is not there is no error.
    async fn disallow(&self, caller: &Caller, role: &str, permission: &str) -> Result<Role>;
    /// Lists permissions by name.
    async fn list_permissions(
        &self,
        caller: &Caller,
        cursor: Option<Cursor>,
        limit: Limit,
    ) -> Result<Page<PermissionEntry>>;
    /// Makes a permission; the role `admin`, which holds them all, gets it.
    async fn create_permission(&self, caller: &Caller, permission: NewPermission) -> Result<PermissionEntry>;
    /// Deletes a permission and takes it from all roles.
    async fn delete_permission(&self, caller: &Caller, name: &str) -> Result<()>;
}
