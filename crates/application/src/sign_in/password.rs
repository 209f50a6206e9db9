//! Signing in by password: the model for every use case.
//!
//! First who may; then everything slow (look-up, hash), with no unit of work open; then one unit of work that judges,
//! writes and tells the audit log; then the answer.
use super::door::Door;
use crate::Services;
use crate::audit::Subject;
use crate::fields::Fields;
use crate::sessions::end;
use doorward_domain::{
    AuditAction, AuthMethod, Client, DeviceName, EndReason, Identifier, Network, Password, PermissionSet,
    RefreshFamily, Session, SessionId, SessionState, SignInRefusal, Timestamp, TokenId, User, UserId,
};
use doorward_ports::access::{self, Operation};
use doorward_ports::inbound::{PasswordSignIn, TokenPair};
use doorward_ports::outbound::{AccountKey, Credentials, PasswordHash, WriteWork};
use doorward_ports::{Caller, Error, ErrorCode, Result};
use std::time::Duration;

/// How many sessions beyond the limit are looked up at once: usually there is one, more after the limit was lowered.
const SURPLUS_AT_ONCE: usize = 100;

pub(super) async fn sign_in(services: &Services, caller: &Caller, sign_in: PasswordSignIn) -> Result<TokenPair> {
    access::authorize(caller, Operation::SignIn)?;
    let password = typed(&sign_in)?;
    let claim = Claim::look_up(services, &sign_in.identifier).await?;
    // An unknown account costs the same hash, and below the same statements (OWASP ASVS 6.3.8).
    let verdict = services.tools.hasher.verify(claim.account, &password, claim.stored()).await?;
    match claim.credentials {
        Some(Credentials { user, password: Some(verified) }) if verdict.matches => {
            let renewed = if verdict.outdated { renewed(services, caller, user, &password).await? } else { None };
            admit(services, caller, Proven { user, verified, renewed }).await
        }
        _ => Err(refuse(services, caller, &claim).await?),
    }
}

/// A digest to replace an outdated one. None at a shut door, where a second hash would tell that the password is right.
async fn renewed(
    services: &Services,
    caller: &Caller,
    user: UserId,
    password: &Password,
) -> Result<Option<PasswordHash>> {
    let mut work = services.tools.store.write().await?;
    let door = Door::approach(services, &mut *work, caller, AccountKey::of_user(user), services.now()).await?;
    drop(work);
    if door.shut_for().is_some() {
        return Ok(None);
    }
    Ok(Some(services.tools.hasher.hash(AccountKey::of_user(user), password).await?))
}

fn typed(sign_in: &PasswordSignIn) -> Result<Password> {
    let mut fields = Fields::default();
    let password = fields.take("/password", "password_too_long", Password::new(sign_in.password.expose().to_owned()));
    fields.finish_with(password)
}

/// Who somebody claims to be.
struct Claim {
    account: AccountKey,
    credentials: Option<Credentials>,
}

impl Claim {
    /// A name that cannot be one is treated like one that nobody has.
    async fn look_up(services: &Services, name: &str) -> Result<Self> {
        let identifier = Identifier::parse(name).ok();
        let credentials = match &identifier {
            Some(identifier) => services.tools.store.read().await?.users().credentials(identifier).await?,
            None => None,
        };
        let nobody = AccountKey::of_name(identifier.as_ref().map_or(name, Identifier::as_str));
        let account = credentials.as_ref().map_or(nobody, |credentials| AccountKey::of_user(credentials.user));
        Ok(Self { account, credentials })
    }

    fn stored(&self) -> Option<&PasswordHash> {
        self.credentials.as_ref()?.password.as_ref()
    }

    fn subject(&self) -> Subject<'static> {
        self.credentials.as_ref().map_or(Subject::Unknown, |credentials| Subject::User(credentials.user))
    }
}

/// One answer for an unknown account, a wrong password and a locked account; a lock adds when to come back.
fn invalid_credentials(wait: Option<Duration>) -> Error {
    let error = Error::new(ErrorCode::InvalidCredentials, "The identifier or the password is wrong.");
    match wait {
        Some(wait) => error.retry_after(wait),
        None => error,
    }
}

/// Counts the wrong password and answers the refusal.
async fn refuse(services: &Services, caller: &Caller, claim: &Claim) -> Result<Error> {
    let now = services.now();
    let mut work = services.tools.store.write().await?;
    let door = Door::approach(services, &mut *work, caller, claim.account, now).await?;
    let wait = door.shut_for();
    let shut = door.knock_in_vain(services, &mut *work).await?;
    let reason = if wait.is_some() { "locked" } else { "invalid_credentials" };
    note_refusal(services, caller, &mut *work, &claim.subject(), reason, now).await?;
    if shut {
        let line = services.audit_line(caller, AuditAction::SignInLocked, &claim.subject(), now);
        work.audit().append(&line).await?;
    }
    work.commit().await?;
    Ok(invalid_credentials(wait))
}

async fn note_refusal(
    services: &Services,
    caller: &Caller,
    work: &mut dyn WriteWork,
    subject: &Subject<'_>,
    reason: &str,
    now: Timestamp,
) -> Result<()> {
    let line = services.audit_refusal(caller, AuditAction::SignIn, subject, reason, now);
    Ok(work.audit().append(&line).await?)
}

/// Somebody who has shown the password of an account.
struct Proven {
    user: UserId,
    /// The digest that the password was compared with.
    verified: PasswordHash,
    /// The digest that is to replace it, when it was outdated.
    renewed: Option<PasswordHash>,
}

/// Judges everything anew inside the unit of work: while the password was hashed, others may have locked, disabled or
/// deleted the account, or changed its password (CVE-2026-9798: a lock checked at the start only).
async fn admit(services: &Services, caller: &Caller, proven: Proven) -> Result<TokenPair> {
    let now = services.now();
    let mut work = services.tools.store.write().await?;
    let subject = Subject::User(proven.user);
    let door = Door::approach(services, &mut *work, caller, AccountKey::of_user(proven.user), now).await?;
    if let Some(wait) = door.shut_for() {
        door.knock_in_vain(services, &mut *work).await?;
        note_refusal(services, caller, &mut *work, &subject, "locked", now).await?;
        work.commit().await?;
        return Err(invalid_credentials(Some(wait)));
    }
    let user = work.users().lock(proven.user).await?;
    let still = work.users().password(proven.user).await?;
    let Some(mut user) = user.filter(|_| still.as_ref() == Some(&proven.verified)) else {
        note_refusal(services, caller, &mut *work, &subject, "changed_meanwhile", now).await?;
        work.commit().await?;
        return Err(invalid_credentials(None));
    };
    if let Err(refusal) = user.may_sign_in(services.policies.registration.require_verified_email) {
        note_refusal(services, caller, &mut *work, &subject, reason(refusal), now).await?;
        work.commit().await?;
        return Err(refused(refusal));
    }
    if let Some(renewed) = &proven.renewed {
        work.users().set_password(user.id, renewed).await?;
    }
    door.enter(&mut *work).await?;
    let session = open_session(services, caller, &mut *work, &user, now).await?;
    user.last_sign_in_at = Some(now);
    let permissions: PermissionSet = work.roles().permissions_of(user.id).await?;
    work.commit().await?;
    services.token_pair(&session, &user, permissions)
}

async fn open_session(
    services: &Services,
    caller: &Caller,
    work: &mut dyn WriteWork,
    user: &User,
    now: Timestamp,
) -> Result<Session> {
    make_room(services, caller, work, user.id, now).await?;
    let session = new_session(services, caller, user.id, now);
    work.sessions().insert(&session).await?;
    work.users().note_sign_in(user.id, now).await?;
    if let Some(address) = caller.origin.address {
        work.attempts().note_network(user.id, Network::of(address), now).await?;
    }
    let mut line = services.audit_line(caller, AuditAction::SignIn, &Subject::User(user.id), now);
    line.details = serde_json::json!({ "provider": session.method.provider(), "session": session.id });
    work.audit().append(&line).await?;
    Ok(session)
}

/// Ends the oldest sessions, so that with one more there are no more than the account may have. The account is locked: its
/// sign-ins come one after the other.
async fn make_room(
    services: &Services,
    caller: &Caller,
    work: &mut dyn WriteWork,
    user: UserId,
    now: Timestamp,
) -> Result<()> {
    let Some(limit) = services.policies.session_limit else { return Ok(()) };
    let kept = work.sessions().live_of(user, now, None, limit.get() - 1).await?;
    let mut oldest_kept = kept.last().map(|session| session.id);
    if kept.len() + 1 < limit.get() {
        return Ok(());
    }
    while let surplus = work.sessions().live_of(user, now, oldest_kept, SURPLUS_AT_ONCE).await?
        && let Some(last) = surplus.last()
    {
        for session in &surplus {
            end::one(services, caller, work, (session.id, user), EndReason::SessionLimit, now).await?;
        }
        oldest_kept = Some(last.id);
    }
    Ok(())
}

fn new_session(services: &Services, caller: &Caller, user: UserId, now: Timestamp) -> Session {
    let lifetimes = services.policies.lifetimes;
    Session {
        id: SessionId::mint(now, services.draw()),
        user,
        client: Client::doorward(),
        method: AuthMethod::Password,
        device: DeviceName::from_user_agent(caller.origin.user_agent.as_deref().unwrap_or_default()),
        user_agent: caller.origin.user_agent.clone(),
        address: caller.origin.address,
        created_at: now,
        last_seen_at: now,
        idle_ends_at: lifetimes.idle_ends_at(now),
        family: RefreshFamily::begin(TokenId::mint(now, services.draw()), now, lifetimes.refresh_ttl_at(now, now)),
        state: SessionState::Active,
    }
}

const fn reason(refusal: SignInRefusal) -> &'static str {
    match refusal {
        SignInRefusal::Disabled => "account_disabled",
        SignInRefusal::EmailUnverified => "email_unverified",
    }
}

/// Told only to one who knew the password.
fn refused(refusal: SignInRefusal) -> Error {
    match refusal {
        SignInRefusal::Disabled => {
            Error::new(ErrorCode::AccountDisabled, "This account is disabled. Ask an administrator to enable it.")
        }
        SignInRefusal::EmailUnverified => {
            Error::new(ErrorCode::EmailUnverified, "Verify the e-mail address first, then sign in again.")
        }
    }
}
