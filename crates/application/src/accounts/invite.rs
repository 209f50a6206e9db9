use super::user_not_found;
use crate::mails;
use crate::services::{Act, Subject, Work};
use crate::subjects;
use doorward_domain::{AuditAction, User, UserId};
use doorward_ports::{Error, ErrorCode, Result};

/// Whoever may change an account may invite its owner. Nothing but the mail contains the link: the administrator does not get to
/// know it.
pub(super) async fn invite(mut act: Act<'_>, id: UserId) -> Result<()> {
    mails::require_mails(&act)?;
    let user = act.read().await?.users().by_id(id).await?.ok_or_else(user_not_found)?;
    mails::refuse_too_many_invitations(&act, &user.email).await?;
    let mut work = act.begin().await?;
    let user = work.users().lock(id).await?.ok_or_else(user_not_found)?;
    subjects::account_within_own(&mut work, id).await?;
    if !user.is_active || work.users().password(id).await?.is_some() {
        return Err(not_invitable());
    }
    send(&mut work, &user).await?;
    Ok(work.commit().await?)
}

/// The caller has locked the account, or has just added it.
pub(super) async fn send(work: &mut Work<'_>, user: &User) -> Result<()> {
    mails::invitation(work, user).await?;
    Ok(work.audit(AuditAction::UserInvited, Subject::User(user.id)).await?)
}

fn not_invitable() -> Error {
    Error::new(
        ErrorCode::UserNotInvitable,
        "The account has a password already, or is disabled. Its owner can ask for a new password; a disabled account must be \
         enabled first.",
    )
}
