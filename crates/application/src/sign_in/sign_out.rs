use crate::fields::Fields;
use crate::providers::redirect_uris;
use crate::services::Act;
use crate::sessions::end;
use crate::tokens::invalid_token;
use doorward_domain::{Client, EndReason, SessionId, UserId};
use doorward_ports::{Actor, Error, ErrorCode, Result, Secret};

/// Ends the session of the given refresh token, otherwise the caller's own. A spent refresh token is enough: its holder
/// wants to end the session.
pub(super) async fn sign_out(mut act: Act<'_>, refresh_token: Option<&Secret>) -> Result<()> {
    let session = whose(&act, refresh_token)?;
    end(&mut act, session).await
}

async fn end(act: &mut Act<'_>, session: (SessionId, UserId)) -> Result<()> {
    let mut work = act.begin().await?;
    end::one(&mut work, session, EndReason::SignedOut).await?;
    Ok(work.commit().await?)
}

/// [`sign_out`], and where to sign out at the provider of the session.
pub(super) async fn at_provider(
    mut act: Act<'_>,
    refresh_token: Option<&Secret>,
    return_to: Option<&str>,
) -> Result<Option<String>> {
    let named = whose(&act, refresh_token)?;
    let session = act.read().await?.sessions().by_id(named.0).await?;
    let client = session.as_ref().map_or_else(Client::doorward, |session| session.client.clone());
    if let Some(uri) = return_to {
        registered(&act, &client, uri).await?;
    }
    end(&mut act, named).await?;
    let Some(session) = session else { return Ok(None) };
    let provider = act.tools().enabled_provider(session.authentications.provider()).await?;
    let Some(configured) = provider else { return Ok(None) };
    // The session has ended, whatever the provider does; a fault of the provider is in the log.
    Ok(act.tools().providers.protocol.sign_out_url(&configured, return_to).await.ok().flatten())
}

/// The provider compares the URI too, but with a list that somebody else keeps.
async fn registered(act: &Act<'_>, client: &Client, uri: &str) -> Result<()> {
    let known = redirect_uris(act, client.as_str()).await?.unwrap_or_default();
    let mut fields = Fields::default();
    if !known.iter().any(|known| known.is(uri)) {
        let why = "The client has not registered this redirect URI. They are compared byte for byte.";
        fields.refuse("/post_logout_redirect_uri", "redirect_uri_not_registered", &why);
    }
    fields.finish()
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
