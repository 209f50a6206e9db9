use crate::Services;
use crate::audit::Subject;
use crate::tokens::{invalid_token, token_is_dead};
use doorward_domain::{
    AuditAction, AuditOutcome, Client, EndReason, PermissionSet, Session, Shown, Timestamp, TokenId, User,
};
use doorward_ports::access::{self, Operation};
use doorward_ports::inbound::TokenPair;
use doorward_ports::outbound::{Exchange, RefreshClaims, WriteWork};
use doorward_ports::{Caller, Error, ErrorCode, Result, Secret};

pub(super) async fn refresh(services: &Services, caller: &Caller, refresh_token: &Secret) -> Result<TokenPair> {
    access::authorize(caller, Operation::Refresh)?;
    // Whoever exchanges another client's token has to prove first that he is that client (GHSA-pw9m-5jxm-xr6h), and does
    // so at the token endpoint.
    exchange(services, caller, &Client::doorward(), refresh_token).await
}

/// Exchanges a refresh token that was issued to this client. To everybody else it is no token.
pub(crate) async fn exchange(
    services: &Services,
    caller: &Caller,
    client: &Client,
    refresh_token: &Secret,
) -> Result<TokenPair> {
    let now = services.now();
    let claims = services.tools.signer.verify_refresh(refresh_token.expose(), now).map_err(invalid_token)?;
    if claims.client != *client {
        return Err(token_is_dead());
    }
    let exchange = next(services, &claims, now)?;
    // Before the exchange, so that the store's writer has nothing but that to do. An account that is disabled in between
    // has lost its sessions with it, and exchanges nothing.
    let (user, permissions) = owner(services, &claims).await?;
    let session = match services.tools.store.exchange(claims.session, &exchange).await? {
        Some(session) => session,
        None => judge_spent(services, caller, &claims, now).await?,
    };
    services.token_pair(&session, &user, permissions)
}

/// The account's state counts at every mint, not only at the sign-in (CVE-2026-16103).
async fn owner(services: &Services, claims: &RefreshClaims) -> Result<(User, PermissionSet)> {
    let verified = services.policies.registration.require_verified_email;
    let owner = services.tools.store.read().await?.users().with_permissions(claims.user).await?;
    owner.filter(|(user, _)| user.may_sign_in(verified).is_ok()).ok_or_else(token_is_dead)
}

fn next(services: &Services, claims: &RefreshClaims, now: Timestamp) -> Result<Exchange> {
    let lifetimes = services.policies.lifetimes;
    let ttl = lifetimes.refresh_ttl_at(now, claims.authenticated_at);
    if ttl.is_zero() {
        return Err(token_is_dead());
    }
    let issued_at = now.whole_seconds();
    Ok(Exchange {
        shown: claims.token,
        next: TokenId::mint(now, services.draw()),
        issued_at,
        expires_at: issued_at.plus(ttl),
        idle_ends_at: lifetimes.idle_ends_at(now),
        now,
    })
}

/// What a token means that could not be exchanged. Answers the session where it is to be answered as it stands.
async fn judge_spent(services: &Services, caller: &Caller, claims: &RefreshClaims, now: Timestamp) -> Result<Session> {
    let mut work = services.tools.store.write().await?;
    let session = work.sessions().by_id(claims.session).await?;
    let session = session.filter(|session| session.is_live(now)).ok_or_else(token_is_dead)?;
    match session.family.shown(claims.token, now, services.policies.lifetimes.refresh_grace) {
        // A lost answer or a second tab: the session stands one generation further.
        Shown::Repeated(_) => Ok(session),
        // It was not current a moment ago, and a spent token never becomes current again.
        Shown::Current => Err(token_is_dead()),
        // Somebody has a copy.
        Shown::Reused => {
            end_reused(services, caller, &mut *work, claims, now).await?;
            work.commit().await?;
            Err(reused())
        }
    }
}

/// RFC 9700 §4.14.2: reuse ends the family. Ours is one session, and no other of the user's is touched.
async fn end_reused(
    services: &Services,
    caller: &Caller,
    work: &mut dyn WriteWork,
    claims: &RefreshClaims,
    now: Timestamp,
) -> Result<()> {
    if !work.sessions().end(claims.session, now, EndReason::RefreshReused).await? {
        return Ok(());
    }
    let subject = Subject::Session { id: claims.session, user: claims.user };
    let mut line = services.audit_line(caller, AuditAction::RefreshReused, &subject, now);
    line.outcome = AuditOutcome::Failure;
    Ok(work.audit().append(&line).await?)
}

fn reused() -> Error {
    Error::new(
        ErrorCode::RefreshTokenReused,
        "This refresh token was used before, so somebody may have a copy. Its session has been ended; sign in again.",
    )
}
