use super::Change;
use crate::{Caller, Cursor, Limit, Page, Result, Versions};
use async_trait::async_trait;
use doorward_domain::{PermissionEntry, Role};
use serde::Deserialize;

/// A role to be made.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewRole {
    /// Its name.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[a-z0-9][a-z0-9._-]{0,62}$", examples("support")))]
    pub name: String,
    /// What it is for.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub description: Option<String>,
    /// What it allows.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, examples(json!(["users:read"]))))]
    pub permissions: Vec<String>,
}

/// What is to change of a role; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = RolePatch))]
pub struct RoleChange {
    /// What it is for.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, min_length = 1, max_length = 200))]
    pub description: Change<String>,
}

/// A permission to be made.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewPermission {
    /// Its name.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[a-z0-9_.:-]+$", max_length = 64, examples("reports:read")))]
    pub name: String,
    /// What it allows.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
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
