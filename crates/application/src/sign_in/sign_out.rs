use crate::services::Act;
use crate::sessions::end;
use crate::tokens::invalid_token;
use doorward_domain::{EndReason, SessionId, UserId};
use doorward_ports::{Actor, Error, ErrorCode, Result, Secret};

/// Ends the session of the given refresh token, otherwise the caller's own. A spent refresh token is enough: its holder
/// wants to end the session.
pub(super) async fn sign_out(mut act: Act<'_>, refresh_token: Option<&Secret>) -> Result<()> {
    let session = whose(&act, refresh_token)?;
    let mut work = act.begin().await?;
    end::one(&mut work, session, EndReason::SignedOut).await?;
    Ok(work.commit().await?)
}

fn whose(act: &Act<'_>, refresh_token: Option<&Secret>) -> Result<(SessionId, UserId)> {
    match (refresh_token, &act.caller.actor) {
        (Some(token), _) => {
            let claims = act.tools().signer.verify_refresh(token.expose(), act.now()).map_err(invalid_token)?;
            Ok((claims.session, claims.user))
        }
        (None, Actor::User(signed_in)) => Ok((signed_in.session, signed_in.user)),
        (None, Actor::Anonymous | Actor::Client(_) | Actor::Operator) => Err(Error::new(
            ErrorCode::AuthenticationRequired,
            "Send the access token as a Bearer token, or the refresh token in the body.",
        )),
    }
}
