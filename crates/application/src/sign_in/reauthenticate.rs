use super::lockout::Lockout;
use crate::changes::Changes;
use crate::factors;
use crate::fields::Fields;
use crate::services::{OwnAct, Subject, Work};
use crate::tokens::token_is_dead;
use doorward_domain::{AuditAction, AuthenticationEvent, Password, Session, User};
use doorward_ports::inbound::{FactorProof, TokenPair};
use doorward_ports::outbound::AccountKey;
use doorward_ports::{Error, ErrorCode, Result, Secret, SignedIn};
use serde_json::json;
use std::time::Duration;

/// Authenticates the owner of a session again: the same session continues with a new `auth_time` (RFC 9470). It counts
/// and locks like a sign-in.
pub(super) async fn by_password(OwnAct { mut act, owner }: OwnAct<'_>, password: &Secret) -> Result<TokenPair> {
    let mut fields = Fields::default();
    let typed = fields.take("/password", "password_too_long", Password::new(password.expose().to_owned()));
    let typed = fields.finish_with(typed)?;
    let account = AccountKey::of_user(owner.user);
    let stored = act.read().await?.users().password(owner.user).await?;
    let verdict = act.verify(account, &typed, stored.as_ref()).await?;

    let mut work = act.begin().await?;
    let lockout = Lockout::lock(&mut work, account).await?;
    let wait = lockout.remaining();
    let (user, session) = owned(&mut work, owner).await?;
    if !(verdict.matches && wait.is_none() && work.users().password(owner.user).await? == stored) {
        let subject = Subject::Session { id: owner.session, user: owner.user };
        lockout.refuse(&mut work, AuditAction::SessionReauthenticated, subject, "wrong_password").await?;
        work.commit().await?;
        return Err(wrong_password(wait));
    }
    lockout.clear(&mut work).await?;
    let proof = AuthenticationEvent::by_password(work.now);
    let session = renewed(&mut work, session, proof).await?;
    let permissions = work.roles().permissions_of(user.id).await?;
    work.commit().await?;
    act.token_pair(&session, &user, permissions)
}

/// With a second factor. The wrong codes are counted by factor, over all doors.
pub(super) async fn by_factor(OwnAct { mut act, owner }: OwnAct<'_>, proof: &FactorProof) -> Result<TokenPair> {
    let mut work = act.begin().await?;
    let (user, session) = owned(&mut work, owner).await?;
    let proof = match factors::check(&mut work, user.id, proof).await? {
        Ok(proof) => proof,
        Err(refused) => {
            let subject = Subject::Session { id: owner.session, user: owner.user };
            work.audit_refusal(AuditAction::SessionReauthenticated, subject, refused.code.as_str()).await?;
            work.commit().await?;
            return Err(refused);
        }
    };
    let session = renewed(&mut work, session, proof).await?;
    let permissions = work.roles().permissions_of(user.id).await?;
    work.commit().await?;
    act.token_pair(&session, &user, permissions)
}

/// The account, locked, and the session in their current state, if the session is live.
async fn owned(work: &mut Work<'_>, owner: &SignedIn) -> Result<(User, Session)> {
    let (verified, now) = (work.policies.registration.require_verified_email, work.now);
    let user = work.users().lock(owner.user).await?;
    let user = user.filter(|user| user.may_sign_in(verified).is_ok()).ok_or_else(token_is_dead)?;
    let session = work.sessions().by_id(owner.session).await?;
    let session = session.filter(|session| session.user == user.id && session.is_live(now));
    Ok((user, session.ok_or_else(token_is_dead)?))
}

async fn renewed(work: &mut Work<'_>, session: Session, proof: AuthenticationEvent) -> Result<Session> {
    let now = work.now;
    let before = session.authentications.time();
    let authentications = session.authentications.with(proof);
    if !work.sessions().set_authentications(session.id, &authentications, now).await? {
        return Err(token_is_dead());
    }
    let mut details =
        Changes::default().shown("auth_time", json!(before), json!(authentications.time())).into_details();
    details["amr"] = json!(authentications.amr());
    let subject = Subject::Session { id: session.id, user: session.user };
    work.audit_with(AuditAction::SessionReauthenticated, subject, details).await?;
    Ok(Session { authentications, ..session })
}

/// The answer is the same as for a change of the password: the caller is signed in, and their token is known to be
/// valid.
pub(crate) fn wrong_password(wait: Option<Duration>) -> Error {
    let error = Error::new(ErrorCode::WrongPassword, "The current password is wrong.");
    match wait {
        Some(wait) => error.retry_after(wait),
        None => error,
    }
}
