use crate::services::{Act, Subject};
use doorward_domain::{AuditAction, Client, EndReason, SessionId, UserId};
use doorward_ports::outbound::AccessHolder;
use doorward_ports::{Error, ErrorCode, Result, Secret};
use serde_json::json;

/// RFC 7009. A client that revokes either token wants to end its session; a spent refresh token is enough.
pub(super) async fn revoke(mut act: Act<'_>, client: &Client, token: &Secret) -> Result<()> {
    // RFC 7009 §2.2: an invalid token counts as revoked; so does a token of another client (§2.1).
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

/// RFC 7009 §2.2.1. It would be wrong to answer that the token was revoked.
fn unsupported() -> Error {
    Error::new(
        ErrorCode::UnsupportedTokenType,
        "A client app's own token has no session. It ends when it expires, or when the app is disabled.",
    )
}
