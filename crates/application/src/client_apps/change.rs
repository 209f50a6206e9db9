use super::{changeable, details};
use crate::Services;
use crate::audit::Subject;
use crate::client_secret;
use crate::fields::Fields;
use crate::subjects;
use doorward_domain::{AuditAction, Client, ClientApp, ClientKind, Description, EndReason, GrantId, Timestamp};
use doorward_ports::access::{self, Operation};
use doorward_ports::inbound::{ClientAppChange, WithSecret};
use doorward_ports::outbound::WriteWork;
use doorward_ports::{Caller, Error, ErrorCode, Result, SecretDigest};

pub(super) async fn change(
    services: &Services,
    caller: &Caller,
    id: &str,
    change: ClientAppChange,
    version: Option<i64>,
) -> Result<ClientApp> {
    access::authorize(caller, Operation::ChangeClientApp)?;
    let mut work = services.tools.store.write().await?;
    let before = changeable(&mut *work, caller, id).await?;
    subjects::of_version(before.version, version)?;
    let mut after = changed(services, &before, &change)?;
    let changed = changed_properties(&before, &after);
    if changed.is_empty() {
        return Ok(after);
    }
    let typed = change.roles.as_deref().unwrap_or_default();
    subjects::grantable(&mut *work, caller, typed, &after.roles).await?;
    after.updated_at = services.now();
    work.client_apps().update(&after).await?;
    after.version += 1;
    let mut told = serde_json::json!({ "changed": changed });
    if before.is_active && !after.is_active {
        told["sessions_ended"] = end_sessions(&mut *work, &after, after.updated_at).await?.into();
    }
    note(services, caller, &mut *work, action(&before, &after), &after, told).await?;
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

fn changed(services: &Services, before: &ClientApp, change: &ClientAppChange) -> Result<ClientApp> {
    let mut fields = Fields::default();
    let mut after = before.clone();
    after.name =
        fields.take_optional("/name", "invalid_name", change.name.as_deref(), Description::parse).unwrap_or(after.name);
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
        Some(false) => after.disable(GrantId::mint(services.now(), services.draw())),
        Some(true) => after.is_active = true,
        None => {}
    }
    Ok(after)
}

fn changed_properties(before: &ClientApp, after: &ClientApp) -> Vec<&'static str> {
    [
        ("name", before.name != after.name),
        ("redirect_uris", before.redirect_uris != after.redirect_uris),
        ("origins", before.origins != after.origins),
        ("roles", before.roles != after.roles),
        ("is_active", before.is_active != after.is_active),
    ]
    .into_iter()
    .filter_map(|(name, differs)| differs.then_some(name))
    .collect()
}

pub(super) async fn delete(services: &Services, caller: &Caller, id: &str) -> Result<()> {
    access::authorize(caller, Operation::DeleteClientApp)?;
    let now = services.now();
    let mut work = services.tools.store.write().await?;
    let app = changeable(&mut *work, caller, id).await?;
    work.client_apps().delete(&app.id).await?;
    let ended = end_sessions(&mut *work, &app, now).await?;
    let told = serde_json::json!({ "sessions_ended": ended });
    note(services, caller, &mut *work, AuditAction::ClientAppDeleted, &app, told).await?;
    Ok(work.commit().await?)
}

async fn end_sessions(work: &mut dyn WriteWork, app: &ClientApp, now: Timestamp) -> Result<usize> {
    Ok(work.sessions().end_of_client(&Client::from(&app.id), now, EndReason::ClientDisabled).await?)
}

pub(super) async fn rotate_secret(services: &Services, caller: &Caller, id: &str) -> Result<WithSecret> {
    access::authorize(caller, Operation::RotateClientSecret)?;
    let mut work = services.tools.store.write().await?;
    let mut app = changeable(&mut *work, caller, id).await?;
    if app.kind == ClientKind::Public {
        return Err(Error::new(
            ErrorCode::PublicClientApp,
            "A public app has no secret: everybody could read it. Make a confidential one.",
        ));
    }
    let secret = client_secret::make_up(services);
    app.updated_at = services.now();
    work.client_apps().set_secret(&app.id, &SecretDigest::of(&secret), app.updated_at).await?;
    app.version += 1;
    note(services, caller, &mut *work, AuditAction::ClientSecretRotated, &app, serde_json::json!({})).await?;
    work.commit().await?;
    Ok(WithSecret { app, secret: Some(secret) })
}

async fn note(
    services: &Services,
    caller: &Caller,
    work: &mut dyn WriteWork,
    action: AuditAction,
    app: &ClientApp,
    details: serde_json::Value,
) -> Result<()> {
    let mut line = services.audit_line(caller, action, &Subject::ClientApp(&app.id), services.now());
    line.details = details;
    Ok(work.audit().append(&line).await?)
}
