use crate::secrets::random_secret;
use crate::services::{Subject, Work};
use doorward_domain::{
    AttemptId, AuditAction, Client, Factor, PENDING_LIFETIME, PendingSignIn, PendingSignInId, SignIn,
};
use doorward_ports::inbound::MfaRequired;
use doorward_ports::{Error, ErrorCode, Result, SecretDigest};
use serde_json::json;

/// Where a sign-in leads.
#[derive(Clone, Copy)]
pub(crate) struct Destination<'a> {
    /// The client that gets the tokens.
    pub client: &'a Client,
    /// The attempt at a provider by which it was proved.
    pub attempt: Option<AttemptId>,
}

fn required(mfa: MfaRequired) -> Error {
    let detail = "A second factor is required. Send a code of one of the factors, or a recovery code, with the mfa_token to \
                  /auth/mfa/verify.";
    Error { mfa: Some(Box::new(mfa)), ..Error::new(ErrorCode::MfaRequired, detail) }
}

/// Lets a sign-in wait for its second factor; returns the refusal that says so. The caller has locked the account.
pub(crate) async fn challenge(
    work: &mut Work<'_>,
    sign_in: &SignIn,
    factors: Vec<Factor>,
    destination: Destination<'_>,
) -> Result<Error> {
    let (mfa_token, now) = (random_secret(work.draw()), work.now);
    let pending = PendingSignIn {
        id: PendingSignInId::mint(now, work.draw()),
        user: sign_in.user(),
        client: destination.client.clone(),
        proved: sign_in.proved().clone(),
        attempt: destination.attempt,
        begun_at: now,
        tries: 0,
        ended_at: None,
    };
    work.pending_sign_ins().insert(&pending, &SecretDigest::of(&mfa_token)).await?;
    let details = json!({ "provider": pending.proved.provider() });
    work.audit_with(AuditAction::SignInChallenged, Subject::User(pending.user), details).await?;
    Ok(required(MfaRequired { mfa_token, expires_in: PENDING_LIFETIME, factors }))
}
