use super::details::{Details, Typed};
use crate::Services;
use crate::audit::Subject;
use crate::fields::Fields;
use crate::subjects;
use doorward_domain::{AuditAction, Email, ExternalId, Password, RoleName, User, UserId};
use doorward_ports::access::{self, Operation};
use doorward_ports::inbound::NewAccount;
use doorward_ports::outbound::{PasswordHash, WriteWork};
use doorward_ports::{Caller, Result};
use std::collections::BTreeSet;

pub(super) async fn create(services: &Services, caller: &Caller, account: NewAccount) -> Result<User> {
    access::authorize(caller, Operation::CreateUser)?;
    let mut fields = Fields::default();
    let roles = wanted_roles(&account.roles, &mut fields);
    let external_id = account.external_id.as_deref();
    let external_id = fields.take_optional("/external_id", "invalid_external_id", external_id, ExternalId::parse);
    let typed = Typed {
        email: &account.email,
        username: account.username.as_deref(),
        full_name: account.full_name.as_deref(),
        locale: account.locale.as_deref(),
        password: account.password.as_ref(),
    };
    let mut details = Details::check(services, &typed, fields)?;
    let hash = match details.password.take() {
        Some(password) => Some(services.tools.hasher.hash(caller.key(), &password).await?),
        None => None,
    };
    let now = services.now();
    let mut user = details.into_user(UserId::mint(now, services.draw()), roles, now);
    user.email_verified = account.email_verified;
    user.is_active = account.is_active;
    user.external_id = external_id;
    let mut work = services.tools.store.write().await?;
    subjects::grantable(&mut *work, caller, &account.roles, &user.roles).await?;
    insert(services, caller, &mut *work, &user, hash.as_ref()).await?;
    work.commit().await?;
    Ok(user)
}

/// The roles asked for, and `user`, which everybody has.
fn wanted_roles(names: &[String], fields: &mut Fields) -> BTreeSet<RoleName> {
    let mut roles = BTreeSet::from([RoleName::user()]);
    for (index, name) in names.iter().enumerate() {
        roles.extend(fields.take(&format!("/roles/{index}"), "invalid_role_name", RoleName::parse(name)));
    }
    roles
}

async fn insert(
    services: &Services,
    caller: &Caller,
    work: &mut dyn WriteWork,
    user: &User,
    hash: Option<&PasswordHash>,
) -> Result<()> {
    work.users().insert(user, hash).await?;
    let mut line = services.audit_line(caller, AuditAction::UserCreated, &Subject::User(user.id), user.created_at);
    line.details = serde_json::json!({ "roles": user.roles });
    Ok(work.audit().append(&line).await?)
}

/// Adds the first administrator of an empty database, within the unit of work that has found it empty.
pub(crate) async fn first_admin(
    services: &Services,
    caller: &Caller,
    work: &mut dyn WriteWork,
    email: Email,
    hash: &PasswordHash,
) -> Result<User> {
    let now = services.now();
    let details = Details { email, username: None, full_name: None, locale: None, password: None::<Password> };
    let roles = BTreeSet::from([RoleName::admin(), RoleName::user()]);
    let mut user = details.into_user(UserId::mint(now, services.draw()), roles, now);
    user.email_verified = true;
    insert(services, caller, work, &user, Some(hash)).await?;
    Ok(user)
}
