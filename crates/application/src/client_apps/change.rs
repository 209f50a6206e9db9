use super::{changeable, details, shown};
use crate::changes::Changes;
use crate::fields::Fields;
use crate::secrets::client_secret;
use crate::services::{Act, Subject, Work};
use crate::subjects;
use doorward_domain::{AuditAction, Client, ClientApp, ClientKind, Description, EndReason, GrantId};
use doorward_ports::inbound::{ClientAppChange, WithSecret};
use doorward_ports::{Error, ErrorCode, Result, SecretDigest, Versions};

pub(super) async fn change(
    mut act: Act<'_>,
    id: &str,
    change: ClientAppChange,
    versions: Option<Versions>,
) -> Result<ClientApp> {
    let mut work = act.begin().await?;
    let before = changeable(&mut work, id).await?;
    subjects::of_version(before.version, versions.as_ref())?;
    let mut after = changed(&work, &before, &change)?;
    let changes = changes(&before, &after);
    if changes.is_empty() {
        return Ok(after);
    }
    let typed = change.roles.as_deref().unwrap_or_default();
    subjects::grantable(&mut work, typed, &after.roles).await?;
    after.updated_at = work.now;
    work.client_apps().update(&after).await?;
    after.version += 1;
    let mut told = changes.into_details();
    if before.is_active && !after.is_active {
        told["sessions_ended"] = end_sessions(&mut work, &after).await?.into();
    }
    work.audit_with(action(&before, &after), Subject::ClientApp(&after.id), told).await?;
    work.commit().await?;
    Ok(after)
}

const fn action(before: &ClientApp, after: &ClientApp) -> AuditAction {
    match (before.is_active, after.is_active) {
        (true, false) => AuditAction::ClientAppDisabled,
        (false, true) => AuditAction::ClientAppEnabled,
        _ => AuditAction::ClientAppUpdated,
    }
}

fn changed(work: &Work<'_>, before: &ClientApp, change: &ClientAppChange) -> Result<ClientApp> {
    let mut fields = Fields::default();
    let mut after = before.clone();
    after.name = fields
        .take_optional("/name", "invalid_name", change.name.as_deref().map(Description::parse))
        .unwrap_or(after.name);
    if let Some(texts) = &change.redirect_uris {
        after.redirect_uris = details::redirect_uris(&mut fields, texts);
    }
    if let Some(texts) = &change.origins {
        after.origins = details::origins(&mut fields, texts);
    }
    if let Some(texts) = &change.roles {
        after.roles = details::roles(&mut fields, texts, Some(before.kind));
    }
    fields.finish()?;
    match change.is_active {
        Some(false) => after.disable(GrantId::mint(work.now, work.draw())),
        Some(true) => after.is_active = true,
        None => {}
    }
    Ok(after)
}

fn changes(before: &ClientApp, after: &ClientApp) -> Changes {
    let (mut before, mut after) = (shown(before), shown(after));
    ["name", "redirect_uris", "origins", "roles", "is_active"]
        .into_iter()
        .fold(Changes::default(), |changes, member| changes.shown(member, before[member].take(), after[member].take()))
}

pub(super) async fn delete(mut act: Act<'_>, id: &str) -> Result<()> {
    let mut work = act.begin().await?;
    let app = changeable(&mut work, id).await?;
    work.client_apps().delete(&app.id).await?;
    let mut told = shown(&app);
    told["sessions_ended"] = end_sessions(&mut work, &app).await?.into();
    work.audit_with(AuditAction::ClientAppDeleted, Subject::ClientApp(&app.id), told).await?;
    Ok(work.commit().await?)
}

async fn end_sessions(work: &mut Work<'_>, app: &ClientApp) -> Result<usize> {
    let now = work.now;
    Ok(work.sessions().end_of_client(&Client::from(&app.id), now, EndReason::ClientDisabled).await?)
}

pub(super) async fn rotate_secret(mut act: Act<'_>, id: &str) -> Result<WithSecret> {
    let secret = client_secret(act.draw());
    let mut work = act.begin().await?;
    let mut app = changeable(&mut work, id).await?;
    if app.kind == ClientKind::Public {
        return Err(Error::new(
            ErrorCode::PublicClientApp,
            "A public client app has no secret, because everybody could read it. Create a confidential client app.",
        ));
    }
    app.updated_at = work.now;
    work.client_apps().set_secret(&app.id, &SecretDigest::of(&secret), app.updated_at).await?;
    app.version += 1;
    let details = Changes::default().hidden("secret", true).into_details();
    work.audit_with(AuditAction::ClientSecretRotated, Subject::ClientApp(&app.id), details).await?;
    work.commit().await?;
    Ok(WithSecret { app, secret: Some(secret) })
}
