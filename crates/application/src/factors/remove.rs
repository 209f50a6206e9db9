use super::check::confirmed;
use super::enrol::shown_recently;
use super::factor_not_found;
use crate::accounts::user_not_found;
use crate::mails;
use crate::services::{Act, OwnAct, Subject, Work};
use crate::subjects;
use crate::tokens::token_is_dead;
use doorward_domain::{AuditAction, Factor, FactorId, MailKind, Timestamp, UserId};
use doorward_ports::{Actor, Error, ErrorCode, Result};
use serde_json::json;

pub(super) async fn own(OwnAct { mut act, owner }: OwnAct<'_>, id: FactorId) -> Result<()> {
    let mut work = act.begin().await?;
    let user = work.users().lock(owner.user).await?.ok_or_else(token_is_dead)?;
    let factors = confirmed(&mut work, owner.user).await?;
    let factor = factors.iter().find(|factor| factor.id == id).ok_or_else(factor_not_found)?;
    shown_recently(&mut work, owner, &factors).await?;
    if factors.len() == 1 && work.policies.mfa.required.concerns(&user.roles) {
        return Err(last_factor());
    }
    delete(&mut work, factor).await?;
    mails::about_factor(&mut work, &user, MailKind::FactorRemoved, factor.name.as_str()).await?;
    if factors.len() == 1 {
        forget_recovery_codes(&mut work, owner.user).await?;
    }
    Ok(work.commit().await?)
}

fn last_factor() -> Error {
    Error::new(
        ErrorCode::LastFactor,
        "This account must have a second factor, and this is its last one. Enrol another one first.",
    )
}

async fn delete(work: &mut Work<'_>, factor: &Factor) -> Result<()> {
    work.factors().delete(factor.user, factor.id).await?;
    let details = json!({ "factor": factor.id, "kind": factor.kind.as_str() });
    Ok(work.audit_with(AuditAction::FactorRemoved, Subject::User(factor.user), details).await?)
}

/// A recovery code stands in for a factor: without one, it would be a second way in.
async fn forget_recovery_codes(work: &mut Work<'_>, user: UserId) -> Result<()> {
    let now = work.now;
    Ok(work.factors().replace_recovery_codes(user, &[], now).await?)
}

/// By an administrator, for an owner who has lost all factors. Administrators who reset their own must show one, as other
/// owners must to delete one.
pub(super) async fn reset(mut act: Act<'_>, user: UserId) -> Result<()> {
    let mut work = act.begin().await?;
    let account = work.users().lock(user).await?.ok_or_else(user_not_found)?;
    subjects::account_within_own(&mut work, user).await?;
    let (factors, caller) = (confirmed(&mut work, user).await?, work.caller);
    if let Actor::User(owner) = &caller.actor
        && owner.user == user
    {
        shown_recently(&mut work, owner, &factors).await?;
    }
    for factor in factors {
        mails::about_factor(&mut work, &account, MailKind::FactorRemoved, factor.name.as_str()).await?;
    }
    let removed = all(&mut work, user, Timestamp::EPOCH).await?;
    work.audit_with(AuditAction::FactorsReset, Subject::User(user), json!({ "factors": removed })).await?;
    Ok(work.commit().await?)
}

/// Removes what was enrolled since then, because it may have been by somebody else than the owner.
pub(crate) async fn forget_all(work: &mut Work<'_>, user: UserId, enrolled_from: Timestamp) -> Result<()> {
    match all(work, user, enrolled_from).await? {
        0 => Ok(()),
        removed => {
            Ok(work.audit_with(AuditAction::FactorsReset, Subject::User(user), json!({ "factors": removed })).await?)
        }
    }
}

/// Enrolments and sign-ins that wait for a factor end too. Returns how many confirmed factors were removed.
async fn all(work: &mut Work<'_>, user: UserId, enrolled_from: Timestamp) -> Result<usize> {
    let (factors, now) = (work.factors().of_user(user).await?, work.now);
    let is_since = |factor: &Factor| factor.confirmed_at.is_none_or(|at| at >= enrolled_from);
    let (removed, left): (Vec<_>, Vec<_>) = factors.into_iter().partition(is_since);
    for factor in &removed {
        work.factors().delete(user, factor.id).await?;
    }
    if left.is_empty() {
        forget_recovery_codes(work, user).await?;
    }
    work.pending_sign_ins().end_of_user(user, now).await?;
    Ok(removed.iter().filter(|factor| factor.is_confirmed()).count())
}
