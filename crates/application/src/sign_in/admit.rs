//! From the proof of who somebody is to their session.
use super::lockout::Lockout;
use crate::services::{Act, Subject, Work};
use crate::sessions::end;
use doorward_domain::{
    AuditAction, AuthMethod, Client, DeviceName, EndReason, Network, RefreshFamily, Session, SessionId, SessionState,
    SignInRefusal, TokenId, User, UserId,
};
use doorward_ports::inbound::TokenPair;
use doorward_ports::outbound::{AccountKey, PasswordHash};
use doorward_ports::{Error, ErrorCode, Result};
use serde_json::json;
use std::time::Duration;

/// How many sessions beyond the limit are looked up at once: usually there is one, more after the limit was lowered.
const SURPLUS_AT_ONCE: usize = 100;

/// Somebody who has shown the password of an account.
pub(super) struct Proof {
    pub user: UserId,
    /// The digest that the password was compared with.
    pub verified: PasswordHash,
    /// The digest that is to replace it, when it was outdated.
    pub renewed: Option<PasswordHash>,
}

/// Judges everything anew inside the unit of work: while the password was hashed, others may have locked, disabled or
/// deleted the account, or changed its password (CVE-2026-9798: a lock checked at the start only).
pub(super) async fn admit(mut act: Act<'_>, proof: Proof) -> Result<TokenPair> {
    let mut work = act.begin().await?;
    let subject = Subject::User(proof.user);
    let lockout = Lockout::lock(&mut work, AccountKey::of_user(proof.user)).await?;
    if let Some(wait) = lockout.remaining() {
        lockout.refuse(&mut work, AuditAction::SignIn, subject, "locked").await?;
        work.commit().await?;
        return Err(invalid_credentials(Some(wait)));
    }
    let mut user = match judged(&mut work, &proof).await? {
        Ok(user) => user,
        Err((reason, error)) => {
            work.audit_refusal(AuditAction::SignIn, subject, reason).await?;
            work.commit().await?;
            return Err(error);
        }
    };
    if let Some(renewed) = &proof.renewed {
        work.users().set_password(user.id, renewed).await?;
    }
    lockout.clear(&mut work).await?;
    let session = open_session(&mut work, &user).await?;
    user.last_sign_in_at = Some(work.now);
    let permissions = work.roles().permissions_of(user.id).await?;
    work.commit().await?;
    act.token_pair(&session, &user, permissions)
}

/// The account, if it still is as it was proved and may be signed in to; else why not, for the log and for the caller.
async fn judged(work: &mut Work<'_>, proof: &Proof) -> Result<std::result::Result<User, (&'static str, Error)>> {
    let user = work.users().lock(proof.user).await?;
    let still = work.users().password(proof.user).await?;
    let Some(user) = user.filter(|_| still.as_ref() == Some(&proof.verified)) else {
        return Ok(Err(("changed_meanwhile", invalid_credentials(None))));
    };
    Ok(match user.may_sign_in(work.policies.registration.require_verified_email) {
        Ok(()) => Ok(user),
        Err(refusal) => Err(refused(refusal)),
    })
}

async fn open_session(work: &mut Work<'_>, user: &User) -> Result<Session> {
    make_room(work, user.id).await?;
    let (session, now) = (new_session(work, user.id), work.now);
    work.sessions().insert(&session).await?;
    work.users().note_sign_in(user.id, now).await?;
    if let Some(address) = work.caller.origin.address {
        work.attempts().note_network(user.id, Network::of(address), now).await?;
    }
    let details = json!({ "provider": session.method.provider(), "session": session.id });
    work.audit_with(AuditAction::SignIn, Subject::User(user.id), details).await?;
    Ok(session)
}

/// Ends the oldest sessions, so that with one more there are no more than the account may have. The account is locked: its
/// sign-ins come one after the other.
async fn make_room(work: &mut Work<'_>, user: UserId) -> Result<()> {
    let Some(limit) = work.policies.session_limit else { return Ok(()) };
    let now = work.now;
    let kept = work.sessions().live_of(user, now, None, limit.get() - 1).await?;
    let mut oldest_kept = kept.last().map(|session| session.id);
    if kept.len() + 1 < limit.get() {
        return Ok(());
    }
    while let surplus = work.sessions().live_of(user, now, oldest_kept, SURPLUS_AT_ONCE).await?
        && let Some(last) = surplus.last()
    {
        for session in &surplus {
            end::one(work, (session.id, user), EndReason::SessionLimit).await?;
        }
        oldest_kept = Some(last.id);
    }
    Ok(())
}

fn new_session(work: &Work<'_>, user: UserId) -> Session {
    let (now, lifetimes, origin) = (work.now, work.policies.lifetimes, &work.caller.origin);
    Session {
        id: SessionId::mint(now, work.draw()),
        user,
        client: Client::doorward(),
        method: AuthMethod::Password,
        device: DeviceName::from_user_agent(origin.user_agent.as_deref().unwrap_or_default()),
        user_agent: origin.user_agent.clone(),
        address: origin.address,
        created_at: now,
        last_seen_at: now,
        idle_ends_at: lifetimes.idle_ends_at(now),
        family: RefreshFamily::begin(TokenId::mint(now, work.draw()), now, lifetimes.refresh_ttl_at(now, now)),
        state: SessionState::Active,
    }
}

/// One answer for an unknown account, a wrong password and a locked account; a lock adds when to come back.
pub(super) fn invalid_credentials(wait: Option<Duration>) -> Error {
    let error = Error::new(ErrorCode::InvalidCredentials, "The identifier or the password is wrong.");
    match wait {
        Some(wait) => error.retry_after(wait),
        None => error,
    }
}

/// Told only to one who knew the password.
fn refused(refusal: SignInRefusal) -> (&'static str, Error) {
    let (code, detail) = match refusal {
        SignInRefusal::Disabled => {
            (ErrorCode::AccountDisabled, "This account is disabled. Ask an administrator to enable it.")
        }
        SignInRefusal::EmailUnverified => {
            (ErrorCode::EmailUnverified, "Verify the e-mail address first, then sign in again.")
        }
    };
    (code.as_str(), Error::new(code, detail))
}
