use crate::input::Patch;
use doorward_ports::inbound;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A named set of permissions that accounts can hold.
#[derive(Serialize, ToSchema)]
pub(crate) struct Role {
    #[schema(examples("support"))]
    name: String,
    /// What it is for.
    #[schema(required = true)]
    description: Option<String>,
    /// What it allows, sorted.
    #[schema(examples(json!(["users:read"])))]
    permissions: Vec<String>,
    /// Whether it belongs to Doorward itself, and so stays as it is.
    is_system: bool,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

impl From<doorward_domain::Role> for Role {
    fn from(role: doorward_domain::Role) -> Self {
        Self {
            is_system: role.name.is_system(),
            name: role.name.to_string(),
            description: role.description.map(|text| text.to_string()),
            permissions: role.permissions.iter().map(ToString::to_string).collect(),
            created_at: role.created_at.to_string(),
            updated_at: role.updated_at.to_string(),
        }
    }
}

/// A role to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRole {
    #[schema(pattern = "^[a-z0-9][a-z0-9._-]{0,62}$", examples("support"))]
    name: String,
    /// What it is for.
    #[schema(min_length = 1, max_length = 200)]
    description: Option<String>,
    /// What it allows.
    #[serde(default)]
    #[schema(value_type = Vec<String>, examples(json!(["users:read"])))]
    permissions: Vec<String>,
}

impl From<NewRole> for inbound::NewRole {
    fn from(body: NewRole) -> Self {
        Self { name: body.name, description: body.description, permissions: body.permissions }
    }
}

/// What is to change of a role; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RolePatch {
    /// What it is for.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    description: Patch<String>,
}

impl From<RolePatch> for inbound::RoleChange {
    fn from(body: RolePatch) -> Self {
        Self { description: body.description.0 }
    }
}

/// A permission that roles can hold.
#[derive(Serialize, ToSchema)]
pub(crate) struct Permission {
    #[schema(examples("users:read"))]
    name: String,
    /// What it allows.
    #[schema(required = true)]
    description: Option<String>,
    /// Whether Doorward itself asks for it, so that it stays.
    is_system: bool,
    #[schema(format = DateTime)]
    created_at: String,
}

impl From<doorward_domain::PermissionEntry> for Permission {
    fn from(entry: doorward_domain::PermissionEntry) -> Self {
        Self {
            is_system: entry.name.is_system(),
            name: entry.name.to_string(),
            description: entry.description.map(|text| text.to_string()),
            created_at: entry.created_at.to_string(),
        }
    }
}

/// A permission to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPermission {
    #[schema(pattern = "^[a-z0-9_.:-]+$", max_length = 64, examples("reports:read"))]
    name: String,
    /// What it allows.
    #[schema(min_length = 1, max_length = 200)]
    description: Option<String>,
}

impl From<NewPermission> for inbound::NewPermission {
    fn from(body: NewPermission) -> Self {
        Self { name: body.name, description: body.description }
    }
}
