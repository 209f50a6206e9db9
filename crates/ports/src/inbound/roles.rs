use super::Change;
use crate::{Caller, Cursor, Limit, Page, Result, Versions};
use async_trait::async_trait;
use doorward_domain::{PermissionEntry, Role, RoleName};
use serde::Deserialize;

/// A new role.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewRole {
    /// The name of the role.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[a-z0-9][a-z0-9._-]{0,62}$", examples("support")))]
    pub name: String,
    /// The purpose of the role, for people.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub description: Option<String>,
    /// The permissions of the role.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, examples(json!(["users:read"]))))]
    pub permissions: Vec<String>,
}

/// What may be changed of a role. An absent property does not change; `null` removes its value.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = RolePatch))]
pub struct RoleChange {
    /// The purpose of the role, for people.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, min_length = 1, max_length = 200))]
    pub description: Change<String>,
}

/// A new permission.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewPermission {
    /// The name of the permission.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[a-z0-9_.:-]+$", max_length = 64, examples("reports:read")))]
    pub name: String,
    /// What the permission allows, for people.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub description: Option<String>,
}

/// Roles and permissions. System roles and permissions can't be changed.
#[async_trait]
pub trait Roles: Send + Sync {
    /// Lists roles by name.
    async fn list(&self, caller: &Caller, cursor: Option<Cursor>, limit: Limit) -> Result<Page<Role>>;
    /// Returns a role.
    async fn get(&self, caller: &Caller, name: &str) -> Result<Role>;
    /// Returns the roles with these names, read together; one that does not exist is absent. Who may read one may read them
    /// all.
    async fn get_many(&self, caller: &Caller, names: &[RoleName]) -> Result<Vec<Role>>;
    /// Creates a role.
    async fn create(&self, caller: &Caller, role: NewRole) -> Result<Role>;
    /// Changes the description of a role.
    async fn change(&self, caller: &Caller, name: &str, change: RoleChange, versions: Option<Versions>)
    -> Result<Role>;
    /// Deletes a role and revokes it from all accounts and client apps.
    async fn delete(&self, caller: &Caller, name: &str) -> Result<()>;
    /// Grants a permission to a role; no error if it already has it.
    async fn grant_permission(&self, caller: &Caller, role: &str, permission: &str) -> Result<Role>;
    /// Revokes a permission from a role; no error if it does not have it.
    async fn revoke_permission(&self, caller: &Caller, role: &str, permission: &str) -> Result<Role>;
    /// Lists permissions by name.
    async fn list_permissions(
        &self,
        caller: &Caller,
        cursor: Option<Cursor>,
        limit: Limit,
    ) -> Result<Page<PermissionEntry>>;
    /// Creates a permission; the role `admin`, which has all permissions, gets it.
    async fn create_permission(&self, caller: &Caller, permission: NewPermission) -> Result<PermissionEntry>;
    /// Deletes a permission and revokes it from all roles.
    async fn delete_permission(&self, caller: &Caller, name: &str) -> Result<()>;
}
