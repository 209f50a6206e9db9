//! Roles and permissions.
mod permissions;
mod query;
mod write;

use crate::Services;
use crate::fields::Fields;
use crate::services::{Subject, Work};
use crate::subjects;
use async_trait::async_trait;
use doorward_domain::{Description, Permission, PermissionEntry, Role, RoleName};
use doorward_ports::access::Operation;
use doorward_ports::inbound::{NewPermission, NewRole, RoleChange, Roles};
use doorward_ports::{Caller, Cursor, Error, ErrorCode, Limit, Page, Result, Versions};
use serde_json::{Value, json};

#[async_trait]
impl Roles for Services {
    async fn list(&self, caller: &Caller, cursor: Option<Cursor>, limit: Limit) -> Result<Page<Role>> {
        query::list(self.authorize(caller, Operation::ListRoles)?, cursor.as_ref(), limit).await
    }

    async fn get(&self, caller: &Caller, name: &str) -> Result<Role> {
        query::get(self.authorize(caller, Operation::ReadRole)?, name).await
    }

    async fn get_many(&self, caller: &Caller, names: &[RoleName]) -> Result<Vec<Role>> {
        query::get_many(self.authorize(caller, Operation::ReadRole)?, names).await
    }

    async fn create(&self, caller: &Caller, role: NewRole) -> Result<Role> {
        let created = write::create(self.authorize(caller, Operation::CreateRole)?, role).await;
        self.unless_denied(caller, (Operation::CreateRole, Subject::Unknown), created).await
    }

    async fn change(
        &self,
        caller: &Caller,
        name: &str,
        change: RoleChange,
        versions: Option<Versions>,
    ) -> Result<Role> {
        let done = write::change(self.authorize(caller, Operation::ChangeRole)?, name, change, versions).await;
        self.unless_role_denied(caller, (Operation::ChangeRole, name), done).await
    }

    async fn delete(&self, caller: &Caller, name: &str) -> Result<()> {
        let done = write::delete(self.authorize(caller, Operation::DeleteRole)?, name).await;
        self.unless_role_denied(caller, (Operation::DeleteRole, name), done).await
    }

    async fn grant_permission(&self, caller: &Caller, role: &str, permission: &str) -> Result<Role> {
        let done = permissions::grant(self.authorize(caller, Operation::GrantPermission)?, role, permission).await;
        self.unless_role_denied(caller, (Operation::GrantPermission, role), done).await
    }

    async fn revoke_permission(&self, caller: &Caller, role: &str, permission: &str) -> Result<Role> {
        let done = permissions::revoke(self.authorize(caller, Operation::RevokePermission)?, role, permission).await;
        self.unless_role_denied(caller, (Operation::RevokePermission, role), done).await
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
        let done = permissions::delete(self.authorize(caller, Operation::DeletePermission)?, name).await;
        let permission = Permission::parse(name).ok();
        let subject = permission.as_ref().map_or(Subject::Unknown, Subject::Permission);
        self.unless_denied(caller, (Operation::DeletePermission, subject), done).await
    }
}

impl Services {
    /// [`Self::unless_denied`] for a role. A denied change of a role had a possible name.
    async fn unless_role_denied<T>(
        &self,
        caller: &Caller,
        (operation, name): (Operation, &str),
        done: Result<T>,
    ) -> Result<T> {
        let role = RoleName::parse(name).ok();
        let subject = role.as_ref().map_or(Subject::Unknown, Subject::Role);
        self.unless_denied(caller, (operation, subject), done).await
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

/// What the audit log shows of a created or deleted role.
fn shown(role: &Role) -> Value {
    json!({ "description": role.description, "permissions": role.permissions })
}

/// The description, checked.
fn described(fields: &mut Fields, text: Option<&str>) -> Option<Description> {
    fields.take_optional("/description", "invalid_description", text.map(Description::parse))
}
