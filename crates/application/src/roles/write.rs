use super::{changeable, described, shown};
use crate::changes::Changes;
use crate::fields::{Fields, item_of};
use crate::services::{Act, Subject, Work};
use crate::subjects;
use doorward_domain::{AuditAction, Description, Permission, PermissionSet, Role, RoleName, Timestamp};
use doorward_ports::inbound::{Change, NewRole, RoleChange};
use doorward_ports::{Result, Versions};
use serde_json::json;

pub(super) async fn create(mut act: Act<'_>, typed: NewRole) -> Result<Role> {
    let role = checked(&typed, act.now())?;
    let mut work = act.begin().await?;
    all_exist(&mut work, &typed.permissions, &role.permissions).await?;
    subjects::within_own(work.caller, &role.permissions)?;
    work.roles().insert(&role).await?;
    work.audit_with(AuditAction::RoleCreated, Subject::Role(&role.name), shown(&role)).await?;
    work.commit().await?;
    Ok(role)
}

/// Refuses permissions that do not exist.
async fn all_exist(work: &mut Work<'_>, typed: &[String], permissions: &PermissionSet) -> Result<()> {
    let mut fields = Fields::default();
    for permission in permissions {
        if work.roles().permission(permission).await?.is_none() {
            let pointer = item_of("/permissions", typed, permission.as_str());
            let why = format!("{permission} is not a permission. Create it first.");
            fields.refuse(&pointer, "permission_not_found", &why);
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
    mut act: Act<'_>,
    name: &str,
    change: RoleChange,
    versions: Option<Versions>,
) -> Result<Role> {
    let mut work = act.begin().await?;
    let mut role = changeable(&mut work, name).await?;
    subjects::of_version(role.version, versions.as_ref())?;
    let description = changed(&role, &change)?;
    if description != role.description {
        let changes = Changes::default().shown("description", json!(role.description), json!(description));
        role.description = description;
        role.updated_at = work.now;
        work.roles().update(&role).await?;
        role.version += 1;
        work.audit_with(AuditAction::RoleUpdated, Subject::Role(&role.name), changes.into_details()).await?;
    }
    work.commit().await?;
    Ok(role)
}

fn changed(role: &Role, change: &RoleChange) -> Result<Option<Description>> {
    let text = match &change.description {
        Change::Keep => return Ok(role.description.clone()),
        Change::Clear => return Ok(None),
        Change::Set(text) => text,
    };
    let mut fields = Fields::default();
    let description = described(&mut fields, Some(text));
    fields.finish().map(|()| description)
}

pub(super) async fn delete(mut act: Act<'_>, name: &str) -> Result<()> {
    let mut work = act.begin().await?;
    let role = changeable(&mut work, name).await?;
    work.roles().delete(&role.name).await?;
    work.audit_with(AuditAction::RoleDeleted, Subject::Role(&role.name), shown(&role)).await?;
    Ok(work.commit().await?)
}
