use super::described;
use super::details::{Details, Typed};
use crate::fields::Fields;
use crate::hiding::until_hidden;
use crate::mails;
use crate::services::{Act, Subject};
use doorward_domain::{AuditAction, Identifier, RoleName, User, UserId};
use doorward_ports::inbound::{Registered, Registration};
use doorward_ports::outbound::{PasswordHash, Unique};
use doorward_ports::{Error, ErrorCode, Result};
use std::collections::BTreeSet;

pub(super) async fn register(mut act: Act<'_>, registration: Registration) -> Result<Registered> {
    let policy = act.policies.registration;
    if !policy.enabled {
        return Err(Error::new(
            ErrorCode::RegistrationDisabled,
            "Registration is disabled. Ask an administrator for an account.",
        ));
    }
    let typed = Typed {
        email: &registration.email,
        username: registration.username.as_deref(),
        full_name: registration.full_name.as_deref(),
        locale: registration.locale.as_deref(),
        password: Some(&registration.password),
    };
    let mut details = Details::check(act.policies, &typed, Fields::default())?;
    // Hash before anything is known of the address, so that a taken address costs the same.
    let hash = details.hash(&act).await?;
    let now = act.now();
    let user = details.into_user(UserId::mint(now, act.draw()), BTreeSet::from([RoleName::user()]), now);
    match insert(&mut act, &user, hash.as_ref()).await {
        Ok(()) => {}
        Err(error) if error.code == ErrorCode::EmailTaken && policy.hide_existing => {
            note_taken(&mut act, &user).await?;
        }
        Err(error) => return Err(error),
    }
    if !policy.hide_existing {
        return Ok(Registered::Created(Box::new(user)));
    }
    until_hidden(&act, now).await;
    Ok(Registered::Accepted)
}

async fn insert(act: &mut Act<'_>, user: &User, hash: Option<&PasswordHash>) -> Result<()> {
    let mut work = act.begin().await?;
    // Check this first, so that the answer for a taken username does not depend on whether the address is taken too: a
    // store may detect either first.
    if let Some(username) = &user.username
        && work.users().credentials(&Identifier::Username(username.clone())).await?.is_some()
    {
        return Err(Unique::Username.into());
    }
    work.users().insert(user, hash).await?;
    work.audit_with(AuditAction::UserRegistered, Subject::User(user.id), described(user)).await?;
    mails::verification(&mut work, user).await?;
    Ok(work.commit().await?)
}

/// Records the attempt in the audit log, and tells the owner of the address by mail. It is committed like an account, which
/// takes most of the time in both cases: if that is longer than what is hidden, the time reveals as little as possible.
async fn note_taken(act: &mut Act<'_>, refused: &User) -> Result<()> {
    let allowed = mails::may_tell_of_account(act, &refused.email).await;
    let mut work = act.begin().await?;
    let owner = work.users().credentials(&Identifier::Email(refused.email.clone())).await?;
    let subject = owner.as_ref().map_or(Subject::Unknown, |owner| Subject::User(owner.user));
    work.audit_refusal(AuditAction::UserRegistered, subject, "email_taken").await?;
    if let Some(owner) = owner.filter(|_| allowed)
        && let Some(owner) = work.users().by_id(owner.user).await?
    {
        mails::account_exists(&mut work, &owner).await?;
    }
    Ok(work.commit().await?)
}
