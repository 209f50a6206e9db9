use super::details::{Details, Typed};
use crate::Services;
use crate::audit::Subject;
use crate::fields::Fields;
use doorward_domain::{AuditAction, Identifier, RoleName, User, UserId};
use doorward_ports::access::{self, Operation};
use doorward_ports::inbound::{Registered, Registration};
use doorward_ports::outbound::{PasswordHash, StoreError, Unique};
use doorward_ports::{Caller, Error, ErrorCode, Result};
use std::collections::BTreeSet;
use std::time::Duration;

/// From when the password is hashed until the answer, where that hides whether there was an account: making one is other
/// work than finding one, and its time would tell (CVE-2023-39522).
const HIDDEN_FOR: Duration = Duration::from_millis(100);

pub(super) async fn register(services: &Services, caller: &Caller, registration: Registration) -> Result<Registered> {
    access::authorize(caller, Operation::Register)?;
    let policy = services.policies.registration;
    if !policy.enabled {
        return Err(Error::new(
            ErrorCode::RegistrationDisabled,
            "Nobody can register here. Ask an administrator for an account.",
        ));
    }
    let typed = Typed {
        email: &registration.email,
        username: registration.username.as_deref(),
        full_name: registration.full_name.as_deref(),
        locale: registration.locale.as_deref(),
        password: Some(&registration.password),
    };
    let mut details = Details::check(services, &typed, Fields::default())?;
    // Hashed before anything is known of the address, so that a taken one costs the same.
    let hash = match details.password.take() {
        Some(password) => Some(services.tools.hasher.hash(caller.key(), &password).await?),
        None => None,
    };
    let now = services.now();
    let user = details.into_user(UserId::mint(now, services.draw()), BTreeSet::from([RoleName::user()]), now);
    match insert(services, caller, &user, hash.as_ref()).await {
        Ok(()) => {}
        Err(StoreError::Duplicate(Unique::UserEmail)) if policy.hide_existing => {
            note_taken(services, caller, &user).await?;
        }
        Err(error) => return Err(error.into()),
    }
    if !policy.hide_existing {
        return Ok(Registered::Created(Box::new(user)));
    }
    services.tools.clock.sleep(HIDDEN_FOR.saturating_sub(services.now().since(now))).await;
    Ok(Registered::Accepted)
}

async fn insert(
    services: &Services,
    caller: &Caller,
    user: &User,
    hash: Option<&PasswordHash>,
) -> std::result::Result<(), StoreError> {
    let mut work = services.tools.store.write().await?;
    // Asked first, so that what is told of a taken username does not depend on whether the address is taken too: a store
    // may notice either first.
    if let Some(username) = &user.username
        && work.users().credentials(&Identifier::Username(username.clone())).await?.is_some()
    {
        return Err(StoreError::Duplicate(Unique::Username));
    }
    work.users().insert(user, hash).await?;
    let line = services.audit_line(caller, AuditAction::UserRegistered, &Subject::User(user.id), user.created_at);
    work.audit().append(&line).await?;
    work.commit().await
}

/// Tells the log of whoever the address belongs to. It is committed as an account is, which is most of what either takes:
/// where that is longer than [`HIDDEN_FOR`], time tells as little as it can.
async fn note_taken(services: &Services, caller: &Caller, refused: &User) -> Result<()> {
    let mut work = services.tools.store.write().await?;
    let owner = work.users().credentials(&Identifier::Email(refused.email.clone())).await?;
    let subject = owner.map_or(Subject::Unknown, |owner| Subject::User(owner.user));
    let action = AuditAction::UserRegistered;
    let line = services.audit_refusal(caller, action, &subject, "email_taken", refused.created_at);
    work.audit().append(&line).await?;
    Ok(work.commit().await?)
}
