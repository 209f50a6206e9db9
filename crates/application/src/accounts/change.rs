use super::details::{apply, apply_profile};
use super::{passwords, user_not_found};
use crate::changes::Changes;
use crate::fields::Fields;
use crate::mails;
use crate::services::{Act, Subject, Work};
use crate::sessions::end;
use crate::subjects;
use doorward_domain::{AuditAction, Email, EndReason, ExternalId, RoleName, User, UserId};
use doorward_ports::access::recently_if_own;
use doorward_ports::inbound::AccountChange;
use doorward_ports::{Result, Versions};

pub(super) async fn change(
    mut act: Act<'_>,
    id: UserId,
    change: AccountChange,
    versions: Option<Versions>,
) -> Result<User> {
    let mut work = act.begin().await?;
    let before = work.users().lock(id).await?.ok_or_else(user_not_found)?;
    subjects::account_within_own(&mut work, id).await?;
    subjects::of_version(before.version, versions.as_ref())?;
    let has_password = work.users().password(id).await?.is_some();
    let after = changed(&before, &change, has_password)?;
    if (&before.email, before.email_verified) != (&after.email, after.email_verified) {
        recently_if_own(work.caller, id)?;
    }
    let disabled = before.is_active && !after.is_active;
    let after = save(&mut work, &before, after).await?;
    if before.email != after.email {
        address_changed(&mut work, &before, &after).await?;
    }
    if disabled {
        end::all(&mut work, id, None, EndReason::AccountDisabled).await?;
        if before.roles.contains(&RoleName::admin()) {
            subjects::an_admin_remains(&mut work).await?;
        }
    }
    work.commit().await?;
    Ok(after)
}

/// By an administrator. The owner of the former address is told, and that of the new one is asked to confirm it.
async fn address_changed(work: &mut Work<'_>, before: &User, after: &User) -> Result<()> {
    mails::end_links(work, after).await?;
    if before.email_verified {
        mails::email_changed(work, after, &before.email).await?;
    }
    if !after.email_verified {
        mails::verification(work, after).await?;
    }
    Ok(())
}

fn changed(before: &User, change: &AccountChange, has_password: bool) -> Result<User> {
    let mut fields = Fields::default();
    let mut after = before.clone();
    if let Some(email) = fields.take_optional("/email", "invalid_email", change.email.as_deref().map(Email::parse)) {
        after.email_verified &= email == before.email;
        after.email = email;
    }
    after.email_verified = change.email_verified.unwrap_or(after.email_verified);
    after.is_active = change.is_active.unwrap_or(after.is_active);
    after.must_change_password = change.must_change_password.unwrap_or(after.must_change_password);
    passwords::to_be_changed(change.must_change_password == Some(true), has_password, &mut fields);
    apply(&mut after.external_id, &change.external_id, |text| {
        fields.take("/external_id", "invalid_external_id", ExternalId::parse(text))
    });
    apply_profile(&mut after, &change.profile, &mut fields);
    fields.finish()?;
    Ok(after)
}

/// Writes a changed account, and appends the changed properties to the audit log, if there are any.
pub(crate) async fn save(work: &mut Work<'_>, before: &User, after: User) -> Result<User> {
    if changes(before, &after).is_empty() {
        return Ok(after);
    }
    let action = match (before.is_active, after.is_active) {
        (true, false) => AuditAction::UserDisabled,
        (false, true) => AuditAction::UserEnabled,
        _ => AuditAction::UserUpdated,
    };
    save_as(work, before, after, action).await
}

/// The same with another action in the audit log, which has a line also if nothing was changed.
pub(crate) async fn save_as(work: &mut Work<'_>, before: &User, mut after: User, action: AuditAction) -> Result<User> {
    let changes = changes(before, &after);
    if !changes.is_empty() {
        after.updated_at = work.now;
        work.users().update(&after).await?;
        after.version += 1;
    }
    work.audit_with(action, Subject::User(after.id), changes.into_details()).await?;
    Ok(after)
}

fn changes(before: &User, after: &User) -> Changes {
    Changes::default()
        .hidden("email", before.email != after.email)
        .shown("email_verified", before.email_verified, after.email_verified)
        .hidden("username", before.username != after.username)
        .hidden("full_name", before.full_name != after.full_name)
        .hidden("locale", before.locale != after.locale)
        .shown("is_active", before.is_active, after.is_active)
        .shown("must_change_password", before.must_change_password, after.must_change_password)
        .hidden("external_id", before.external_id != after.external_id)
}
