use super::user_not_found;
use crate::Services;
use crate::audit::Subject;
use crate::roles::named;
use crate::subjects;
use doorward_domain::{AuditAction, Role, RoleName, Timestamp, User, UserId};
use doorward_ports::access::{self, Operation};
use doorward_ports::outbound::WriteWork;
use doorward_ports::{Caller, Result};

pub(super) async fn grant(services: &Services, caller: &Caller, id: UserId, role: &str) -> Result<User> {
    access::authorize(caller, Operation::GrantRole)?;
    let now = services.now();
    let mut work = services.tools.store.write().await?;
    let role = touchable(&mut *work, caller, id, role).await?;
    if work.users().grant(id, &role.name, now).await? {
        note(services, caller, &mut *work, AuditAction::RoleGranted, (id, &role.name), now).await?;
    }
    finish(work, id).await
}

pub(super) async fn revoke(services: &Services, caller: &Caller, id: UserId, role: &str) -> Result<User> {
    access::authorize(caller, Operation::RevokeRole)?;
    let now = services.now();
    let mut work = services.tools.store.write().await?;
    let role = touchable(&mut *work, caller, id, role).await?;
    if work.users().revoke(id, &role.name, now).await? {
        if role.name == RoleName::admin() {
            subjects::an_admin_remains(&mut *work).await?;
        }
        note(services, caller, &mut *work, AuditAction::RoleRevoked, (id, &role.name), now).await?;
    }
    finish(work, id).await
}

/// The role, if the caller may touch both it and the account. Both stay as they are until the work ends.
async fn touchable(work: &mut dyn WriteWork, caller: &Caller, id: UserId, role: &str) -> Result<Role> {
    work.users().lock(id).await?.ok_or_else(user_not_found)?;
    subjects::account_within_own(work, caller, id).await?;
    let role = named(work, role).await?;
    subjects::within_own(caller, &role.permissions)?;
    Ok(role)
}

async fn note(
    services: &Services,
    caller: &Caller,
    work: &mut dyn WriteWork,
    action: AuditAction,
    (id, role): (UserId, &RoleName),
    now: Timestamp,
) -> Result<()> {
    let mut line = services.audit_line(caller, action, &Subject::User(id), now);
    line.details = serde_json::json!({ "role": role });
    Ok(work.audit().append(&line).await?)
}

async fn finish(mut work: Box<dyn WriteWork>, id: UserId) -> Result<User> {
    let user = work.users().by_id(id).await?.ok_or_else(user_not_found)?;
    work.commit().await?;
    Ok(user)
}
