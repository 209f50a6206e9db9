//! Roles and permissions.
mod permissions;
mod query;
mod write;

use crate::Services;
use crate::fields::Fields;
use crate::services::Work;
use crate::subjects;
use async_trait::async_trait;
use doorward_domain::{Description, PermissionEntry, Role, RoleName};
use doorward_ports::access::Operation;
use doorward_ports::inbound::{NewPermission, NewRole, RoleChange, Roles};
use doorward_ports::{Caller, Cursor, Error, ErrorCode, Limit, Page, Result, Versions};

#[async_trait]
impl Roles for Services {
    async fn list(&self, caller: &Caller, cursor: Option<Cursor>, limit: Limit) -> Result<Page<Role>> {
        query::list(self.authorize(caller, Operation::ListRoles)?, cursor.as_ref(), limit).await
    }

    async fn get(&self, caller: &Caller, name: &str) -> Result<Role> {
        query::get(self.authorize(caller, Operation::ReadRole)?, name).await
    }

    async fn create(&self, caller: &Caller, role: NewRole) -> Result<Role> {
        write::create(self.authorize(caller, Operation::CreateRole)?, role).await
    }

    async fn change(
        &self,
        caller: &Caller,
        name: &str,
        change: RoleChange,
        versions: Option<Versions>,
    ) -> Result<Role> {
        write::change(self.authorize(caller, Operation::ChangeRole)?, name, change, versions).await
    }

    async fn delete(&self, caller: &Caller, name: &str) -> Result<()> {
        write::delete(self.authorize(caller, Operation::DeleteRole)?, name).await
    }

    async fn grant_permission(&self, caller: &Caller, role: &str, permission: &str) -> Result<Role> {
        permissions::grant(self.authorize(caller, Operation::GrantPermission)?, role, permission).await
    }

    async fn revoke_permission(&self, caller: &Caller, role: &str, permission: &str) -> Result<Role> {
        permissions::revoke(self.authorize(caller, Operation::RevokePermission)?, role, permission).await
    }

    async fn list_permissions(
        &self,
        caller: &Caller,
        cursor: Option<Cursor>,
        limit: Limit,
    ) -> Result<Page<PermissionEntry>> {
        query::list_permissions(self.authorize(caller, Operation::ListPermissions)?, cursor.as_ref(), limit).await
    }

    async fn create_permission(&self, caller: &Caller, permission: NewPermission) -> Result<PermissionEntry> {
        permissions::create(self.authorize(caller, Operation::CreatePermission)?, permission).await
    }

    async fn delete_permission(&self, caller: &Caller, name: &str) -> Result<()> {
        permissions::delete(self.authorize(caller, Operation::DeletePermission)?, name).await
    }
}

pub(crate) fn role_not_found() -> Error {
    Error::new(ErrorCode::RoleNotFound, "There is no role with this name.")
}

/// The role with this name, locked until the work ends. A text that is not a possible name gives none.
pub(crate) async fn named(work: &mut Work<'_>, name: &str) -> Result<Role> {
    let name = RoleName::parse(name).map_err(|_| role_not_found())?;
    work.roles().lock(&name).await?.ok_or_else(role_not_found)
}

/// [`named`], for a role that may be changed.
async fn changeable(work: &mut Work<'_>, name: &str) -> Result<Role> {
    let role = named(work, name).await?;
    if role.name.is_system() {
        return Err(Error::new(
            ErrorCode::SystemRole,
            format!("The role {} is a system role and can't be changed. Create your own role.", role.name),
        ));
    }
    subjects::within_own(work.caller, &role.permissions)?;
    Ok(role)
}

/// The description, checked.
fn described(fields: &mut Fields, text: Option<&str>) -> Option<Description> {
    fields.take_optional("/description", "invalid_description", text.map(Description::parse))
}
