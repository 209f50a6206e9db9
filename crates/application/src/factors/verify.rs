use super::check::invalid_code;
use super::{Destination, check};
use crate::providers::Arrival;
use crate::services::{Act, Subject, Work};
use crate::sign_in::lockout::Lockout;
use crate::sign_in::{self, Admitted};
use doorward_domain::{AuditAction, PENDING_LIFETIME, PendingSignIn, UserId};
use doorward_ports::inbound::{MfaVerification, TokenPair};
use doorward_ports::outbound::AccountKey;
use doorward_ports::{Error, ErrorCode, Result, SecretDigest};

/// The second step of a sign-in. A refusal is committed, because the try was counted.
pub(super) async fn verify(mut act: Act<'_>, verification: &MfaVerification) -> Result<TokenPair> {
    let token = SecretDigest::of(&verification.mfa_token);
    let mut work = act.begin().await?;
    let user = work.pending_sign_ins().by_token(&token).await?.ok_or_else(mfa_token_invalid)?.user;
    let admitted = second_step(&mut work, (user, &token), verification).await?;
    work.commit().await?;
    admitted?.tokens(&act)
}

/// The account is locked before its pending sign-in, as everywhere else: two works never wait for each other.
async fn second_step(
    work: &mut Work<'_>,
    (user, token): (UserId, &SecretDigest),
    verification: &MfaVerification,
) -> Result<std::result::Result<Admitted, Error>> {
    let lockout = Lockout::lock(work, AccountKey::of_user(user)).await?;
    let account = work.users().lock(user).await?.ok_or_else(mfa_token_invalid)?;
    let begun_by = work.now.minus(PENDING_LIFETIME);
    let Some(pending) = work.pending_sign_ins().try_code(token, begun_by).await? else {
        return Ok(Err(mfa_token_invalid()));
    };
    // CVE-2026-9798: a lock was checked at the first step and not at the second.
    if let Some(wait) = lockout.refuse_if_locked(work, AuditAction::SignIn, Subject::User(user)).await? {
        return Ok(Err(invalid_code(Some(wait))));
    }
    let proof = match check(work, user, &verification.proof).await? {
        Ok(proof) => proof,
        Err(refused) => return Ok(Err(refused)),
    };
    let sign_in = pending.sign_in().prove(proof);
    match sign_in::judge(work, sign_in, &account, destination(&pending)).await? {
        Ok(proved) => {
            end(work, &pending).await?;
            let Some(attempt) = pending.attempt else {
                return Ok(Ok(sign_in::admit(work, account, proved, pending.client).await?));
            };
            match Arrival::resume(work, attempt).await? {
                Some(arrival) => Ok(Ok(arrival.admit(work, account, proved).await?)),
                None => Ok(Err(mfa_token_invalid())),
            }
        }
        Err(refused) => {
            // What keeps an account from signing in has ended its sign-ins as a rule; the policy may have changed.
            work.audit_refusal(AuditAction::SignIn, Subject::User(user), refused.code.as_str()).await?;
            end(work, &pending).await?;
            Ok(Err(mfa_token_invalid()))
        }
    }
}

const fn destination(pending: &PendingSignIn) -> Destination<'_> {
    Destination { client: &pending.client, attempt: pending.attempt }
}

async fn end(work: &mut Work<'_>, pending: &PendingSignIn) -> Result<()> {
    let now = work.now;
    if work.pending_sign_ins().end(pending.id, now).await? { Ok(()) } else { Err(mfa_token_invalid()) }
}

/// The answer is the same whatever is wrong with the token.
fn mfa_token_invalid() -> Error {
    Error::new(
        ErrorCode::MfaTokenInvalid,
        "No sign-in waits for a code with this token: it is unknown or was used, took more than five minutes, or had five \
         wrong codes. Sign in again.",
    )
}
