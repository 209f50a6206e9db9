use crate::access::{self, Operation};
use crate::audit::Subject;
use crate::ports::inbound::TokenPair;
use crate::ports::outbound::{Exchange, RefreshClaims, WriteWork};
use crate::tokens::{invalid_token, token_is_dead};
use crate::{Caller, Error, ErrorCode, Result, Secret, Services};
use doorward_domain::{AuditAction, AuditOutcome, Client, EndReason, Session, Shown, Timestamp, TokenId};

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
    let mut work = services.tools.store.write().await?;
    let session = match work.sessions().exchange(claims.session, &exchange).await? {
        Some(session) => session,
        None => match judge_spent(services, &mut *work, &claims, now).await? {
            Spent::Repeated(session) => *session,
            Spent::Dead => return Err(token_is_dead()),
            Spent::Reused => {
                end_reused(services, caller, &mut *work, &claims, now).await?;
                work.commit().await?;
                return Err(reused());
            }
        },
    };
    // The account's state counts at every mint, not only at the sign-in (CVE-2026-16103).
    let verified = services.policies.registration.require_verified_email;
    let user = work.users().by_id(session.user).await?;
    let user = user.filter(|user| user.may_sign_in(verified).is_ok()).ok_or_else(token_is_dead)?;
    let permissions = work.roles().permissions_of(user.id).await?;
    work.commit().await?;
    services.token_pair(&session, &user, permissions)
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

/// What a token means that could not be exchanged.
enum Spent {
    /// A lost answer or a second tab: the session stands one generation further, and is to be answered as it stands.
    Repeated(Box<Session>),
    /// Its session has ended.
    Dead,
    /// Somebody has a copy.
    Reused,
}

async fn judge_spent(
    services: &Services,
    work: &mut dyn WriteWork,
    claims: &RefreshClaims,
    now: Timestamp,
) -> Result<Spent> {
    let Some(session) = work.sessions().by_id(claims.session).await?.filter(|session| session.is_live(now)) else {
        return Ok(Spent::Dead);
    };
    Ok(match session.family.shown(claims.token, now, services.policies.lifetimes.refresh_grace) {
        Shown::Repeated(_) => Spent::Repeated(Box::new(session)),
        Shown::Reused => Spent::Reused,
        // It was not current a moment ago, and a spent token never becomes current again.
        Shown::Current => Spent::Dead,
    })
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
