use super::role_not_found;
use crate::services::Act;
use doorward_domain::{PermissionEntry, Role, RoleName};
use doorward_ports::{Cursor, Limit, Page, Result};

/// Each list has its own name, so that the cursor of one list is refused by the other.
const ROLES: &str = "role";
const PERMISSIONS: &str = "permission";

pub(super) async fn get(act: Act<'_>, name: &str) -> Result<Role> {
    let name = RoleName::parse(name).map_err(|_| role_not_found())?;
    act.tools().roles.find(&name).await?.ok_or_else(role_not_found)
}

pub(super) async fn get_many(act: Act<'_>, names: &[RoleName]) -> Result<Vec<Role>> {
    let mut found = act.tools().roles.find_many(names).await?;
    Ok(names.iter().filter_map(|name| found.remove(name)).collect())
}

pub(super) async fn list(act: Act<'_>, cursor: Option<&Cursor>, limit: Limit) -> Result<Page<Role>> {
    let after = cursor.map(|cursor| cursor.key(ROLES)).transpose()?;
    let rows = act.snapshot().await?.roles().list(after, limit.get() + 1).await?;
    Ok(Page::cut(rows, limit, ROLES, |role| role.name.to_string()))
}

pub(super) async fn list_permissions(
    act: Act<'_>,
    cursor: Option<&Cursor>,
    limit: Limit,
) -> Result<Page<PermissionEntry>> {
    let after = cursor.map(|cursor| cursor.key(PERMISSIONS)).transpose()?;
    let rows = act.read().await?.roles().permissions(after, limit.get() + 1).await?;
    Ok(Page::cut(rows, limit, PERMISSIONS, |entry| entry.name.to_string()))
}
