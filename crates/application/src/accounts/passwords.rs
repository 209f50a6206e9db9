use super::details::new_password;
use super::{save, user_not_found};
use crate::changes::Changes;
use crate::fields::Fields;
use crate::mails;
use crate::services::{Act, OwnAct, Policies, Subject, Work};
use crate::sessions::end;
use crate::sign_in::lockout::Lockout;
use crate::sign_in::wrong_password;
use crate::subjects;
use crate::tokens::token_is_dead;
use doorward_domain::{AuditAction, EndReason, Password, PersonalContext, SessionId, User, UserId};
use doorward_ports::access::recently_if_own;
use doorward_ports::inbound::PasswordChange;
use doorward_ports::outbound::{AccountKey, PasswordHash};
use doorward_ports::{Result, Secret};

/// The current password is required although the caller is signed in: a session that was left open must not be enough
/// to take over the account (OWASP ASVS 6.2.3). Wrong passwords count as at a sign-in.
pub(super) async fn change_own(OwnAct { mut act, owner }: OwnAct<'_>, change: PasswordChange) -> Result<()> {
    let mut read = act.read().await?;
    let user = read.users().by_id(owner.user).await?.ok_or_else(user_not_found)?;
    let stored = read.users().password(user.id).await?;
    drop(read);
    let account = AccountKey::of_user(user.id);
    let (current, new) = typed(act.policies, &user, &change)?;
    let verdict = act.verify(account, &current, stored.as_ref()).await?;
    // Hash also if the current password is wrong: otherwise the time would reveal that it is right, even for a locked
    // account.
    let hash = act.hash(account, &new).await?;

    let mut work = act.begin().await?;
    let lockout = Lockout::lock(&mut work, account).await?;
    let wait = lockout.remaining();
    let user = work.users().lock(user.id).await?.filter(|user| user.is_active).ok_or_else(token_is_dead)?;
    let unchanged = work.users().password(user.id).await? == stored;
    if verdict.matches && unchanged && wait.is_none() {
        lockout.clear(&mut work).await?;
        replace(&mut work, &user, (&hash, false), Some(owner.session)).await?;
        return Ok(work.commit().await?);
    }
    // The audit log records guesses of the current password from a stolen session like guesses at a sign-in.
    lockout.refuse(&mut work, AuditAction::PasswordChanged, Subject::User(user.id), "wrong_password").await?;
    work.commit().await?;
    Err(wrong_password(wait))
}

/// The current password and a good new one; the faults of both are reported together.
fn typed(policies: &Policies, user: &User, change: &PasswordChange) -> Result<(Password, Password)> {
    let mut fields = Fields::default();
    let new = new_password(policies, (&mut fields, "/new_password"), &change.new, &context(user));
    let current = Password::new(change.current.expose().to_owned());
    let current = fields.take("/current_password", "password_too_long", current);
    if user.must_change_password && change.current == change.new {
        fields.refuse("/new_password", UNCHANGED, &UNCHANGED_WHY);
    }
    fields.finish_with(current.zip(new))
}

/// By an administrator: ends all sessions, because the owner may have lost the account to somebody else.
pub(super) async fn set(mut act: Act<'_>, id: UserId, (password, must_change): (&Secret, bool)) -> Result<()> {
    let user = act.read().await?.users().by_id(id).await?.ok_or_else(user_not_found)?;
    let password = good_password(act.policies, &user, password)?;
    let hash = act.hash(AccountKey::of_user(id), &password).await?;
    let mut work = act.begin().await?;
    let user = work.users().lock(id).await?.ok_or_else(user_not_found)?;
    subjects::account_within_own(&mut work, id).await?;
    recently_if_own(work.caller, id)?;
    replace(&mut work, &user, (&hash, must_change), None).await?;
    Ok(work.commit().await?)
}

/// An account without a password has none to change.
pub(super) fn to_be_changed(must_change: bool, has_password: bool, fields: &mut Fields) {
    if must_change && !has_password {
        fields.refuse("/must_change_password", "no_password", &"needs an account that has a password.");
    }
}

const UNCHANGED: &str = "unchanged_password";
const UNCHANGED_WHY: &str = "must be another password than the current one.";

/// Whoever must choose another password because somebody else knows it can't choose the same again, also not by mail. It costs
/// a hash, so it is checked only then.
pub(crate) async fn refuse_the_same(act: &Act<'_>, user: &User, password: &Password) -> Result<()> {
    if !user.must_change_password {
        return Ok(());
    }
    let stored = act.read().await?.users().password(user.id).await?;
    let mut fields = Fields::default();
    if act.verify(AccountKey::of_user(user.id), password, stored.as_ref()).await?.matches {
        fields.refuse("/password", UNCHANGED, &UNCHANGED_WHY);
    }
    fields.finish()
}

pub(crate) fn good_password(policies: &Policies, user: &User, typed: &Secret) -> Result<Password> {
    let mut fields = Fields::default();
    let password = new_password(policies, (&mut fields, "/password"), typed, &context(user));
    fields.finish_with(password)
}

fn context(user: &User) -> PersonalContext<'_> {
    PersonalContext { email: Some(&user.email), username: user.username.as_ref(), full_name: user.full_name.as_ref() }
}

/// Links to reset the former password, or to change the address, are good for nothing from then on.
async fn replace(
    work: &mut Work<'_>,
    user: &User,
    (hash, must_change_password): (&PasswordHash, bool),
    except: Option<SessionId>,
) -> Result<()> {
    work.users().set_password(user.id, hash).await?;
    save(work, user, User { must_change_password, ..user.clone() }).await?;
    end::all(work, user.id, except, EndReason::PasswordChanged).await?;
    mails::end_pending(work, user).await?;
    let details = Changes::default().hidden("password", true).into_details();
    work.audit_with(AuditAction::PasswordChanged, Subject::User(user.id), details).await?;
    mails::password_changed(work, user).await
}

pub(super) async fn unlock(mut act: Act<'_>, id: UserId) -> Result<()> {
    let mut work = act.begin().await?;
    work.users().by_id(id).await?.ok_or_else(user_not_found)?;
    subjects::account_within_own(&mut work, id).await?;
    if work.attempts().clear_all(AccountKey::of_user(id)).await? > 0 {
        work.audit(AuditAction::UserUnlocked, Subject::User(id)).await?;
    }
    Ok(work.commit().await?)
}
