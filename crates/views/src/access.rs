use doorward_domain::{self as domain, Description, PermissionSet, RoleName, Timestamp};
use serde::Serialize;

/// A named set of permissions that accounts can hold.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Role {
    /// The role's name.
    #[cfg_attr(feature = "openapi", schema(value_type = String, examples("support")))]
    pub name: RoleName,
    /// What it is for.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = true))]
    pub description: Option<Description>,
    /// What it allows, sorted.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, examples(json!(["users:read"]))))]
    pub permissions: PermissionSet,
    /// Whether it belongs to Doorward itself, and so stays as it is.
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

/// A permission that roles can hold.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Permission {
    /// The permission's name.
    #[cfg_attr(feature = "openapi", schema(value_type = String, examples("users:read")))]
    pub name: domain::Permission,
    /// What it allows.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = true))]
    pub description: Option<Description>,
    /// Whether Doorward itself asks for it, so that it stays.
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
