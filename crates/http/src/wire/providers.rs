use doorward_ports::inbound::{AuthorizationRequest, BegunAuthorization, CodeGrant, LinkProof, OfferedProvider};
use doorward_ports::{Error, FieldError, Personal, Secret};
use doorward_views::SignInProvider;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The ways to sign in.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignInProviders {
    /// The password first, and then the providers, in the order in which pages show them.
    providers: Vec<SignInProvider>,
}

impl From<Vec<OfferedProvider>> for SignInProviders {
    fn from(offered: Vec<OfferedProvider>) -> Self {
        Self { providers: offered.into_iter().map(SignInProvider::from).collect() }
    }
}

/// How a provider is removed.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ProviderRemoval {
    /// Remove the provider also while identities are linked with it.
    pub(crate) force: Option<bool>,
}

/// The parameters of an authorization request. Unknown parameters are ignored, and repeated parameters are refused.
#[derive(Deserialize, IntoParams)]
#[expect(dead_code, reason = "it describes the query, which is read parameter by parameter")]
#[into_params(parameter_in = Query)]
pub(crate) struct AuthorizationQuery {
    /// The name of the provider.
    provider: String,
    /// Where the code is sent: one of the redirect URIs of the client, byte for byte.
    #[param(max_length = 2048)]
    redirect_uri: String,
    /// A value of the client, which is returned as it is.
    #[param(max_length = 1000)]
    state: Option<String>,
    /// The SHA-256 of the code verifier, in base64url (RFC 7636 §4.2).
    #[param(pattern = "^[A-Za-z0-9_-]{43}$")]
    code_challenge: String,
    /// The method of the code challenge.
    #[param(pattern = "^S256$")]
    code_challenge_method: String,
    /// The client; without it, Doorward's own client `doorward`.
    client_id: Option<String>,
    /// The name or e-mail address under which the person is probably known at the provider.
    #[param(max_length = 320)]
    login_hint: Option<String>,
}

impl AuthorizationQuery {
    /// The request of parameters, found by their names; what is missing is refused where it is checked.
    pub(crate) fn read(get: impl Fn(&str) -> Option<String>) -> AuthorizationRequest {
        AuthorizationRequest {
            provider: get("provider").unwrap_or_default(),
            redirect_uri: get("redirect_uri").unwrap_or_default(),
            state: get("state").map(Personal::from),
            code_challenge: get("code_challenge").unwrap_or_default(),
            code_challenge_method: get("code_challenge_method").unwrap_or_default(),
            client_id: get("client_id"),
            login_hint: get("login_hint").map(Personal::from),
        }
    }
}

/// The answer of a provider. Other parameters are ignored.
#[derive(Deserialize, IntoParams, ToSchema)]
#[expect(dead_code, reason = "it describes the query, which is read parameter by parameter")]
#[into_params(parameter_in = Query)]
pub(crate) struct ProviderReturn {
    /// The `state` that was sent to the provider.
    state: Option<String>,
    /// The code of the provider.
    code: Option<String>,
    /// The issuer of the provider (RFC 9207).
    iss: Option<String>,
    /// Why there is no code (RFC 6749 §4.1.2.1).
    error: Option<String>,
}

/// What a provider reports when a session has ended there (OpenID Connect Back-Channel Logout 1.0 §2.5).
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "it describes the form, which is read parameter by parameter")]
pub(crate) struct ProviderLogout {
    /// The logout token.
    #[schema(write_only)]
    logout_token: String,
}

/// Where to send the person.
#[derive(Serialize, ToSchema)]
pub(crate) struct Authorization {
    /// The URL of the provider, to be opened in a browser.
    #[schema(format = "uri")]
    authorization_url: String,
    /// The `state` that the client gets back with the code. It must compare both.
    state: String,
    /// The number of seconds that the person may take.
    expires_in: u64,
}

impl From<BegunAuthorization> for Authorization {
    fn from(begun: BegunAuthorization) -> Self {
        Self { authorization_url: begun.url, state: begun.state, expires_in: begun.expires_in.as_secs() }
    }
}

/// What proves the identity to link: `code`, `code_verifier` and `redirect_uri`, or `link_token`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdentityProof {
    /// The code that was sent to the redirect URI.
    #[schema(value_type = Option<String>, max_length = 1024, write_only, nullable = false)]
    code: Option<Secret>,
    /// The verifier of the code challenge.
    #[schema(value_type = Option<String>, max_length = 128, write_only, nullable = false)]
    code_verifier: Option<Secret>,
    /// The redirect URI to which the code was sent.
    #[schema(max_length = 2048, nullable = false)]
    redirect_uri: Option<String>,
    /// The `link_token` of a sign-in that was refused with `link_required`.
    #[schema(value_type = Option<String>, max_length = 1024, write_only, nullable = false)]
    link_token: Option<Secret>,
}

impl TryFrom<IdentityProof> for LinkProof {
    type Error = Error;

    fn try_from(body: IdentityProof) -> Result<Self, Error> {
        match (body.code, body.code_verifier, body.redirect_uri, body.link_token) {
            (Some(code), Some(code_verifier), Some(redirect_uri), None) => {
                Ok(Self::Code(CodeGrant { code, code_verifier, redirect_uri }))
            }
            (None, None, None, Some(token)) => Ok(Self::Token(token)),
            _ => Err(Error::invalid(vec![FieldError {
                pointer: String::new(),
                code: "required",
                message: "Send code, code_verifier and redirect_uri, or link_token alone.".to_owned(),
            }])),
        }
    }
}
