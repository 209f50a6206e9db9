use super::details::{Details, Typed};
use super::{described, invite, passwords};
use crate::fields::Fields;
use crate::services::{Act, Subject, Work};
use crate::subjects;
use doorward_domain::{AuditAction, Email, ExternalId, RoleName, User, UserId};
use doorward_ports::Result;
use doorward_ports::inbound::NewAccount;
use doorward_ports::outbound::PasswordHash;
use std::collections::BTreeSet;

pub(super) async fn create(mut act: Act<'_>, account: NewAccount) -> Result<User> {
    let mut fields = Fields::default();
    let roles = wanted_roles(&account.roles, &mut fields);
    let external_id = account.external_id.as_deref();
    let external_id = fields.take_optional("/external_id", "invalid_external_id", external_id.map(ExternalId::parse));
    let typed = Typed {
        email: &account.email,
        username: account.username.as_deref(),
        full_name: account.full_name.as_deref(),
        locale: account.locale.as_deref(),
        password: account.password.as_ref(),
    };
    passwords::to_be_changed(account.must_change_password, account.password.is_some(), &mut fields);
    let mut details = Details::check(act.policies, &typed, fields)?;
    let hash = details.hash(&act).await?;
    let mut work = act.begin().await?;
    let mut user = details.into_user(UserId::mint(work.now, work.draw()), roles, work.now);
    user.email_verified = account.email_verified;
    user.is_active = account.is_active;
    user.must_change_password = account.must_change_password;
    user.external_id = external_id;
    subjects::grantable(&mut work, &account.roles, &user.roles).await?;
    insert(&mut work, &user, hash.as_ref()).await?;
    if account.invite && hash.is_none() && user.is_active && work.sends_mails() {
        invite::send(&mut work, &user).await?;
    }
    work.commit().await?;
    Ok(user)
}

/// The requested roles, and `user`, which every account has.
fn wanted_roles(names: &[String], fields: &mut Fields) -> BTreeSet<RoleName> {
    let mut roles = BTreeSet::from([RoleName::user()]);
    for (index, name) in names.iter().enumerate() {
        roles.extend(fields.take(&format!("/roles/{index}"), "invalid_role_name", RoleName::parse(name)));
    }
    roles
}

async fn insert(work: &mut Work<'_>, user: &User, hash: Option<&PasswordHash>) -> Result<()> {
    work.users().insert(user, hash).await?;
    Ok(work.audit_with(AuditAction::UserCreated, Subject::User(user.id), described(user)).await?)
}

/// Adds the first administrator of an empty database, in the unit of work that has found it empty.
pub(crate) async fn first_admin(work: &mut Work<'_>, email: Email, hash: &PasswordHash) -> Result<User> {
    let details = Details { email, username: None, full_name: None, locale: None, password: None };
    let roles = BTreeSet::from([RoleName::admin(), RoleName::user()]);
    let mut user = details.into_user(UserId::mint(work.now, work.draw()), roles, work.now);
    user.email_verified = true;
    insert(work, &user, Some(hash)).await?;
    Ok(user)
}
