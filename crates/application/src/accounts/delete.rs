use super::{described, user_not_found};
use crate::services::{Act, Subject};
use crate::subjects;
use doorward_domain::{AuditAction, RoleName, UserId};
use doorward_ports::Result;
use doorward_ports::access::recently_if_own;
use doorward_ports::outbound::AccountKey;

/// Sessions, roles and counts are deleted with the account; the audit log keeps its lines, without personal data.
pub(super) async fn delete(mut act: Act<'_>, id: UserId) -> Result<()> {
    let mut work = act.begin().await?;
    // First the counts, then the account, in the same order of locks as at a sign-in.
    work.attempts().clear_all(AccountKey::of_user(id)).await?;
    let user = work.users().lock(id).await?.ok_or_else(user_not_found)?;
    subjects::account_within_own(&mut work, id).await?;
    recently_if_own(work.caller, id)?;
    work.users().delete(id).await?;
    if user.is_active && user.roles.contains(&RoleName::admin()) {
        subjects::an_admin_remains(&mut work).await?;
    }
    work.erase_personal(id).await?;
    work.audit_with(AuditAction::UserDeleted, Subject::User(id), described(&user)).await?;
    Ok(work.commit().await?)
}
