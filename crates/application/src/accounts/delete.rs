use super::user_not_found;
use crate::Services;
use crate::audit::Subject;
use crate::subjects;
use doorward_domain::{AuditAction, RoleName, UserId};
use doorward_ports::access::{self, Operation};
use doorward_ports::outbound::{AccountKey, PersonalDetails};
use doorward_ports::{Caller, Result};

pub(super) async fn own(services: &Services, caller: &Caller) -> Result<()> {
    let signed_in = access::authorize_own(caller, Operation::DeleteOwnAccount)?;
    delete(services, caller, signed_in.user).await
}

pub(super) async fn of_user(services: &Services, caller: &Caller, id: UserId) -> Result<()> {
    access::authorize(caller, Operation::DeleteUser)?;
    delete(services, caller, id).await
}

/// Sessions, roles and counts go with the account; the audit log keeps its lines, without what tells of the person.
async fn delete(services: &Services, caller: &Caller, id: UserId) -> Result<()> {
    let mut work = services.tools.store.write().await?;
    // First, as at the sign-in: whoever locks both, locks the counts before the account.
    work.attempts().clear_all(AccountKey::of_user(id)).await?;
    let user = work.users().lock(id).await?.ok_or_else(user_not_found)?;
    subjects::account_within_own(&mut *work, caller, id).await?;
    work.users().delete(id).await?;
    if user.is_active && user.roles.contains(&RoleName::admin()) {
        subjects::an_admin_remains(&mut *work).await?;
    }
    work.audit().erase_personal(id).await?;
    let mut line = services.audit_line(caller, AuditAction::UserDeleted, &Subject::User(id), services.now());
    if line.personal.of == Some(id) {
        line.personal = PersonalDetails::default();
    }
    work.audit().append(&line).await?;
    Ok(work.commit().await?)
}
