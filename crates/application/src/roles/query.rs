use super::role_not_found;
use crate::Services;
use doorward_domain::{PermissionEntry, Role, RoleName};
use doorward_ports::access::{self, Operation};
use doorward_ports::{Caller, Cursor, Limit, Page, Result};

/// A name each, so that a cursor of one list is refused by the other.
const ROLES: &str = "role";
const PERMISSIONS: &str = "permission";

pub(super) async fn get(services: &Services, caller: &Caller, name: &str) -> Result<Role> {
    access::authorize(caller, Operation::ReadRole)?;
    let name = RoleName::parse(name).map_err(|_| role_not_found())?;
    services.tools.roles.role(&name).await?.ok_or_else(role_not_found)
}

pub(super) async fn list(
    services: &Services,
    caller: &Caller,
    cursor: Option<&Cursor>,
    limit: Limit,
) -> Result<Page<Role>> {
    access::authorize(caller, Operation::ListRoles)?;
    let after = cursor.map(|cursor| cursor.key(ROLES)).transpose()?;
    let rows = services.tools.store.snapshot().await?.roles().list(after, limit.get() + 1).await?;
    Ok(Page::cut(rows, limit, ROLES, |role| role.name.to_string()))
}

pub(super) async fn list_permissions(
    services: &Services,
    caller: &Caller,
    cursor: Option<&Cursor>,
    limit: Limit,
) -> Result<Page<PermissionEntry>> {
    access::authorize(caller, Operation::ListPermissions)?;
    let after = cursor.map(|cursor| cursor.key(PERMISSIONS)).transpose()?;
    let rows = services.tools.store.read().await?.roles().permissions(after, limit.get() + 1).await?;
    Ok(Page::cut(rows, limit, PERMISSIONS, |entry| entry.name.to_string()))
}
