use super::write::note;
use super::{changeable, described, named};
use crate::Services;
use crate::audit::Subject;
use crate::fields::Fields;
use crate::subjects;
use doorward_domain::{AuditAction, Permission, PermissionEntry, PermissionSet, Role, RoleName};
use doorward_ports::access::{self, Operation};
use doorward_ports::inbound::NewPermission;
use doorward_ports::outbound::WriteWork;
use doorward_ports::{Caller, Error, ErrorCode, Result};

pub(super) async fn allow(services: &Services, caller: &Caller, role: &str, permission: &str) -> Result<Role> {
    access::authorize(caller, Operation::GrantPermission)?;
    let now = services.now();
    let mut work = services.tools.store.write().await?;
    let role = changeable(&mut *work, caller, role).await?;
    let permission = existing(&mut *work, permission).await?;
    subjects::within_own(caller, &PermissionSet::from_iter([permission.clone()]))?;
    if work.roles().allow(&role.name, &permission, now).await? {
        let details = serde_json::json!({ "permission": permission });
        note(services, caller, &mut *work, AuditAction::PermissionGranted, &role.name, details, now).await?;
    }
    finish(work, &role.name).await
}

pub(super) async fn disallow(services: &Services, caller: &Caller, role: &str, permission: &str) -> Result<Role> {
    access::authorize(caller, Operation::RevokePermission)?;
    let now = services.now();
    let mut work = services.tools.store.write().await?;
    let role = changeable(&mut *work, caller, role).await?;
    let permission = existing(&mut *work, permission).await?;
    if work.roles().disallow(&role.name, &permission, now).await? {
        let details = serde_json::json!({ "permission": permission });
        note(services, caller, &mut *work, AuditAction::PermissionRevoked, &role.name, details, now).await?;
    }
    finish(work, &role.name).await
}

async fn finish(mut work: Box<dyn WriteWork>, role: &RoleName) -> Result<Role> {
    let role = named(&mut *work, role.as_str()).await?;
    work.commit().await?;
    Ok(role)
}

async fn existing(work: &mut dyn WriteWork, name: &str) -> Result<Permission> {
    let name = Permission::parse(name).map_err(|_| permission_not_found(name))?;
    let entry = work.roles().permission(&name).await?;
    entry.map(|entry| entry.name).ok_or_else(|| permission_not_found(name.as_str()))
}

fn permission_not_found(name: &str) -> Error {
    let detail = match Permission::parse(name) {
        Ok(name) => format!("There is no permission {name}. Make it first."),
        Err(_) => "There is no such permission.".to_owned(),
    };
    Error::new(ErrorCode::PermissionNotFound, detail)
}

/// The role `admin` holds every permission, so it gets the new one: else nobody could ever grant it.
pub(super) async fn create(services: &Services, caller: &Caller, typed: NewPermission) -> Result<PermissionEntry> {
    access::authorize(caller, Operation::CreatePermission)?;
    let now = services.now();
    let mut fields = Fields::default();
    let name = fields.take("/name", "invalid_permission", Permission::parse(&typed.name));
    let description = described(&mut fields, typed.description.as_deref());
    let name = fields.finish_with(name)?;
    let entry = PermissionEntry { name, description, created_at: now };
    let mut work = services.tools.store.write().await?;
    work.roles().insert_permission(&entry).await?;
    work.roles().allow(&RoleName::admin(), &entry.name, now).await?;
    append(services, caller, &mut *work, AuditAction::PermissionCreated, &entry.name).await?;
    work.commit().await?;
    Ok(entry)
}

pub(super) async fn delete(services: &Services, caller: &Caller, name: &str) -> Result<()> {
    access::authorize(caller, Operation::DeletePermission)?;
    let mut work = services.tools.store.write().await?;
    let name = existing(&mut *work, name).await?;
    if name.is_system() {
        return Err(Error::new(ErrorCode::SystemPermission, format!("Doorward itself asks for {name}: it stays.")));
    }
    subjects::within_own(caller, &PermissionSet::from_iter([name.clone()]))?;
    work.roles().delete_permission(&name).await?;
    append(services, caller, &mut *work, AuditAction::PermissionDeleted, &name).await?;
    Ok(work.commit().await?)
}

async fn append(
    services: &Services,
    caller: &Caller,
    work: &mut dyn WriteWork,
    action: AuditAction,
    permission: &Permission,
) -> Result<()> {
    let line = services.audit_line(caller, action, &Subject::Permission(permission), services.now());
    Ok(work.audit().append(&line).await?)
}
