use super::details::new_password;
use super::user_not_found;
use crate::Services;
use crate::audit::Subject;
use crate::fields::Fields;
use crate::sessions::end;
use crate::sign_in::door::Door;
use crate::subjects;
use crate::tokens::token_is_dead;
use doorward_domain::{AuditAction, EndReason, Password, PersonalContext, SessionId, Timestamp, User, UserId};
use doorward_ports::access::{self, Operation};
use doorward_ports::inbound::PasswordChange;
use doorward_ports::outbound::{AccountKey, PasswordHash, WriteWork};
use doorward_ports::{Caller, Error, ErrorCode, Result, Secret};
use std::time::Duration;

/// The present password is asked for although somebody is signed in: a session left open must not be enough to take the
/// account over (OWASP ASVS 6.2.3). Wrong ones count like wrong ones at the sign-in.
pub(super) async fn change_own(services: &Services, caller: &Caller, change: PasswordChange) -> Result<()> {
    let signed_in = access::authorize_own(caller, Operation::ChangeOwnPassword)?;
    let mut read = services.tools.store.read().await?;
    let user = read.users().by_id(signed_in.user).await?.ok_or_else(user_not_found)?;
    let stored = read.users().password(user.id).await?;
    drop(read);
    let (current, new) = typed(services, &user, &change)?;
    let verdict = services.tools.hasher.verify(AccountKey::of_user(user.id), &current, stored.as_ref()).await?;
    // Hashed also when the present one is wrong: else the time would tell that it is right, even at a shut door.
    let hash = services.tools.hasher.hash(AccountKey::of_user(user.id), &new).await?;

    let now = services.now();
    let mut work = services.tools.store.write().await?;
    let door = Door::approach(services, &mut *work, caller, AccountKey::of_user(user.id), now).await?;
    let wait = door.shut_for();
    work.users().lock(user.id).await?.filter(|user| user.is_active).ok_or_else(token_is_dead)?;
    let unchanged = work.users().password(user.id).await? == stored;
    if verdict.matches && unchanged && wait.is_none() {
        door.enter(&mut *work).await?;
        replace(services, caller, &mut *work, user.id, &hash, Some(signed_in.session), now).await?;
        return Ok(work.commit().await?);
    }
    let shut = door.knock_in_vain(services, &mut *work).await?;
    note_refusal(services, caller, &mut *work, user.id, wait.is_some(), shut, now).await?;
    work.commit().await?;
    Err(wrong_password(wait))
}

/// The present password and a good new one; what is wrong with either is told together.
fn typed(services: &Services, user: &User, change: &PasswordChange) -> Result<(Password, Password)> {
    let mut fields = Fields::default();
    let new = new_password(services, &mut fields, "/new_password", &change.new, &context(user));
    let current = Password::new(change.current.expose().to_owned());
    let current = fields.take("/current_password", "password_too_long", current);
    fields.finish_with(current.zip(new))
}

/// Guessing the present password from a stolen session shows in the audit log like guessing at the sign-in.
async fn note_refusal(
    services: &Services,
    caller: &Caller,
    work: &mut dyn WriteWork,
    user: UserId,
    was_shut: bool,
    shut: bool,
    now: Timestamp,
) -> Result<()> {
    let reason = if was_shut { "locked" } else { "wrong_password" };
    let line = services.audit_refusal(caller, AuditAction::PasswordChanged, &Subject::User(user), reason, now);
    work.audit().append(&line).await?;
    if shut {
        let line = services.audit_line(caller, AuditAction::SignInLocked, &Subject::User(user), now);
        work.audit().append(&line).await?;
    }
    Ok(())
}

fn wrong_password(wait: Option<Duration>) -> Error {
    let error = Error::new(ErrorCode::WrongPassword, "The current password is wrong.");
    match wait {
        Some(wait) => error.retry_after(wait),
        None => error,
    }
}

/// By an administrator: ends every session, since whoever asked for it may have lost the account to somebody else.
pub(super) async fn set(services: &Services, caller: &Caller, id: UserId, password: &Secret) -> Result<()> {
    access::authorize(caller, Operation::SetUserPassword)?;
    let user = services.tools.store.read().await?.users().by_id(id).await?.ok_or_else(user_not_found)?;
    let password = good_password(services, &user, password)?;
    let hash = services.tools.hasher.hash(AccountKey::of_user(id), &password).await?;
    let mut work = services.tools.store.write().await?;
    work.users().lock(id).await?.ok_or_else(user_not_found)?;
    subjects::account_within_own(&mut *work, caller, id).await?;
    replace(services, caller, &mut *work, id, &hash, None, services.now()).await?;
    Ok(work.commit().await?)
}

fn good_password(services: &Services, user: &User, typed: &Secret) -> Result<Password> {
    let mut fields = Fields::default();
    let password = new_password(services, &mut fields, "/password", typed, &context(user));
    fields.finish_with(password)
}

fn context(user: &User) -> PersonalContext<'_> {
    PersonalContext { email: Some(&user.email), username: user.username.as_ref(), full_name: user.full_name.as_ref() }
}

async fn replace(
    services: &Services,
    caller: &Caller,
    work: &mut dyn WriteWork,
    user: UserId,
    hash: &PasswordHash,
    except: Option<SessionId>,
    now: Timestamp,
) -> Result<()> {
    work.users().set_password(user, hash).await?;
    end::all(services, caller, work, user, except, EndReason::PasswordChanged, now).await?;
    let line = services.audit_line(caller, AuditAction::PasswordChanged, &Subject::User(user), now);
    Ok(work.audit().append(&line).await?)
}

pub(super) async fn unlock(services: &Services, caller: &Caller, id: UserId) -> Result<()> {
    access::authorize(caller, Operation::UnlockUser)?;
    let mut work = services.tools.store.write().await?;
    work.users().by_id(id).await?.ok_or_else(user_not_found)?;
    subjects::account_within_own(&mut *work, caller, id).await?;
    if work.attempts().clear_all(AccountKey::of_user(id)).await? > 0 {
        let line = services.audit_line(caller, AuditAction::UserUnlocked, &Subject::User(id), services.now());
        work.audit().append(&line).await?;
    }
    Ok(work.commit().await?)
}
