use super::no_scope;
use crate::admission::client::{actor, invalid_client};
use crate::services::{Act, Subject};
use doorward_domain::{AuditAction, ClientApp, PermissionSet, TokenId};
use doorward_ports::inbound::{ProvenClient, ServiceToken};
use doorward_ports::outbound::ClientSubject;
use doorward_ports::{Caller, Error, ErrorCode, Result, Secret};
use serde_json::json;

/// RFC 6749 §4.4.
pub(super) async fn issue(act: Act<'_>, client: ProvenClient, scope: Option<&str>) -> Result<ServiceToken> {
    let ProvenClient::Confidential(app) = client else { return Err(unauthorized_client()) };
    no_scope(scope)?;
    // The rights of the app are read in the unit of work.
    let itself = Caller { actor: actor(&app, PermissionSet::new()), origin: act.caller.origin.clone() };
    issue_to(act.in_the_name_of(&itself), &app).await
}

/// The unit of work that writes the audit line checks the state of the app again: an app that was just disabled gets no
/// token.
async fn issue_to(mut act: Act<'_>, proven: &ClientApp) -> Result<ServiceToken> {
    let mut work = act.begin().await?;
    let app = work.client_apps().by_id(&proven.id).await?.map(|known| known.app);
    let app = app.filter(|app| app.is_active && app.grant == proven.grant).ok_or_else(invalid_client)?;
    let permissions = work.client_apps().permissions_of(&app.id).await?;
    let (token, now) = (TokenId::mint(work.now, work.draw()), work.now);
    let details = json!({ "token": token });
    work.audit_with(AuditAction::ClientTokenIssued, Subject::ClientApp(&app.id), details).await?;
    work.commit().await?;
    let subject = ClientSubject { client: app.id, grant: app.grant, roles: app.roles, permissions };
    let (issued_at, ttl) = (now.whole_seconds(), act.policies.lifetimes.access_ttl);
    let signed = act.tools().signer.client_access(&subject, token, issued_at, issued_at.plus(ttl));
    Ok(ServiceToken { access_token: Secret::new(signed.map_err(Error::internal)?), expires_in: ttl })
}

fn unauthorized_client() -> Error {
    Error::new(
        ErrorCode::UnauthorizedClient,
        "A public client can't authenticate, so it gets no token of its own. Create a confidential client app.",
    )
}
