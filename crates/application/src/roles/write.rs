use super::{changeable, described};
use crate::Services;
use crate::audit::Subject;
use crate::fields::Fields;
use crate::subjects;
use doorward_domain::{AuditAction, Permission, PermissionSet, Role, RoleName, Timestamp};
use doorward_ports::access::{self, Operation};
use doorward_ports::inbound::{Change, NewRole, RoleChange};
use doorward_ports::outbound::WriteWork;
use doorward_ports::{Caller, Result};

pub(super) async fn create(services: &Services, caller: &Caller, role: NewRole) -> Result<Role> {
    access::authorize(caller, Operation::CreateRole)?;
    let typed = role.permissions.clone();
    let role = checked(&role, services.now())?;
    let mut work = services.tools.store.write().await?;
    all_exist(&mut *work, &typed, &role.permissions).await?;
    subjects::within_own(caller, &role.permissions)?;
    work.roles().insert(&role).await?;
    let details = serde_json::json!({ "permissions": role.permissions });
    note(services, caller, &mut *work, AuditAction::RoleCreated, &role.name, details, role.created_at).await?;
    work.commit().await?;
    Ok(role)
}

/// Refuses permissions that do not exist.
async fn all_exist(work: &mut dyn WriteWork, typed: &[String], permissions: &PermissionSet) -> Result<()> {
    let mut fields = Fields::default();
    for permission in permissions {
        if work.roles().permission(permission).await?.is_none() {
            let name = permission.as_str();
            fields.refuse_item("/permissions", typed, name, "permission_not_found", "is no permission. Make it first.");
        }
    }
    fields.finish()
}

fn checked(typed: &NewRole, now: Timestamp) -> Result<Role> {
    let mut fields = Fields::default();
    let name = fields.take("/name", "invalid_role_name", RoleName::parse(&typed.name));
    let description = described(&mut fields, typed.description.as_deref());
    let mut permissions = PermissionSet::new();
    for (index, text) in typed.permissions.iter().enumerate() {
        let parsed = Permission::parse(text);
        permissions.extend(fields.take(&format!("/permissions/{index}"), "invalid_permission", parsed));
    }
    let name = fields.finish_with(name)?;
    Ok(Role { name, description, permissions, created_at: now, updated_at: now, version: 1 })
}

pub(super) async fn change(
    services: &Services,
    caller: &Caller,
    name: &str,
    change: RoleChange,
    version: Option<i64>,
) -> Result<Role> {
    access::authorize(caller, Operation::ChangeRole)?;
    let mut work = services.tools.store.write().await?;
    let mut role = changeable(&mut *work, caller, name).await?;
    subjects::of_version(role.version, version)?;
    let description = match &change.description {
        Change::Keep => role.description.clone(),
        Change::Clear => None,
        Change::Set(text) => {
            let mut fields = Fields::default();
            let description = described(&mut fields, Some(text));
            fields.finish()?;
            description
        }
    };
    if description != role.description {
        role.description = description;
        role.updated_at = services.now();
        work.roles().update(&role).await?;
        role.version += 1;
        let details = serde_json::json!({});
        note(services, caller, &mut *work, AuditAction::RoleUpdated, &role.name, details, role.updated_at).await?;
    }
    work.commit().await?;
    Ok(role)
}

pub(super) async fn delete(services: &Services, caller: &Caller, name: &str) -> Result<()> {
    access::authorize(caller, Operation::DeleteRole)?;
    let mut work = services.tools.store.write().await?;
    let role = changeable(&mut *work, caller, name).await?;
    work.roles().delete(&role.name).await?;
    let details = serde_json::json!({});
    note(services, caller, &mut *work, AuditAction::RoleDeleted, &role.name, details, services.now()).await?;
    Ok(work.commit().await?)
}

pub(super) async fn note(
    services: &Services,
    caller: &Caller,
    work: &mut dyn WriteWork,
    action: AuditAction,
    role: &RoleName,
    details: serde_json::Value,
    now: Timestamp,
) -> Result<()> {
    let mut line = services.audit_line(caller, action, &Subject::Role(role), now);
    line.details = details;
    Ok(work.audit().append(&line).await?)
}
