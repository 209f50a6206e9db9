use doorward_domain::{self as domain, Description, PermissionSet, RoleName, Timestamp};
use serde::Serialize;

/// A named set of permissions that can be granted to accounts and client apps.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Role {
    /// The name of the role.
    #[cfg_attr(feature = "openapi", schema(value_type = String, examples("support")))]
    pub name: RoleName,
    /// The purpose of the role, for people.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = true))]
    pub description: Option<Description>,
    /// The permissions of the role, sorted.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, examples(json!(["users:read"]))))]
    pub permissions: PermissionSet,
    /// Whether the role belongs to Doorward itself, so that it can't be changed or deleted.
    pub is_system: bool,
    /// When the role was created.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// When the role was last changed.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub updated_at: Timestamp,
}

impl From<domain::Role> for Role {
    fn from(role: domain::Role) -> Self {
        Self {
            is_system: role.name.is_system(),
            name: role.name,
            description: role.description,
            permissions: role.permissions,
            created_at: role.created_at,
            updated_at: role.updated_at,
        }
    }
}

/// A permission that can be granted to roles.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Permission {
    /// The name of the permission.
    #[cfg_attr(feature = "openapi", schema(value_type = String, examples("users:read")))]
    pub name: domain::Permission,
    /// What the permission allows, for people.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = true))]
    pub description: Option<Description>,
    /// Whether the permission belongs to Doorward itself, so that it can't be deleted.
    pub is_system: bool,
    /// When the permission was created.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
}

impl From<domain::PermissionEntry> for Permission {
    fn from(entry: domain::PermissionEntry) -> Self {
        Self {
            is_system: entry.name.is_system(),
            name: entry.name,
            description: entry.description,
            created_at: entry.created_at,
        }
    }
}
