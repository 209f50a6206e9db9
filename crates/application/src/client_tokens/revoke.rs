use crate::services::{Act, Subject};
use doorward_domain::{AuditAction, Client, EndReason, SessionId, UserId};
use doorward_ports::outbound::AccessHolder;
use doorward_ports::{Error, ErrorCode, Result, Secret};
use serde_json::json;

/// RFC 7009. Who gives back either token wants its session gone; a spent refresh token will do.
pub(super) async fn revoke(mut act: Act<'_>, client: &Client, token: &Secret) -> Result<()> {
    // RFC 7009 §2.2: a token that is not good is as good as revoked; so, to this client, is another's (§2.1).
    let Some((session, user)) = session_of(&act, client, token)? else { return Ok(()) };
    let mut work = act.begin().await?;
    let now = work.now;
    if work.sessions().end(session, now, EndReason::TokenRevoked).await? {
        let details = json!({ "reason": EndReason::TokenRevoked.as_str(), "client": client.as_str() });
        work.audit_with(AuditAction::SessionEnded, Subject::Session { id: session, user }, details).await?;
    }
    Ok(work.commit().await?)
}

fn session_of(act: &Act<'_>, client: &Client, token: &Secret) -> Result<Option<(SessionId, UserId)>> {
    let (signer, now) = (&act.tools().signer, act.now());
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
