//! From a proof to a session.
use super::lockout::{FAMILIAR_FOR, Lockout};
use crate::factors::{self, Destination};
use crate::mails;
use crate::services::{Act, Subject, Work};
use crate::sessions::end;
use doorward_domain::{
    AssuranceLevel, AuditAction, Authentications, Client, DeviceName, EndReason, Network, PermissionSet, RefreshFamily,
    Session, SessionId, SessionState, SignIn, SignInRefusal, SignInRules, Step, TokenId, User, UserId,
};
use doorward_ports::inbound::TokenPair;
use doorward_ports::outbound::{AccountKey, PasswordHash};
use doorward_ports::{Error, ErrorCode, Result};
use serde_json::json;
use std::time::Duration;

/// How many sessions beyond the limit are read at once: usually there is one, and more after the limit was lowered.
const SURPLUS_AT_ONCE: usize = 100;

/// The proof of a user, outside of any unit of work.
pub(super) struct Proof {
    pub sign_in: SignIn,
    pub verified: Verified,
}

/// What the proof was checked with. It must still be the same when the session begins.
pub(super) enum Verified {
    Password {
        /// The hash that the password was compared with.
        stored: PasswordHash,
        /// The hash that replaces it, if it was outdated.
        renewed: Option<PasswordHash>,
    },
}

/// Checks everything again inside the unit of work: while the password was hashed, others may have locked, disabled or
/// deleted the account, or changed its password (CVE-2026-9798: a lock was checked only at the start).
pub(super) async fn conclude(mut act: Act<'_>, proof: Proof) -> Result<TokenPair> {
    let mut work = act.begin().await?;
    let (user, subject) = (proof.sign_in.user(), Subject::User(proof.sign_in.user()));
    let lockout = Lockout::lock(&mut work, AccountKey::of_user(user)).await?;
    if let Some(wait) = lockout.refuse_if_locked(&mut work, AuditAction::SignIn, subject).await? {
        work.commit().await?;
        return Err(invalid_credentials(Some(wait)));
    }
    let (user, proved) = match judged(&mut work, proof).await? {
        Ok(judged) => judged,
        Err((_, challenged)) if challenged.code == ErrorCode::MfaRequired => {
            lockout.clear(&mut work).await?;
            work.commit().await?;
            return Err(challenged);
        }
        Err((reason, error)) => {
            work.audit_refusal(AuditAction::SignIn, subject, reason).await?;
            work.commit().await?;
            return Err(error);
        }
    };
    lockout.clear(&mut work).await?;
    let admitted = admit(&mut work, user, proved, Client::doorward()).await?;
    work.commit().await?;
    admitted.tokens(&act)
}

/// Somebody who is signed in, once the work is committed.
pub(crate) struct Admitted {
    pub session: Session,
    user: User,
    permissions: PermissionSet,
    is_new_user: bool,
}

impl Admitted {
    pub fn tokens(self, act: &Act<'_>) -> Result<TokenPair> {
        let Self { session, user, permissions, is_new_user } = self;
        Ok(TokenPair { is_new_user, ..act.token_pair(&session, &user, permissions)? })
    }
}

/// The proofs for a session, if they are enough for this account and it may sign in. Every sign-in comes through here,
/// whatever it was proved with: an account with a second factor has no other way to a session than with two (Zitadel
/// GHSA-cfjq-28r2-4jv5, Kratos GHSA-wc43-73w7-x2f5).
pub(crate) async fn judge(
    work: &mut Work<'_>,
    sign_in: SignIn,
    user: &User,
    destination: Destination<'_>,
) -> Result<std::result::Result<Authentications, Error>> {
    let factors = factors::confirmed(work, user.id).await?;
    let rules = SignInRules {
        require_verified_email: work.policies.registration.require_verified_email,
        level: if factors.is_empty() { AssuranceLevel::One } else { AssuranceLevel::Two },
    };
    match sign_in.judge(user, &rules) {
        Ok(Step::SignedIn(proved)) => Ok(Ok(proved)),
        Ok(Step::Challenge(sign_in)) => Ok(Err(factors::challenge(work, &sign_in, factors, destination).await?)),
        Err(refusal) => Ok(Err(refused(refusal))),
    }
}

/// Begins the session of an account that may sign in.
pub(crate) async fn admit(
    work: &mut Work<'_>,
    mut user: User,
    proved: Authentications,
    client: Client,
) -> Result<Admitted> {
    let session = open_session(work, &user, proved, client).await?;
    let is_new_user = user.last_sign_in_at.replace(work.now).is_none();
    let permissions = work.roles().permissions_of(user.id).await?;
    Ok(Admitted { session, user, permissions, is_new_user })
}

/// Why a sign-in is refused: for the log, and for the caller.
type Refusal = (&'static str, Error);

/// The account, and the proofs for its session: if the account has not changed since the proof and may sign in.
async fn judged(work: &mut Work<'_>, proof: Proof) -> Result<std::result::Result<(User, Authentications), Refusal>> {
    let Proof { sign_in, verified: Verified::Password { stored, renewed } } = proof;
    let user = work.users().lock(sign_in.user()).await?;
    let still = work.users().password(sign_in.user()).await?;
    let Some(user) = user.filter(|_| still.as_ref() == Some(&stored)) else {
        return Ok(Err(("changed_meanwhile", invalid_credentials(None))));
    };
    if let Some(renewed) = &renewed {
        work.users().set_password(user.id, renewed).await?;
    }
    let destination = Destination { client: &Client::doorward(), attempt: None };
    match judge(work, sign_in, &user, destination).await? {
        Ok(proved) => Ok(Ok((user, proved))),
        Err(error) => Ok(Err((error.code.as_str(), error))),
    }
}

async fn open_session(work: &mut Work<'_>, user: &User, proved: Authentications, client: Client) -> Result<Session> {
    make_room(work, user.id).await?;
    let (session, now) = (new_session(work, user.id, proved, client), work.now);
    if looks_new(work, user, &session).await? {
        mails::new_sign_in(work, user).await?;
    }
    work.sessions().insert(&session).await?;
    work.users().note_sign_in(user.id, now).await?;
    if let Some(address) = work.caller.origin.address {
        work.attempts().note_network(user.id, Network::of(address), now).await?;
    }
    let proved = &session.authentications;
    let details = json!({ "provider": proved.provider(), "session": session.id, "amr": proved.amr() });
    work.audit_with(AuditAction::SignIn, Subject::User(user.id), details).await?;
    Ok(session)
}

/// Whether the owner should be told of a sign-in: from a network, or on a device, that the account has not used recently.
/// The first sign-in to an account is no news, and an address that nobody has proved may belong to somebody else.
async fn looks_new(work: &mut Work<'_>, user: &User, session: &Session) -> Result<bool> {
    if !work.sends_mails() || !user.email_verified || user.last_sign_in_at.is_none() {
        return Ok(false);
    }
    let (account, since) = (AccountKey::of_user(user.id), work.now.minus(FAMILIAR_FOR));
    let known = match work.caller.origin.address {
        Some(address) => work.attempts().knows_network(account, Network::of(address), since).await?,
        None => true,
    };
    Ok(!(known && work.sessions().knows_device(user.id, &session.device).await?))
}

/// Ends the oldest sessions, so that the new one does not exceed the limit of the account. The account is locked, so
/// its sign-ins run one after the other.
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

fn new_session(work: &Work<'_>, user: UserId, authentications: Authentications, client: Client) -> Session {
    let (now, lifetimes, origin) = (work.now, work.policies.lifetimes, &work.caller.origin);
    Session {
        id: SessionId::mint(now, work.draw()),
        user,
        client,
        authentications,
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

/// An unknown account, a wrong password and a locked account get the same answer; a lock adds the time to wait.
pub(super) fn invalid_credentials(wait: Option<Duration>) -> Error {
    let error = Error::new(ErrorCode::InvalidCredentials, "The identifier or the password is wrong.");
    match wait {
        Some(wait) => error.retry_after(wait),
        None => error,
    }
}

/// This answer is only for callers who have proved that the account is theirs.
fn refused(refusal: SignInRefusal) -> Error {
    let (code, detail) = match refusal {
        SignInRefusal::Disabled => {
            (ErrorCode::AccountDisabled, "This account is disabled. Ask an administrator to enable it.")
        }
        SignInRefusal::EmailUnverified => {
            (ErrorCode::EmailUnverified, "Verify the e-mail address first, then sign in again.")
        }
    };
    Error::new(code, detail)
}
