use crate::{Description, Permission, PermissionSet, RoleName, Timestamp};

/// A named set of permissions that can be granted to accounts and client apps.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Role {
    /// Its name, which is unique and never changes.
    pub name: RoleName,
    /// Its purpose, for people.
    pub description: Option<Description>,
    /// Its permissions.
    pub permissions: PermissionSet,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// The number of its changes, for its `ETag`.
    pub version: i64,
}

/// A permission that can be granted to roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermissionEntry {
    /// Its name, which is unique and never changes.
    pub name: Permission,
    /// Its description, for people.
    pub description: Option<Description>,
    /// When it was created.
    pub created_at: Timestamp,
}
