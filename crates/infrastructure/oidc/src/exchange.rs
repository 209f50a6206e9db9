use crate::calls::CallsTo;
use crate::published::Published;
use crate::signed_secret;
use doorward_domain::{Provider, Timestamp};
use doorward_ports::Secret;
use doorward_ports::outbound::{
    AuthorizationRequest, ConfiguredProvider, Misconfiguration, ProviderCall, ProviderFault,
};
use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType,
};
use oauth2::{
    AsyncHttpClient, AuthType, AuthUrl, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken, EndpointNotSet,
    EndpointSet, ExtraTokenFields, HttpRequest, HttpResponse, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope,
    StandardRevocableToken, StandardTokenResponse, TokenResponse, TokenUrl,
};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::pin::Pin;

/// What a token endpoint answers besides RFC 6749. The ID token is a text until its signature is verified.
#[derive(Clone, Deserialize, Serialize)]
struct Further {
    id_token: Option<String>,
}

/// `oauth2` requires it, and nobody may read the token in it.
impl fmt::Debug for Further {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Further")
    }
}

impl ExtraTokenFields for Further {}

type TokenAnswer = StandardTokenResponse<Further, BasicTokenType>;
type OAuthClient = Client<
    BasicErrorResponse,
    TokenAnswer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// What a provider has granted for a code.
pub struct Granted {
    pub access_token: Secret,
    pub refresh_token: Option<Secret>,
    pub id_token: Option<Secret>,
}

/// Sends what `oauth2` has written.
struct TokenEndpoint<'a>(CallsTo<'a>);

impl<'c> AsyncHttpClient<'c> for TokenEndpoint<'_> {
    type Error = ProviderFault;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, ProviderFault>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.0.send(ProviderCall::Token, request))
    }
}

/// What is exchanged for tokens.
pub struct Code<'a> {
    pub code: &'a Secret,
    pub verifier: &'a Secret,
    pub redirect_uri: &'a str,
    pub now: Timestamp,
}

/// Without its secret.
fn client(configured: &ConfiguredProvider, published: &Published) -> Result<OAuthClient, ProviderFault> {
    let wrong = |_| ProviderFault::Misconfigured(Misconfiguration::Url);
    Ok(Client::new(ClientId::new(configured.provider.client_id.as_str().to_owned()))
        .set_auth_uri(AuthUrl::new(published.authorization.clone()).map_err(wrong)?)
        .set_token_uri(TokenUrl::new(published.token.clone()).map_err(wrong)?)
        .set_auth_type(if configured.provider.quirks().secret_in_body {
            AuthType::RequestBody
        } else {
            published.client_authentication.clone()
        }))
}

fn redirect_url(url: &str) -> Result<RedirectUrl, ProviderFault> {
    RedirectUrl::new(url.to_owned()).map_err(|_| ProviderFault::Misconfigured(Misconfiguration::RedirectUri))
}

/// Where a sign-in begins.
pub fn authorization_url(
    configured: &ConfiguredProvider,
    published: &Published,
    request: &AuthorizationRequest,
    further: Vec<(&'static str, String)>,
) -> Result<String, ProviderFault> {
    let client = client(configured, published)?.set_redirect_uri(redirect_url(&request.redirect_uri)?);
    let mut url =
        client.authorize_url(|| CsrfToken::new(request.state.clone())).add_scopes(scopes(&configured.provider));
    if !configured.provider.quirks().refuses_pkce {
        url = url
            .add_extra_param("code_challenge", request.code_challenge.clone())
            .add_extra_param("code_challenge_method", "S256");
    }
    if configured.provider.is_openid() {
        url = url.add_extra_param("nonce", request.nonce.clone());
    }
    if let Some(hint) = &request.login_hint {
        url = url.add_extra_param("login_hint", hint.clone());
    }
    for (name, value) in further {
        url = url.add_extra_param(name, value);
    }
    Ok(url.url().0.to_string())
}

/// Without `openid`, a provider would answer without an ID token (OpenID Connect Core §3.1.2.1).
fn scopes(provider: &Provider) -> impl Iterator<Item = Scope> + '_ {
    let named = |name: &str| provider.scopes.iter().any(|scope| scope.as_str() == name);
    let missing = (provider.is_openid() && !named("openid")).then(|| Scope::new("openid".to_owned()));
    missing.into_iter().chain(provider.scopes.iter().map(|scope| Scope::new(scope.as_str().to_owned())))
}

/// Exchanges a code (RFC 6749 §4.1.3, RFC 7636 §4.5). It is sent once: a code can be used once.
pub async fn exchange(
    calls: CallsTo<'_>,
    configured: &ConfiguredProvider,
    published: &Published,
    code: Code<'_>,
) -> Result<Granted, ProviderFault> {
    calls.url(&published.token)?;
    let mut client = client(configured, published)?.set_redirect_uri(redirect_url(code.redirect_uri)?);
    if let Some(secret) = signed_secret::secret_of(configured, &published.issuer, code.now)? {
        client = client.set_client_secret(ClientSecret::new(secret.expose().to_owned()));
    }
    let endpoint = TokenEndpoint(calls);
    let mut request = client.exchange_code(AuthorizationCode::new(code.code.expose().to_owned()));
    if !configured.provider.quirks().refuses_pkce {
        request = request.set_pkce_verifier(PkceCodeVerifier::new(code.verifier.expose().to_owned()));
    }
    let request = request.request_async(&endpoint);
    // Boxed, because the compiler can't see through the type of the library that it is `Send`.
    let request: Pin<Box<dyn Future<Output = _> + Send + '_>> = Box::pin(request);
    let answer = request.await.map_err(fault_of)?;
    if *answer.token_type() != BasicTokenType::Bearer {
        return Err(ProviderFault::Misconfigured(Misconfiguration::MalformedAnswer));
    }
    Ok(Granted {
        access_token: Secret::new(answer.access_token().secret().clone()),
        refresh_token: answer.refresh_token().map(|token| Secret::new(token.secret().clone())),
        id_token: answer.extra_fields().id_token.clone().map(Secret::new),
    })
}

fn fault_of(error: RequestTokenError<ProviderFault, BasicErrorResponse>) -> ProviderFault {
    #[derive(Deserialize)]
    struct Refusal {
        error: String,
    }
    match error {
        RequestTokenError::Request(fault) => fault,
        RequestTokenError::ServerResponse(refusal) => refused(refusal.error().as_ref()),
        // GitHub refuses with the status 200.
        RequestTokenError::Parse(_, body) => match serde_json::from_slice::<Refusal>(&body) {
            Ok(refusal) => refused(&refusal.error),
            Err(_) => ProviderFault::Misconfigured(Misconfiguration::MalformedAnswer),
        },
        RequestTokenError::Other(_) => ProviderFault::Misconfigured(Misconfiguration::MalformedAnswer),
    }
}

/// The fault of an `error` (RFC 6749 §5.2, and those of GitHub).
fn refused(error: &str) -> ProviderFault {
    match error {
        "invalid_client" | "incorrect_client_credentials" => {
            ProviderFault::Misconfigured(Misconfiguration::InvalidClient)
        }
        "unauthorized_client" | "unsupported_grant_type" => {
            ProviderFault::Misconfigured(Misconfiguration::UnauthorizedClient)
        }
        "invalid_scope" => ProviderFault::Misconfigured(Misconfiguration::Scope),
        "redirect_uri_mismatch" => ProviderFault::Misconfigured(Misconfiguration::RedirectUri),
        other => ProviderFault::Refused { error: error_name(other).to_owned() },
    }
}

/// An `error` that can be logged: short, and of the usual characters.
fn error_name(error: &str) -> &str {
    let usual = |b: u8| b.is_ascii_lowercase() || b == b'_';
    if (1..=50).contains(&error.len()) && error.bytes().all(usual) { error } else { "unknown" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_that_could_disturb_a_log_is_unknown() {
        for (error, name) in
            [("access_denied", "access_denied"), ("a\nb", "unknown"), ("", "unknown"), ("A", "unknown")]
        {
            assert_eq!(refused(error), ProviderFault::Refused { error: name.to_owned() });
        }
        assert_eq!(error_name(&"a".repeat(51)), "unknown");
    }
}
