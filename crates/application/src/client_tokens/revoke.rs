use super::authenticate::authenticate;
use crate::Services;
use crate::audit::Subject;
use doorward_domain::{AuditAction, Client, EndReason, SessionId, Timestamp, UserId};
use doorward_ports::access::{self, Operation};
use doorward_ports::inbound::ClientCredentials;
use doorward_ports::outbound::AccessHolder;
use doorward_ports::{Caller, Error, ErrorCode, Result, Secret};

/// RFC 7009. Who gives back either token wants its session gone; a spent refresh token will do.
pub(super) async fn revoke(
    services: &Services,
    caller: &Caller,
    shown: &ClientCredentials,
    token: &Secret,
) -> Result<()> {
    access::authorize(caller, Operation::RevokeToken)?;
    let client = authenticate(services, shown).await?.client();
    let now = services.now();
    // RFC 7009 §2.2: a token that is not good is as good as revoked; so, to this client, is another's (§2.1).
    let Some((session, user)) = session_of(services, &client, token, now)? else { return Ok(()) };
    let mut work = services.tools.store.write().await?;
    if work.sessions().end(session, now, EndReason::TokenRevoked).await? {
        let subject = Subject::Session { id: session, user };
        let mut line = services.audit_line(caller, AuditAction::SessionEnded, &subject, now);
        line.details = serde_json::json!({ "reason": EndReason::TokenRevoked.as_str(), "client": client.as_str() });
        work.audit().append(&line).await?;
    }
    Ok(work.commit().await?)
}

fn session_of(
    services: &Services,
    client: &Client,
    token: &Secret,
    now: Timestamp,
) -> Result<Option<(SessionId, UserId)>> {
    let signer = &services.tools.signer;
    if let Ok(claims) = signer.verify_refresh(token.expose(), now) {
        return Ok((claims.client == *client).then_some((claims.session, claims.user)));
    }
    let claims = signer.verify_access(token.expose(), now).ok().filter(|claims| claims.client == *client);
    match claims.map(|claims| claims.holder) {
        None => Ok(None),
        Some(AccessHolder::User { user, session, .. }) => Ok(Some((session, user))),
        Some(AccessHolder::Client { .. }) => Err(unsupported()),
    }
}

/// RFC 7009 §2.2.1. To answer that it was done would be a lie.
fn unsupported() -> Error {
    Error::new(
        ErrorCode::UnsupportedTokenType,
        "A client app's own token has no session to end: it ends when it expires, or when the app is disabled.",
    )
}
