use crate::{Description, Permission, PermissionSet, RoleName, Timestamp};

/// A named set of permissions that accounts can hold.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Role {
    /// Its name; unique, and never changed.
    pub name: RoleName,
    /// What it is for.
    pub description: Option<Description>,
    /// What it allows.
    pub permissions: PermissionSet,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Counts the changes; its `ETag`.
    pub version: i64,
}

/// A permission that roles can hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermissionEntry {
    /// Its name; unique, and never changed.
    pub name: Permission,
    /// What it allows.
    pub description: Option<Description>,
    /// When it was made.
    pub created_at: Timestamp,
}
