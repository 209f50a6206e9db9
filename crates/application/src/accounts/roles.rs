use super::user_not_found;
use crate::roles::named;
use crate::services::{Act, Subject, Work};
use crate::subjects;
use doorward_domain::{AuditAction, RoleName, User, UserId};
use doorward_ports::Result;
use serde_json::json;

pub(super) async fn grant(mut act: Act<'_>, id: UserId, role: &str) -> Result<User> {
    let mut work = act.begin().await?;
    let ((mut user, role), now) = (touchable(&mut work, id, role).await?, work.now);
    if user.roles.insert(role.clone()) {
        subjects::held_together(&user.roles)?;
    }
    if work.users().grant(id, &role, now).await? {
        work.audit_with(AuditAction::RoleGranted, Subject::User(id), json!({ "role": role })).await?;
    }
    finish(work, id).await
}

pub(super) async fn revoke(mut act: Act<'_>, id: UserId, role: &str) -> Result<User> {
    let mut work = act.begin().await?;
    let ((_, role), now) = (touchable(&mut work, id, role).await?, work.now);
    if work.users().revoke(id, &role, now).await? {
        if role == RoleName::admin() {
            subjects::an_admin_remains(&mut work).await?;
        }
        work.audit_with(AuditAction::RoleRevoked, Subject::User(id), json!({ "role": role })).await?;
    }
    finish(work, id).await
}

/// The account and the role, if the caller may change both. Both are locked until the work ends.
async fn touchable(work: &mut Work<'_>, id: UserId, role: &str) -> Result<(User, RoleName)> {
    let user = work.users().lock(id).await?.ok_or_else(user_not_found)?;
    subjects::account_within_own(work, id).await?;
    let role = named(work, role).await?;
    subjects::within_own(work.caller, &role.permissions)?;
    Ok((user, role.name))
}

async fn finish(mut work: Work<'_>, id: UserId) -> Result<User> {
    let user = work.users().by_id(id).await?.ok_or_else(user_not_found)?;
    work.commit().await?;
    Ok(user)
}
