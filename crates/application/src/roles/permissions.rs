use super::{changeable, described, named};
use crate::fields::Fields;
use crate::services::{Act, Subject, Work};
use crate::subjects;
use doorward_domain::{AuditAction, MOST_OWN_PERMISSIONS, Permission, PermissionEntry, PermissionSet, Role, RoleName};
use doorward_ports::inbound::NewPermission;
use doorward_ports::{Error, ErrorCode, Result};
use serde_json::json;

pub(super) async fn grant(mut act: Act<'_>, role: &str, permission: &str) -> Result<Role> {
    let mut work = act.begin().await?;
    let (role, now) = (changeable(&mut work, role).await?.name, work.now);
    let permission = existing(&mut work, permission).await?.name;
    subjects::within_own(work.caller, &PermissionSet::from_iter([permission.clone()]))?;
    if work.roles().grant_permission(&role, &permission, now).await? {
        let details = json!({ "permission": permission });
        work.audit_with(AuditAction::PermissionGranted, Subject::Role(&role), details).await?;
    }
    finish(work, &role).await
}

pub(super) async fn revoke(mut act: Act<'_>, role: &str, permission: &str) -> Result<Role> {
    let mut work = act.begin().await?;
    let (role, now) = (changeable(&mut work, role).await?.name, work.now);
    let permission = existing(&mut work, permission).await?.name;
    if work.roles().revoke_permission(&role, &permission, now).await? {
        let details = json!({ "permission": permission });
        work.audit_with(AuditAction::PermissionRevoked, Subject::Role(&role), details).await?;
    }
    finish(work, &role).await
}

async fn finish(mut work: Work<'_>, role: &RoleName) -> Result<Role> {
    let role = named(&mut work, role.as_str()).await?;
    work.commit().await?;
    Ok(role)
}

async fn existing(work: &mut Work<'_>, name: &str) -> Result<PermissionEntry> {
    let name = Permission::parse(name).map_err(|_| permission_not_found(name))?;
    work.roles().permission(&name).await?.ok_or_else(|| permission_not_found(name.as_str()))
}

fn permission_not_found(name: &str) -> Error {
    let detail = match Permission::parse(name) {
        Ok(name) => format!("There is no permission {name}. Create it first."),
        Err(_) => "There is no permission with this name.".to_owned(),
    };
    Error::new(ErrorCode::PermissionNotFound, detail)
}

/// The role `admin` has every permission, so it gets the new one: otherwise nobody could ever grant it.
pub(super) async fn create(mut act: Act<'_>, typed: NewPermission) -> Result<PermissionEntry> {
    let mut fields = Fields::default();
    let name = fields.take("/name", "invalid_permission", Permission::parse(&typed.name));
    let description = described(&mut fields, typed.description.as_deref());
    let name = fields.finish_with(name)?;
    let mut work = act.begin().await?;
    // Other calls wait until this work has ended, so that the limit also holds for many calls at once.
    let admin = named(&mut work, RoleName::ADMIN).await?;
    if admin.permissions.own() >= MOST_OWN_PERMISSIONS {
        return Err(too_many_permissions());
    }
    let entry = PermissionEntry { name, description, created_at: work.now };
    work.roles().insert_permission(&entry).await?;
    work.roles().grant_permission(&RoleName::admin(), &entry.name, entry.created_at).await?;
    let details = json!({ "description": entry.description });
    work.audit_with(AuditAction::PermissionCreated, Subject::Permission(&entry.name), details).await?;
    work.commit().await?;
    Ok(entry)
}

fn too_many_permissions() -> Error {
    Error::new(
        ErrorCode::TooManyPermissions,
        format!(
            "There are already {MOST_OWN_PERMISSIONS} permissions besides Doorward's own, which is the limit. Delete one first."
        ),
    )
}

pub(super) async fn delete(mut act: Act<'_>, name: &str) -> Result<()> {
    let mut work = act.begin().await?;
    let PermissionEntry { name, description, .. } = existing(&mut work, name).await?;
    if name.is_system() {
        return Err(Error::new(
            ErrorCode::SystemPermission,
            format!("{name} is a permission of Doorward itself and can't be deleted."),
        ));
    }
    subjects::within_own(work.caller, &PermissionSet::from_iter([name.clone()]))?;
    work.roles().delete_permission(&name).await?;
    let details = json!({ "description": description });
    work.audit_with(AuditAction::PermissionDeleted, Subject::Permission(&name), details).await?;
    Ok(work.commit().await?)
}
