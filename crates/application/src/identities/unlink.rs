use crate::providers::enabled_in;
use crate::services::{OwnAct, Subject, Work};
use crate::sessions::end;
use crate::tokens::token_is_dead;
use doorward_domain::{AuditAction, EndReason, Identity, IdentityId, SessionId, UserId};
use doorward_ports::{Error, ErrorCode, Result};

const SESSIONS_AT_ONCE: usize = 100;

/// The account is locked first, so that two requests can't unlink the last two identities.
pub(super) async fn unlink(OwnAct { mut act, owner }: OwnAct<'_>, id: IdentityId) -> Result<()> {
    let mut work = act.begin().await?;
    work.users().lock(owner.user).await?.ok_or_else(token_is_dead)?;
    let linked = work.identities().of_user(owner.user).await?;
    let identity = linked.iter().find(|identity| identity.id == id).ok_or_else(identity_not_found)?;
    let others = linked.iter().filter(|other| other.id != id);
    if work.users().password(owner.user).await?.is_none() && !any_signs_in(&mut work, others).await? {
        return Err(last_credential());
    }
    work.identities().delete(owner.user, id).await?;
    let details = serde_json::json!({ "provider": identity.provider, "identity": id });
    work.audit_with(AuditAction::IdentityUnlinked, Subject::User(owner.user), details).await?;
    end_sessions_of(&mut work, identity, owner.user, owner.session).await?;
    Ok(work.commit().await?)
}

/// With an identity at a provider that is disabled or removed, nobody signs in.
async fn any_signs_in(work: &mut Work<'_>, identities: impl Iterator<Item = &Identity> + Send) -> Result<bool> {
    for identity in identities {
        if enabled_in(work, &identity.provider).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whoever else knows the way in through this provider must not stay inside. The caller's own session stays.
async fn end_sessions_of(work: &mut Work<'_>, identity: &Identity, user: UserId, own: SessionId) -> Result<()> {
    let (now, mut after) = (work.now, None);
    work.pending_sign_ins().end_of_user(user, now).await?;
    loop {
        let sessions = work.sessions().live_of(user, now, after, SESSIONS_AT_ONCE).await?;
        let Some(last) = sessions.last() else { return Ok(()) };
        after = Some(last.id);
        let begun_by_it = |provider: &str| provider == identity.provider.as_str();
        for session in sessions.iter().filter(|it| it.id != own && begun_by_it(it.authentications.provider())) {
            end::one(work, (session.id, user), EndReason::IdentityUnlinked).await?;
        }
    }
}

fn identity_not_found() -> Error {
    Error::new(ErrorCode::IdentityNotFound, "Your account has no identity with this id.")
}

fn last_credential() -> Error {
    Error::new(
        ErrorCode::LastCredential,
        "This is the only way to sign in to your account. Set a password or link another provider first.",
    )
}
