use super::authenticate::{authenticate, invalid_client, service};
use crate::Services;
use crate::audit::Subject;
use doorward_domain::{AuditAction, TokenId};
use doorward_ports::access::{self, Operation};
use doorward_ports::inbound::{ClientCredentials, ServiceToken};
use doorward_ports::outbound::ClientSubject;
use doorward_ports::{Caller, Error, ErrorCode, Result, Secret};

/// RFC 6749 §4.4. The app's state is judged anew in the work that tells the audit log: what was disabled a moment ago
/// gets nothing.
pub(super) async fn issue(services: &Services, caller: &Caller, shown: &ClientCredentials) -> Result<ServiceToken> {
    access::authorize(caller, Operation::IssueTokens)?;
    let proven = authenticate(services, shown).await?.confidential().ok_or_else(unauthorized_client)?;
    let now = services.now();
    let mut work = services.tools.store.write().await?;
    let app = work.client_apps().by_id(&proven.id).await?.map(|known| known.app);
    let app = app.filter(|app| app.is_active && app.grant == proven.grant).ok_or_else(invalid_client)?;
    let permissions = work.client_apps().permissions_of(&app.id).await?;
    let token = TokenId::mint(now, services.draw());
    let itself = service(caller, &app, permissions.clone());
    let mut line = services.audit_line(&itself, AuditAction::ClientTokenIssued, &Subject::ClientApp(&app.id), now);
    line.details = serde_json::json!({ "token": token });
    work.audit().append(&line).await?;
    work.commit().await?;
    let subject = ClientSubject { client: app.id, grant: app.grant, roles: app.roles, permissions };
    let (issued_at, ttl) = (now.whole_seconds(), services.policies.lifetimes.access_ttl);
    let signed = services.tools.signer.client_access(&subject, token, issued_at, issued_at.plus(ttl));
    Ok(ServiceToken { access_token: Secret::new(signed.map_err(Error::internal)?), expires_in: ttl })
}

fn unauthorized_client() -> Error {
    Error::new(
        ErrorCode::UnauthorizedClient,
        "A public client can't prove that it is the one, so it gets no token of its own. Make a confidential client app.",
    )
}
