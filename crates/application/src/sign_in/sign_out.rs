use crate::Services;
use crate::audit::Subject;
use crate::tokens::invalid_token;
use doorward_domain::{AuditAction, EndReason, SessionId, UserId};
use doorward_ports::access::{self, Operation};
use doorward_ports::{Actor, Caller, Error, ErrorCode, Result, Secret};

/// Ends the session of the refresh token that was given, else the caller's own. A spent refresh token will do: who shows
/// it wants the session gone.
pub(super) async fn sign_out(services: &Services, caller: &Caller, refresh_token: Option<&Secret>) -> Result<()> {
    access::authorize(caller, Operation::SignOut)?;
    let (session, user) = whose(services, caller, refresh_token)?;
    let now = services.now();
    let mut work = services.tools.store.write().await?;
    if work.sessions().end(session, now, EndReason::SignedOut).await? {
        let subject = Subject::Session { id: session, user };
        let mut line = services.audit_line(caller, AuditAction::SessionEnded, &subject, now);
        line.details = serde_json::json!({ "reason": EndReason::SignedOut.as_str() });
        work.audit().append(&line).await?;
    }
    Ok(work.commit().await?)
}

fn whose(services: &Services, caller: &Caller, refresh_token: Option<&Secret>) -> Result<(SessionId, UserId)> {
    match (refresh_token, &caller.actor) {
        (Some(token), _) => {
            let claims = services.tools.signer.verify_refresh(token.expose(), services.now()).map_err(invalid_token)?;
            Ok((claims.session, claims.user))
        }
        (None, Actor::User(signed_in)) => Ok((signed_in.session, signed_in.user)),
        (None, Actor::Anonymous | Actor::Client(_) | Actor::Operator) => Err(Error::new(
            ErrorCode::AuthenticationRequired,
            "Send the access token as a Bearer token, or the refresh token in the body.",
        )),
    }
}
