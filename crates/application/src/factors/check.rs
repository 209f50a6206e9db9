//! The one check of a second factor: every door calls it, so that no door has a limit of its own (Zitadel
//! GHSA-xrw9-r35x-x878).
use super::recovery;
use crate::mails;
use crate::services::{Subject, Work};
use doorward_domain::{
    AuditAction, AuthenticationEvent, FACTOR_LOCKOUT, Factor, FactorId, MailKind, SecondFactor, TotpCode, TotpSeed,
    UserId,
};
use doorward_ports::inbound::FactorProof;
use doorward_ports::outbound::{SealedPlace, SecretSealer, TotpFactor};
use doorward_ports::{Error, ErrorCode, Result};
use serde_json::json;
use std::time::Duration;
use zeroize::Zeroizing;

/// The confirmed factors of an account.
pub(crate) async fn confirmed(work: &mut Work<'_>, user: UserId) -> Result<Vec<Factor>> {
    Ok(work.factors().of_user(user).await?.into_iter().filter(Factor::is_confirmed).collect())
}

/// A code that proves nothing, and how long the factor is locked.
struct Wrong(Option<Duration>);

type Checked = std::result::Result<(), Wrong>;

/// Checks a code of an account that is locked, and uses it up. The outer error undoes the work; the inner one is a
/// refusal, to be committed, because the code was counted. A wrong, a used and a code of another account get the same
/// refusal.
pub(crate) async fn check(
    work: &mut Work<'_>,
    user: UserId,
    proof: &FactorProof,
) -> Result<std::result::Result<AuthenticationEvent, Error>> {
    let checked = match proof.method {
        SecondFactor::Totp => totp(work, user, proof).await?,
        SecondFactor::RecoveryCode => recovery::spend(work, user, &proof.code).await?.then_some(()).ok_or(Wrong(None)),
    };
    let method = proof.method.as_str();
    match checked {
        Ok(()) => {
            work.audit_with(AuditAction::FactorVerified, Subject::User(user), json!({ "method": method })).await?;
            Ok(Ok(AuthenticationEvent::by_second_factor(proof.method, work.now)))
        }
        Err(Wrong(wait)) => {
            let reason = if wait.is_some() { "locked" } else { ErrorCode::InvalidCode.as_str() };
            let details = json!({ "method": method, "reason": reason });
            work.audit_refusal_with(AuditAction::FactorVerified, Subject::User(user), details).await?;
            Ok(Err(invalid_code(wait)))
        }
    }
}

/// A code is compared with all authenticators that it may be of; a wrong one counts for each of them.
async fn totp(work: &mut Work<'_>, user: UserId, proof: &FactorProof) -> Result<Checked> {
    let mut asked = work.factors().totp_of(user).await?;
    asked.retain(|it| it.factor.is_confirmed() && proof.factor.is_none_or(|id| id == it.factor.id));
    let now = work.now;
    let locked = asked.iter().filter_map(|it| it.attempts.is_locked(now)).max();
    asked.retain(|it| it.attempts.is_locked(now).is_none());
    if asked.is_empty() {
        return Ok(Err(Wrong(locked)));
    }
    if let Ok(code) = TotpCode::parse(proof.code.expose()) {
        for it in &asked {
            if uses_up(work, it, &code).await? {
                return Ok(Ok(()));
            }
        }
    }
    for it in asked {
        count_wrong(work, it).await?;
    }
    Ok(Err(Wrong(None)))
}

/// Whether the code is right and its step was not used before.
pub(super) async fn uses_up(work: &mut Work<'_>, it: &TotpFactor, code: &TotpCode) -> Result<bool> {
    let (factor, now) = (&it.factor, work.now);
    let seed = open_seed(work.sealer(), factor.id, &it.sealed_seed)?;
    match it.progress.accept(&seed, code, now) {
        Some(progress) => Ok(work.factors().use_step(factor.user, factor.id, &progress, now).await?),
        None => Ok(false),
    }
}

/// Counts a wrong code.
pub(super) async fn count_wrong(work: &mut Work<'_>, it: TotpFactor) -> Result<()> {
    let (now, factor) = (work.now, it.factor);
    let attempts = it.attempts.fail(now, &FACTOR_LOCKOUT);
    work.factors().save_attempts(factor.user, factor.id, &attempts).await?;
    if attempts.is_locked(now).is_some() { locked(work, &factor).await } else { Ok(()) }
}

/// The owner is told, because whoever guesses codes knows the password. Nobody signs in with a factor that was never
/// confirmed.
async fn locked(work: &mut Work<'_>, factor: &Factor) -> Result<()> {
    let details = json!({ "factor": factor.id, "kind": factor.kind.as_str() });
    work.audit_with(AuditAction::FactorLocked, Subject::User(factor.user), details).await?;
    match work.users().lock(factor.user).await? {
        Some(owner) if factor.is_confirmed() => {
            mails::about_factor(work, &owner, MailKind::FactorLocked, factor.name.as_str()).await
        }
        _ => Ok(()),
    }
}

pub(super) fn seal_seed(sealer: &dyn SecretSealer, id: FactorId, seed: &TotpSeed) -> Vec<u8> {
    sealer.seal(&place(&id.to_string()), seed.expose())
}

fn open_seed(sealer: &dyn SecretSealer, id: FactorId, sealed: &[u8]) -> Result<TotpSeed> {
    let seed: Zeroizing<Vec<u8>> = sealer.open(&place(&id.to_string()), sealed).map_err(Error::internal)?;
    TotpSeed::from_bytes(&seed).ok_or_else(|| Error::internal("a sealed seed of another length"))
}

const fn place(row: &str) -> SealedPlace<'_> {
    SealedPlace { table: "factors", row, column: "sealed_seed" }
}

pub(super) fn invalid_code(wait: Option<Duration>) -> Error {
    let error = Error::new(
        ErrorCode::InvalidCode,
        "The code is wrong, or was used before. Wait for the next code of the authenticator, or use a recovery code.",
    );
    match wait {
        Some(wait) => error.retry_after(wait),
        None => error,
    }
}
