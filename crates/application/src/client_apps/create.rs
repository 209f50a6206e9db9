use super::details;
use crate::Services;
use crate::audit::Subject;
use crate::client_secret;
use crate::fields::Fields;
use crate::subjects;
use doorward_domain::{AuditAction, ClientApp, ClientId, ClientKind, Description, GrantId};
use doorward_ports::access::{self, Operation};
use doorward_ports::inbound::{NewClientApp, WithSecret};
use doorward_ports::outbound::Unique;
use doorward_ports::{Caller, Result, SecretDigest};

pub(super) async fn create(services: &Services, caller: &Caller, typed: NewClientApp) -> Result<WithSecret> {
    access::authorize(caller, Operation::CreateClientApp)?;
    let app = checked(services, &typed)?;
    if app.id.is_built_in() {
        return Err(Unique::ClientApp.into());
    }
    let secret = (app.kind == ClientKind::Confidential).then(|| client_secret::make_up(services));
    let mut work = services.tools.store.write().await?;
    subjects::grantable(&mut *work, caller, &typed.roles, &app.roles).await?;
    work.client_apps().insert(&app, secret.as_ref().map(SecretDigest::of).as_ref()).await?;
    let subject = Subject::ClientApp(&app.id);
    let mut line = services.audit_line(caller, AuditAction::ClientAppCreated, &subject, app.created_at);
    line.details = serde_json::json!({ "kind": app.kind.as_str(), "roles": app.roles });
    work.audit().append(&line).await?;
    work.commit().await?;
    Ok(WithSecret { app, secret })
}

fn checked(services: &Services, typed: &NewClientApp) -> Result<ClientApp> {
    let mut fields = Fields::default();
    let id = match typed.id.as_deref() {
        Some(id) => fields.take("/id", "invalid_client_id", ClientId::parse(id)),
        None => Some(ClientId::mint(services.draw())),
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
    let now = services.now();
    let grant = GrantId::mint(now, services.draw());
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
