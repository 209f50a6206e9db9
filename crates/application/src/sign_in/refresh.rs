use crate::services::{Act, Subject};
use crate::tokens::{invalid_token, token_is_dead};
use doorward_domain::{AuditAction, Client, EndReason, PermissionSet, Session, Shown, Timestamp, TokenId, User};
use doorward_ports::inbound::TokenPair;
use doorward_ports::outbound::{Exchange, RefreshClaims};
use doorward_ports::{Error, ErrorCode, Result, Secret};
use serde_json::json;

/// Exchanges a refresh token that was issued to this client. For any other client, it is not a token: another client
/// must first authenticate at the token endpoint (GHSA-pw9m-5jxm-xr6h).
pub(crate) async fn exchange(mut act: Act<'_>, client: &Client, refresh_token: &Secret) -> Result<TokenPair> {
    let now = act.now();
    let claims = act.tools().signer.verify_refresh(refresh_token.expose(), now).map_err(invalid_token)?;
    if claims.client != *client {
        return Err(token_is_dead());
    }
    let exchange = next(&act, &claims, now)?;
    // This happens before the exchange, so that the writer of the store only exchanges. If the account is disabled in
    // between, its sessions have ended, and the exchange fails.
    let (user, permissions) = owner(&act, &claims).await?;
    let session = match act.tools().store.exchange(claims.session, &exchange).await? {
        Some(session) => session,
        None => judge_spent(&mut act, &claims).await?,
    };
    act.token_pair(&session, &user, permissions)
}

/// The state of the account is checked whenever tokens are issued, not only at the sign-in (CVE-2026-16103).
async fn owner(act: &Act<'_>, claims: &RefreshClaims) -> Result<(User, PermissionSet)> {
    let verified = act.policies.registration.require_verified_email;
    let owner = act.read().await?.users().with_permissions(claims.user).await?;
    owner.filter(|(user, _)| user.may_sign_in(verified).is_ok()).ok_or_else(token_is_dead)
}

fn next(act: &Act<'_>, claims: &RefreshClaims, now: Timestamp) -> Result<Exchange> {
    let lifetimes = act.policies.lifetimes;
    // A session begins when its id is created. `auth_time` may be later: step-up does not extend a session.
    let ttl = lifetimes.refresh_ttl_at(now, claims.session.minted_at());
    if ttl.is_zero() {
        return Err(token_is_dead());
    }
    let issued_at = now.whole_seconds();
    Ok(Exchange {
        shown: claims.token,
        next: TokenId::mint(now, act.draw()),
        issued_at,
        expires_at: issued_at.plus(ttl),
        idle_ends_at: lifetimes.idle_ends_at(now),
        now,
    })
}

/// The meaning of a token that could not be exchanged. Returns the session if its current tokens are returned again.
async fn judge_spent(act: &mut Act<'_>, claims: &RefreshClaims) -> Result<Session> {
    let mut work = act.begin().await?;
    let (session, now) = (work.sessions().by_id(claims.session).await?, work.now);
    let session = session.filter(|session| session.is_live(now)).ok_or_else(token_is_dead)?;
    match session.family.shown(claims.token, now, work.policies.lifetimes.refresh_grace) {
        // A lost answer or a second tab: the session is one generation further.
        Shown::Repeated(_) => Ok(session),
        // The token was not current a moment ago, and a spent token never becomes current again.
        Shown::Current => Err(token_is_dead()),
        // Somebody has a copy. RFC 9700 §4.14.2: reuse ends the family. In Doorward this is one session, and no other
        // session of the user.
        Shown::Reused => {
            if work.sessions().end(claims.session, now, EndReason::RefreshReused).await? {
                let subject = Subject::Session { id: claims.session, user: claims.user };
                let details = json!({ "client": claims.client.as_str() });
                work.audit_refusal_with(AuditAction::RefreshReused, subject, details).await?;
            }
            work.commit().await?;
            Err(reused())
        }
    }
}

fn reused() -> Error {
    Error::new(
        ErrorCode::RefreshTokenReused,
        "This refresh token was used before, so somebody may have a copy. Its session has ended. Sign in again.",
    )
}
