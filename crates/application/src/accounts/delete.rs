use super::user_not_found;
use crate::services::{Act, Subject};
use crate::subjects;
use doorward_domain::{AuditAction, RoleName, UserId};
use doorward_ports::Result;
use doorward_ports::outbound::AccountKey;

/// Sessions, roles and counts go with the account; the audit log keeps its lines, without what tells of the person.
pub(super) async fn delete(mut act: Act<'_>, id: UserId) -> Result<()> {
    let mut work = act.begin().await?;
    // First, as at the sign-in: whoever locks both, locks the counts before the account.
    work.attempts().clear_all(AccountKey::of_user(id)).await?;
    let user = work.users().lock(id).await?.ok_or_else(user_not_found)?;
    subjects::account_within_own(&mut work, id).await?;
    work.users().delete(id).await?;
    if user.is_active && user.roles.contains(&RoleName::admin()) {
        subjects::an_admin_remains(&mut work).await?;
    }
    work.erase_personal(id).await?;
    work.audit(AuditAction::UserDeleted, Subject::User(id)).await?;
    Ok(work.commit().await?)
}
