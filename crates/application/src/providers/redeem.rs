use super::admit;
use super::proven::Proven;
use crate::services::{Act, Subject, Work};
use crate::sessions::end;
use doorward_domain::{
    AttemptId, AttemptPurpose, AuditAction, AuthorizationAttempt, Client, CodeRefusal, CodeVerifier, EndReason,
    LINK_LIFETIME, Redemption, SessionId,
};
use doorward_ports::inbound::{CodeGrant, TokenPair};
use doorward_ports::outbound::SpentCode;
use doorward_ports::{Error, ErrorCode, Result, Secret, SecretDigest};

/// Redeems the code of a sign-in: spending it, finding or creating the account, and beginning the session are one unit of
/// work.
pub(crate) async fn exchange(mut act: Act<'_>, client: &Client, grant: &CodeGrant) -> Result<TokenPair> {
    let mut work = act.begin().await?;
    let admitted = match redeem(&mut work, client, grant, AttemptPurpose::SignIn).await? {
        Ok(Redeemed { attempt, proven }) => admit::admit(&mut work, attempt, proven).await?,
        Err(refused) => Err(refused),
    };
    work.commit().await?;
    admitted?.tokens(&act)
}

/// What a code was worth.
pub(crate) struct Redeemed {
    pub attempt: AuthorizationAttempt,
    pub proven: Proven,
}

/// Spends a code. The outer error undoes the work; the inner one is a refusal, to be committed, because the code is spent
/// all the same.
pub(crate) async fn redeem(
    work: &mut Work<'_>,
    client: &Client,
    grant: &CodeGrant,
    purpose: AttemptPurpose,
) -> Result<std::result::Result<Redeemed, Error>> {
    let now = work.now;
    let spent = work.authorization_attempts().spend_code(&SecretDigest::of(&grant.code), now).await?;
    let (attempt, identity, issued_at) = match spent {
        Some(SpentCode::First { attempt, identity, issued_at }) => (*attempt, identity, issued_at),
        Some(SpentCode::Again { attempt, session }) => return replayed(work, attempt, session).await.map(Err),
        None => return Ok(Err(invalid_grant())),
    };
    let refusal = match CodeVerifier::parse(grant.code_verifier.expose()) {
        Ok(verifier) => {
            let shown = Redemption { client, redirect_uri: &grant.redirect_uri, verifier: &verifier, purpose };
            attempt.redeem(&shown, issued_at, now).err()
        }
        Err(_) => Some(CodeRefusal::WrongVerifier),
    };
    if let Some(refusal) = refusal {
        let details = serde_json::json!({ "reason": refusal.as_str(), "provider": attempt.provider });
        work.audit_refusal_with(AuditAction::SignIn, Subject::Unknown, details).await?;
        return Ok(Err(invalid_grant()));
    }
    let proven = Proven::open(work.sealer(), attempt.id, &identity)?;
    Ok(Ok(Redeemed { attempt, proven }))
}

/// RFC 6749 §4.1.2: somebody has a copy of the code, so what the first use has made ends.
async fn replayed(work: &mut Work<'_>, attempt: AttemptId, session: Option<SessionId>) -> Result<Error> {
    let now = work.now;
    work.pending_sign_ins().end_of_attempt(attempt, now).await?;
    let session = match session {
        Some(id) => work.sessions().by_id(id).await?,
        None => None,
    };
    if let Some(session) = session {
        end::one(work, (session.id, session.user), EndReason::CodeReused).await?;
    }
    Ok(invalid_grant())
}

/// Takes an offer to link, as [`redeem`] does.
pub(crate) async fn by_link_token(work: &mut Work<'_>, token: &Secret) -> Result<std::result::Result<Redeemed, Error>> {
    let now = work.now;
    let offer = work.authorization_attempts().take_link(&SecretDigest::of(token), now).await?;
    match offer {
        Some(offer) if now < offer.offered_at.plus(LINK_LIFETIME) => {
            let proven = Proven::open(work.sealer(), offer.attempt.id, &offer.identity)?;
            Ok(Ok(Redeemed { attempt: offer.attempt, proven }))
        }
        _ => Ok(Err(invalid_grant())),
    }
}

/// The answer is the same whatever is wrong.
pub(crate) fn invalid_grant() -> Error {
    Error::new(
        ErrorCode::InvalidGrant,
        "The code is unknown, spent or expired, or belongs to another client, redirect URI, verifier or account. Begin the \
         sign-in again.",
    )
}
