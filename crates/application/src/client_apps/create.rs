use super::{details, shown};
use crate::fields::Fields;
use crate::secrets::client_secret;
use crate::services::{Act, Subject};
use crate::subjects;
use doorward_domain::{AuditAction, ClientApp, ClientId, ClientKind, Description, GrantId};
use doorward_ports::inbound::{NewClientApp, WithSecret};
use doorward_ports::outbound::Unique;
use doorward_ports::{Result, SecretDigest};

pub(super) async fn create(mut act: Act<'_>, typed: NewClientApp) -> Result<WithSecret> {
    let app = checked(&act, &typed)?;
    if app.id.is_built_in() {
        return Err(Unique::ClientApp.into());
    }
    let secret = (app.kind == ClientKind::Confidential).then(|| client_secret(act.draw()));
    let mut work = act.begin().await?;
    subjects::grantable(&mut work, &typed.roles, &app.roles).await?;
    work.client_apps().insert(&app, secret.as_ref().map(SecretDigest::of).as_ref()).await?;
    work.audit_with(AuditAction::ClientAppCreated, Subject::ClientApp(&app.id), shown(&app)).await?;
    work.commit().await?;
    Ok(WithSecret { app, secret })
}

fn checked(act: &Act<'_>, typed: &NewClientApp) -> Result<ClientApp> {
    let mut fields = Fields::default();
    let id = match typed.id.as_deref() {
        Some(id) => fields.take("/id", "invalid_client_id", ClientId::parse(id)),
        None => Some(ClientId::mint(act.draw())),
    };
    let name = fields.take("/name", "invalid_name", Description::parse(&typed.name));
    let kind = ClientKind::from_name(&typed.kind);
    if kind.is_none() {
        fields.refuse("/kind", "invalid_kind", &"must be public or confidential.");
    }
    let redirect_uris = details::redirect_uris(&mut fields, &typed.redirect_uris);
    let origins = details::origins(&mut fields, &typed.origins);
    let roles = details::roles(&mut fields, &typed.roles, kind);
    let ((id, name), kind) = fields.finish_with(id.zip(name).zip(kind))?;
    let now = act.now();
    let grant = GrantId::mint(now, act.draw());
    let (created_at, updated_at) = (now, now);
    Ok(ClientApp {
        id,
        name,
        kind,
        redirect_uris,
        origins,
        roles,
        is_active: true,
        grant,
        created_at,
        updated_at,
        version: 1,
    })
}
