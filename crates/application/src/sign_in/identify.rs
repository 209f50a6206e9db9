use crate::tokens::{invalid_token, token_is_dead};
use crate::{Actor, Caller, Origin, Result, Services, SignedIn};

/// Whose access token this is. The token says who; the session's state says whether it still holds, and what its owner
/// may do now.
pub(super) async fn identify(services: &Services, access_token: &str, origin: Origin) -> Result<Caller> {
    let now = services.now();
    let claims = services.tools.signer.verify_access(access_token, now).map_err(invalid_token)?;
    let session = services.tools.session_states.live(claims.session, now).await?;
    let session = session.filter(|session| session.user == claims.user).ok_or_else(token_is_dead)?;
    let signed_in = SignedIn {
        user: claims.user,
        session: claims.session,
        client: claims.client,
        authenticated_at: claims.authenticated_at,
        permissions: session.permissions,
    };
    Ok(Caller { actor: Actor::User(signed_in), origin })
}
