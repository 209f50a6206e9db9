use super::provider_not_found;
use crate::services::{Act, Subject, Work};
use crate::sessions::end;
use doorward_domain::{AuditAction, EndReason, ProviderName};
use doorward_ports::outbound::{EndedThere, ProviderFault, ProviderLogout, Whose};
use doorward_ports::{Error, ErrorCode, Result, Secret, SecretDigest};
use serde_json::json;
use std::time::Duration;

const SESSIONS_AT_ONCE: usize = 100;
/// How long a used token is kept at most, whatever it says: a time that no calendar has must not reach the store.
const KEPT_AT_MOST: Duration = Duration::from_secs(366 * 86_400);

/// The sessions that began with what has ended at the provider (OpenID Connect Back-Channel Logout 1.0 §2.7).
pub(super) async fn end_sessions(mut act: Act<'_>, provider: &str, token: &Secret) -> Result<()> {
    let configured = act.tools().enabled_provider(provider).await?.ok_or_else(provider_not_found)?;
    let name = &configured.provider.name;
    let logout = act.tools().providers.protocol.logout(&configured, token.expose(), act.now()).await;
    let mut work = act.begin().await?;
    let ended = match logout {
        Ok(logout) => once(&mut work, name, &logout).await?,
        Err(fault) => Err(refused(&mut work, name, fault).await?),
    };
    work.commit().await?;
    ended
}

/// Uses the token and ends the sessions in one unit of work. The inner error is a refusal, to be committed.
async fn once(
    work: &mut Work<'_>,
    provider: &ProviderName,
    logout: &ProviderLogout,
) -> Result<std::result::Result<(), Error>> {
    // Ids of tokens are unique for their issuer alone (RFC 7519 §4.1.7).
    let id = Secret::new(json!([logout.issuer, logout.token]).to_string());
    let until = logout.expires_at.min(work.now.plus(KEPT_AT_MOST));
    if !work.provider_sessions().use_logout_token(&SecretDigest::of(&id), until).await? {
        record_refusal(work, provider, "used_before").await?;
        return Ok(Err(invalid_logout_token()));
    }
    let session = logout.session.as_deref().map(digest_of_session);
    let whose = match (&session, logout.subject.as_deref()) {
        (Some(session), subject) => Whose::Session(session, subject),
        (None, Some(subject)) => Whose::Subject(subject),
        (None, None) => return Ok(Err(invalid_logout_token())),
    };
    let (ended, now) = (EndedThere { provider, issuer: &logout.issuer, whose }, work.now);
    // Also for sign-ins that are not finished.
    work.provider_sessions().note_end(ended, now).await?;
    end_all(work, ended).await.map(Ok)
}

async fn end_all(work: &mut Work<'_>, ended: EndedThere<'_>) -> Result<()> {
    let now = work.now;
    loop {
        let sessions = work.provider_sessions().live(ended, now, SESSIONS_AT_ONCE).await?;
        if sessions.is_empty() {
            return Ok(());
        }
        for session in sessions {
            end::one(work, session, EndReason::EndedByProvider).await?;
        }
    }
}

/// Anybody can send a token that the provider has not signed: only the log of the server tells of those.
async fn refused(work: &mut Work<'_>, provider: &ProviderName, fault: ProviderFault) -> Result<Error> {
    match fault {
        ProviderFault::Untrusted(why) => {
            if why.is_of_a_signed_token() {
                record_refusal(work, provider, why.as_str()).await?;
            }
            Ok(Error { source: Some(Box::new(ProviderFault::Untrusted(why))), ..invalid_logout_token() })
        }
        fault => Ok(unverified(fault)),
    }
}

async fn record_refusal(work: &mut Work<'_>, provider: &ProviderName, reason: &str) -> Result<()> {
    let details = json!({ "reason": reason, "provider": provider });
    Ok(work.audit_refusal_with(AuditAction::SessionEnded, Subject::Unknown, details).await?)
}

/// What is kept of the id of a session at a provider, which may have any length.
pub(super) fn digest_of_session(id: &str) -> SecretDigest {
    SecretDigest::of(&Secret::new(id.to_owned()))
}

fn invalid_logout_token() -> Error {
    Error::new(
        ErrorCode::InvalidLogoutToken,
        "The logout token is not one of this provider for Doorward, was used before, or does not say what has ended.",
    )
}

fn unverified(fault: ProviderFault) -> Error {
    let detail = "The logout token can't be verified at the moment, because the keys of the provider can't be read.";
    Error { source: Some(Box::new(fault)), ..Error::new(ErrorCode::ProviderUnavailable, detail) }
}
