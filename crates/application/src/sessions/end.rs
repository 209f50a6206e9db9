use crate::accounts::user_not_found;
use crate::services::{Act, OwnAct, Subject, Work};
use crate::subjects;
use doorward_domain::{AuditAction, EndReason, SessionId, UserId};
use doorward_ports::{Error, ErrorCode, Result};
use serde_json::json;

pub(super) async fn own(OwnAct { mut act, owner }: OwnAct<'_>, id: SessionId) -> Result<()> {
    let mut work = act.begin().await?;
    let (session, now) = (work.sessions().by_id(id).await?, work.now);
    if !session.is_some_and(|session| session.user == owner.user && session.is_live(now)) {
        return Err(Error::new(ErrorCode::SessionNotFound, "You have no live session with this id."));
    }
    one(&mut work, (id, owner.user), EndReason::EndedByOwner).await?;
    Ok(work.commit().await?)
}

pub(super) async fn own_others(OwnAct { mut act, owner }: OwnAct<'_>) -> Result<()> {
    let mut work = act.begin().await?;
    all(&mut work, owner.user, Some(owner.session), EndReason::EndedByOwner).await?;
    Ok(work.commit().await?)
}

pub(super) async fn of_user(mut act: Act<'_>, user: UserId) -> Result<()> {
    let mut work = act.begin().await?;
    work.users().by_id(user).await?.ok_or_else(user_not_found)?;
    subjects::account_within_own(&mut work, user).await?;
    all(&mut work, user, None, EndReason::EndedByAdmin).await?;
    Ok(work.commit().await?)
}

/// Ends a session, unless it has already ended, and appends to the audit log.
pub(crate) async fn one(work: &mut Work<'_>, (id, user): (SessionId, UserId), reason: EndReason) -> Result<()> {
    let now = work.now;
    if work.sessions().end(id, now, reason).await? {
        let details = json!({ "reason": reason.as_str() });
        work.audit_with(AuditAction::SessionEnded, Subject::Session { id, user }, details).await?;
    }
    Ok(())
}

/// Ends all sessions of an account except the given one, and appends a line for each to the audit log. Sign-ins that wait
/// for their second factor end too.
pub(crate) async fn all(work: &mut Work<'_>, user: UserId, except: Option<SessionId>, reason: EndReason) -> Result<()> {
    let now = work.now;
    work.pending_sign_ins().end_of_user(user, now).await?;
    for id in work.sessions().end_all(user, except, now, reason).await? {
        let details = json!({ "reason": reason.as_str() });
        work.audit_with(AuditAction::SessionEnded, Subject::Session { id, user }, details).await?;
    }
    Ok(())
}
