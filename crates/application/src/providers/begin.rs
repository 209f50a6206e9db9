use super::{proven, provider_not_found};
use crate::fields::Fields;
use crate::secrets::random_secret;
use crate::services::Act;
use doorward_domain::{
    ATTEMPT_LIFETIME, AttemptId, AttemptPurpose, AuthorizationAttempt, Client, ClientId, CodeChallenge, CodeVerifier,
    RedirectUri,
};
use doorward_ports::inbound::{AuthorizationRequest, BegunAuthorization, Binding, LinkRequest};
use doorward_ports::outbound::{self, AttemptSecrets, ConfiguredProvider, ProviderFault};
use doorward_ports::{Error, ErrorCode, Result, Secret, SecretDigest};
use std::collections::BTreeSet;

/// More is no value to find a request by, but a way to keep data here.
const LONGEST_STATE: usize = 1000;
const LONGEST_HINT: usize = 320;

/// What a client asks for.
pub(crate) struct Asked<'a> {
    provider: &'a str,
    redirect_uri: &'a str,
    state: Option<&'a str>,
    challenge: &'a str,
    method: &'a str,
    client: Option<&'a str>,
    hint: Option<&'a str>,
}

impl<'a> Asked<'a> {
    pub(super) fn of(request: &'a AuthorizationRequest) -> Self {
        Self {
            provider: &request.provider,
            redirect_uri: &request.redirect_uri,
            state: request.state.as_deref(),
            challenge: &request.code_challenge,
            method: &request.code_challenge_method,
            client: request.client_id.as_deref(),
            hint: request.login_hint.as_deref(),
        }
    }

    /// A link is begun by Doorward's own client, because only its tokens manage an account.
    pub(crate) fn to_link(provider: &'a str, request: &'a LinkRequest) -> Self {
        Self {
            provider,
            redirect_uri: &request.redirect_uri,
            state: request.state.as_deref(),
            challenge: &request.code_challenge,
            method: &request.code_challenge_method,
            client: None,
            hint: None,
        }
    }
}

/// Begins an attempt. Whatever is wrong with the request is answered here, and never by a redirect: its redirect URI may
/// be what is wrong (RFC 6749 §4.1.2.1).
pub(crate) async fn attempt(
    act: &mut Act<'_>,
    asked: &Asked<'_>,
    purpose: AttemptPurpose,
    binding: Binding,
) -> Result<BegunAuthorization> {
    let configured = act.tools().enabled_provider(asked.provider).await?.ok_or_else(provider_not_found)?;
    let attempt = checked(act, &configured, asked, purpose).await?;
    let (state, browser) = (random_secret(act.draw()), browser(act, binding));
    let verifier = CodeVerifier::mint(act.draw());
    let request = outbound::AuthorizationRequest {
        state: state.expose().to_owned(),
        nonce: verifier.nonce(),
        code_challenge: CodeChallenge::of(&verifier).to_string(),
        redirect_uri: act.tools().providers.callback_of(&attempt.provider),
        login_hint: asked.hint.map(str::to_owned),
    };
    let url = act.tools().providers.protocol.authorization_url(&configured, &request).await;
    let url = url.map_err(unavailable)?;
    keep(act, &attempt, (&state, browser.as_ref()), &verifier).await?;
    let state = attempt.state.unwrap_or_default();
    Ok(BegunAuthorization { url, state, expires_in: ATTEMPT_LIFETIME, browser })
}

/// The value of its cookie. What is not one of ours is replaced.
fn browser(act: &Act<'_>, binding: Binding) -> Option<Secret> {
    let Binding::Browser(known) = binding else { return None };
    let known = known.filter(|known| CodeChallenge::parse(known.expose()).is_ok());
    Some(known.unwrap_or_else(|| random_secret(act.draw())))
}

async fn keep(
    act: &mut Act<'_>,
    attempt: &AuthorizationAttempt,
    (state, browser): (&Secret, Option<&Secret>),
    verifier: &CodeVerifier,
) -> Result<()> {
    let mut work = act.begin().await?;
    let sealed = proven::seal_verifier(work.sealer(), attempt.id, verifier);
    let (state, browser) = (SecretDigest::of(state), browser.map(SecretDigest::of));
    let secrets = AttemptSecrets { state: &state, browser: browser.as_ref(), verifier: &sealed };
    work.authorization_attempts().insert(attempt, secrets).await?;
    Ok(work.commit().await?)
}

async fn checked(
    act: &Act<'_>,
    configured: &ConfiguredProvider,
    asked: &Asked<'_>,
    purpose: AttemptPurpose,
) -> Result<AuthorizationAttempt> {
    let mut fields = Fields::default();
    let registered = registered(act, asked, &mut fields).await?;
    let challenge = fields.take("/code_challenge", "invalid_code_challenge", CodeChallenge::parse(asked.challenge));
    if asked.method != "S256" {
        let why = "The method must be S256: the plain method would show the verifier (RFC 7636 §7.2).";
        fields.refuse("/code_challenge_method", "invalid_code_challenge_method", &why);
    }
    bounded("/state", asked.state, LONGEST_STATE, &mut fields);
    bounded("/login_hint", asked.hint, LONGEST_HINT, &mut fields);
    let ((client, redirect_uri), challenge) = fields.finish_with(registered.zip(challenge))?;
    let now = act.now();
    Ok(AuthorizationAttempt {
        id: AttemptId::mint(now, act.draw()),
        provider: configured.provider.name.clone(),
        purpose,
        client,
        redirect_uri,
        state: Some(asked.state.map_or_else(|| random_secret(act.draw()).expose().to_owned(), str::to_owned)),
        challenge,
        begun_at: now,
    })
}

fn bounded(pointer: &str, text: Option<&str>, most: usize, fields: &mut Fields) {
    if text.is_some_and(|text| text.len() > most || text.contains(char::is_control)) {
        fields.refuse(pointer, "invalid_value", &format!("must have at most {most} bytes, and no control characters."));
    }
}

/// The client, and its redirect URI, compared byte for byte (RFC 9700 §4.1.3).
async fn registered(act: &Act<'_>, asked: &Asked<'_>, fields: &mut Fields) -> Result<Option<(Client, RedirectUri)>> {
    let client = asked.client.map_or_else(Client::doorward, |id| Client::from_id(id.to_owned()));
    let Some(uris) = redirect_uris(act, client.as_str()).await? else {
        fields.refuse("/client_id", "unknown_client", &"There is no active client with this id.");
        return Ok(None);
    };
    let known = uris.into_iter().find(|uri| uri.is(asked.redirect_uri));
    if known.is_none() {
        let why = "The client has not registered this redirect URI. They are compared byte for byte. Those of a client app \
                   are set with the app, and those of Doorward's own client in oauth.allowed_redirect_uris.";
        fields.refuse("/redirect_uri", "redirect_uri_not_registered", &why);
    }
    Ok(known.map(|uri| (client, uri)))
}

/// The redirect URIs of a client; none if there is no active one with this id.
pub(crate) async fn redirect_uris(act: &Act<'_>, client: &str) -> Result<Option<BTreeSet<RedirectUri>>> {
    if client == Client::doorward().as_str() {
        return Ok(Some(act.tools().providers.redirect_uris.clone()));
    }
    let Ok(id) = ClientId::parse(client) else { return Ok(None) };
    let known = act.read().await?.client_apps().by_id(&id).await?;
    Ok(known.map(|known| known.app).filter(|app| app.is_active).map(|app| app.redirect_uris))
}

fn unavailable(fault: ProviderFault) -> Error {
    let detail = match fault {
        ProviderFault::Unavailable(_) => {
            "The provider does not answer at the moment. Try again later, or sign in in another way."
        }
        _ => "The provider can't be used as it is set up. Sign in in another way, and tell an administrator.",
    };
    Error { source: Some(Box::new(fault)), ..Error::new(ErrorCode::ProviderUnavailable, detail) }
}
