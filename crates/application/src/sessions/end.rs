use crate::Services;
use crate::accounts::user_not_found;
use crate::audit::Subject;
use crate::subjects;
use doorward_domain::{AuditAction, EndReason, SessionId, Timestamp, UserId};
use doorward_ports::access::{self, Operation};
use doorward_ports::outbound::WriteWork;
use doorward_ports::{Caller, Error, ErrorCode, Result};

pub(super) async fn own(services: &Services, caller: &Caller, id: SessionId) -> Result<()> {
    let signed_in = access::authorize_own(caller, Operation::EndOwnSession)?;
    let now = services.now();
    let mut work = services.tools.store.write().await?;
    let session = work.sessions().by_id(id).await?;
    if !session.is_some_and(|session| session.user == signed_in.user && session.is_live(now)) {
        return Err(Error::new(ErrorCode::SessionNotFound, "There is no such live session of yours."));
    }
    one(services, caller, &mut *work, (id, signed_in.user), EndReason::EndedByOwner, now).await?;
    Ok(work.commit().await?)
}

pub(super) async fn own_others(services: &Services, caller: &Caller) -> Result<()> {
    let signed_in = access::authorize_own(caller, Operation::EndOwnOtherSessions)?;
    let now = services.now();
    let mut work = services.tools.store.write().await?;
    all(services, caller, &mut *work, signed_in.user, Some(signed_in.session), EndReason::EndedByOwner, now).await?;
    Ok(work.commit().await?)
}

pub(super) async fn of_user(services: &Services, caller: &Caller, user: UserId) -> Result<()> {
    access::authorize(caller, Operation::EndUserSessions)?;
    let now = services.now();
    let mut work = services.tools.store.write().await?;
    work.users().by_id(user).await?.ok_or_else(user_not_found)?;
    subjects::account_within_own(&mut *work, caller, user).await?;
    all(services, caller, &mut *work, user, None, EndReason::EndedByAdmin, now).await?;
    Ok(work.commit().await?)
}

/// Ends a session, unless it has ended before, and tells the audit log.
pub(crate) async fn one(
    services: &Services,
    caller: &Caller,
    work: &mut dyn WriteWork,
    (id, user): (SessionId, UserId),
    reason: EndReason,
    now: Timestamp,
) -> Result<()> {
    if work.sessions().end(id, now, reason).await? {
        note(services, caller, work, (id, user), reason, now).await?;
    }
    Ok(())
}

/// Ends every session of an account but the given one, and tells the audit log of each.
pub(crate) async fn all(
    services: &Services,
    caller: &Caller,
    work: &mut dyn WriteWork,
    user: UserId,
    except: Option<SessionId>,
    reason: EndReason,
    now: Timestamp,
) -> Result<()> {
    for id in work.sessions().end_all(user, except, now, reason).await? {
        note(services, caller, work, (id, user), reason, now).await?;
    }
    Ok(())
}

async fn note(
    services: &Services,
    caller: &Caller,
    work: &mut dyn WriteWork,
    (id, user): (SessionId, UserId),
    reason: EndReason,
    now: Timestamp,
) -> Result<()> {
    let mut line = services.audit_line(caller, AuditAction::SessionEnded, &Subject::Session { id, user }, now);
    line.details = serde_json::json!({ "reason": reason.as_str() });
    Ok(work.audit().append(&line).await?)
}
