use super::proven::{Proven, open_verifier};
use crate::secrets::random_secret;
use crate::services::{Act, Subject, Work};
use doorward_domain::{ATTEMPT_LIFETIME, AuditAction, AuthorizationAttempt};
use doorward_ports::inbound::{AuthorizationRefusal, FinishedAuthorization, ProviderAnswer};
use doorward_ports::outbound::{
    AnsweredAttempt, AuthorizationAnswer, ConfiguredProvider, ProvenIdentity, ProviderFault,
};
use doorward_ports::{Error, ErrorCode, Result, Secret, SecretDigest};
use serde_json::json;

/// Takes the answer first, in a unit of work of its own: so a second answer finds nothing, and nothing waits for the
/// provider meanwhile.
pub(super) async fn finish(
    mut act: Act<'_>,
    provider: &str,
    answer: ProviderAnswer,
    browser: Option<Secret>,
) -> Result<FinishedAuthorization> {
    let configured = act.tools().enabled_provider(provider).await?.ok_or_else(invalid_state)?;
    let state = answer.state.as_ref().map(SecretDigest::of).ok_or_else(invalid_state)?;
    let answered = take(&mut act, &configured, &state, browser.as_ref()).await?.ok_or_else(invalid_state)?;
    let proof = prove(&act, &configured, &answered, answer).await?;
    let AuthorizationAttempt { redirect_uri, state, .. } = answered.attempt.clone();
    let proof = proof.map(|identity| Proven::of(&identity, &configured.provider));
    let outcome = conclude(&mut act, &answered.attempt, proof).await?;
    Ok(FinishedAuthorization { redirect_uri: redirect_uri.to_string(), state, outcome })
}

async fn take(
    act: &mut Act<'_>,
    configured: &ConfiguredProvider,
    state: &SecretDigest,
    browser: Option<&Secret>,
) -> Result<Option<AnsweredAttempt>> {
    let browser = browser.map(SecretDigest::of);
    let mut work = act.begin().await?;
    let (now, begun_after) = (work.now, work.now.minus(ATTEMPT_LIFETIME));
    let name = &configured.provider.name;
    let answered = work.authorization_attempts().answer(state, name, browser.as_ref(), begun_after, now).await?;
    work.commit().await?;
    Ok(answered)
}

/// Why there is no proof.
enum Unproven {
    /// The person, or the provider, has refused (RFC 6749 §4.1.2.1).
    Denied,
    /// The answer has neither a code nor an error.
    Empty,
    Fault(ProviderFault),
}

async fn prove(
    act: &Act<'_>,
    configured: &ConfiguredProvider,
    answered: &AnsweredAttempt,
    answer: ProviderAnswer,
) -> Result<std::result::Result<ProvenIdentity, Unproven>> {
    if answer.error.is_some() {
        return Ok(Err(Unproven::Denied));
    }
    let Some(code) = answer.code else { return Ok(Err(Unproven::Empty)) };
    let tools = act.tools();
    let verifier = open_verifier(&*tools.sealer, answered.attempt.id, &answered.verifier)?;
    let answer = AuthorizationAnswer {
        code,
        issuer: answer.issuer,
        nonce: verifier.nonce(),
        code_verifier: Secret::new(verifier.expose().to_owned()),
        redirect_uri: tools.providers.callback_of(&answered.attempt.provider),
        now: act.now(),
    };
    Ok(tools.providers.protocol.identify(configured, &answer).await.map_err(Unproven::Fault))
}

async fn conclude(
    act: &mut Act<'_>,
    attempt: &AuthorizationAttempt,
    proof: std::result::Result<Proven, Unproven>,
) -> Result<std::result::Result<Secret, AuthorizationRefusal>> {
    let code = random_secret(act.draw());
    let mut work = act.begin().await?;
    let outcome = match proof {
        Ok(proven) => {
            issue(&mut work, attempt, &proven, &code).await?;
            Ok(code)
        }
        Err(unproven) => Err(refuse(&mut work, attempt, unproven).await?),
    };
    work.commit().await?;
    Ok(outcome)
}

async fn issue(work: &mut Work<'_>, attempt: &AuthorizationAttempt, proven: &Proven, code: &Secret) -> Result<()> {
    // What no identity can be found by must not get as far as a code.
    proven.key()?;
    let (sealed, now) = (proven.seal(work.sealer(), attempt.id)?, work.now);
    Ok(work.authorization_attempts().issue_code(attempt.id, &SecretDigest::of(code), &sealed, now).await?)
}

async fn refuse(
    work: &mut Work<'_>,
    attempt: &AuthorizationAttempt,
    unproven: Unproven,
) -> Result<AuthorizationRefusal> {
    let refusal = refusal(unproven);
    let details = json!({ "reason": refusal.reason, "provider": attempt.provider });
    work.audit_refusal_with(AuditAction::SignIn, Subject::Unknown, details).await?;
    Ok(refusal)
}

fn refusal(unproven: Unproven) -> AuthorizationRefusal {
    let (reason, source) = match unproven {
        Unproven::Denied => ("denied", None),
        Unproven::Empty => ("no_code", None),
        Unproven::Fault(fault) => (fault.reason(), Some(fault)),
    };
    let (error, description) = match &source {
        None if reason == "denied" => DENIED,
        None => ("server_error", "The provider has answered without a code. Begin again."),
        Some(ProviderFault::Refused { .. }) => DENIED,
        Some(ProviderFault::Unavailable(_)) => (
            "temporarily_unavailable",
            "The provider does not answer at the moment. Try again later, or sign in in another way.",
        ),
        Some(ProviderFault::Misconfigured(_)) => (
            "server_error",
            "The provider can't be used as it is set up. Sign in in another way, and tell an administrator.",
        ),
        Some(ProviderFault::Untrusted(_)) => (
            "server_error",
            "The answer of the provider could not be trusted. Begin again; if it happens again, tell an administrator.",
        ),
    };
    AuthorizationRefusal { error, description, reason, source }
}

const DENIED: (&str, &str) = ("access_denied", "The sign-in was cancelled, or the provider has refused it.");

/// An unknown, an old and a used one get the same answer, and so do another browser and another provider.
fn invalid_state() -> Error {
    Error::new(
        ErrorCode::InvalidState,
        "No sign-in waits for this answer: it took more than ten minutes, was already answered, or was begun in another \
         browser. Begin again in the app.",
    )
}
