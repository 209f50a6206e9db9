use super::Tokens;
use doorward_ports::inbound::{self, ServiceToken, TokenHolder, TokenPair, TokenUse};
use doorward_views::OfferedFactor;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A refusal of an OAuth endpoint (RFC 6749 §5.2).
#[derive(Serialize, ToSchema)]
pub(crate) struct OauthError {
    /// The error code of OAuth.
    #[schema(examples("invalid_grant"))]
    pub(crate) error: &'static str,
    /// The reason of the refusal and what to do, for people.
    pub(crate) error_description: String,
    /// The error code of Doorward, as a name that never changes. Each code has a page in the documentation.
    #[schema(pattern = "^[a-z0-9_]+$", examples("invalid_token"))]
    pub(crate) code: &'static str,
    /// The correlation id of the request, which its log lines contain.
    pub(crate) correlation_id: String,
    /// With `link_required`, the token with which the owner of the account links the identity, after a sign-in:
    /// `POST /api/v1/users/me/identities`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) link_token: Option<String>,
    /// With `mfa_required`, the token with which the sign-in continues: `POST /api/v1/auth/mfa/verify`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) mfa_token: Option<String>,
    /// With `mfa_required`, the second factors of the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) factors: Option<Vec<OfferedFactor>>,
    /// With `link_required` or `mfa_required`, the number of seconds for which the token can be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) expires_in: Option<u64>,
}

/// The parameters of a token request. Unknown parameters are ignored, and repeated parameters are refused.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "it describes the form, which is read parameter by parameter")]
pub(crate) struct TokenRequest {
    #[schema(pattern = "^(authorization_code|refresh_token|client_credentials)$")]
    grant_type: String,
    /// The code that was sent to the redirect URI, for the grant type `authorization_code`.
    #[schema(max_length = 1024, write_only)]
    code: Option<String>,
    /// The verifier of the code challenge (RFC 7636 §4.5), for the same grant type.
    #[schema(max_length = 128, write_only)]
    code_verifier: Option<String>,
    /// The redirect URI to which the code was sent, for the same grant type.
    #[schema(max_length = 2048)]
    redirect_uri: Option<String>,
    /// The refresh token, for the grant type `refresh_token`.
    #[schema(max_length = 4000, write_only)]
    refresh_token: Option<String>,
    /// The id of the client, if the header `Authorization` does not contain it. The default is `doorward`, which has no
    /// secret.
    client_id: Option<String>,
    /// The secret of the client, if the header `Authorization` does not contain it.
    #[schema(write_only)]
    client_secret: Option<String>,
}

/// The token to introspect or to revoke, and the credentials of the client.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "it describes the form, which is read parameter by parameter")]
pub(crate) struct TokenQuestion {
    /// The access token or refresh token.
    #[schema(max_length = 4000, write_only)]
    token: String,
    /// This parameter has no effect: both types of token are tried.
    token_type_hint: Option<String>,
    /// The id of the client, if the header `Authorization` does not contain it.
    client_id: Option<String>,
    /// The secret of the client, if the header `Authorization` does not contain it.
    #[schema(write_only)]
    client_secret: Option<String>,
}

/// The tokens that were issued for a grant.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum IssuedTokens {
    /// The next pair of tokens, for a refresh token.
    Session(Tokens),
    /// A client app's own access token, for its credentials.
    Client(ClientToken),
}

/// A client app's own access token. There is no refresh token: request a new access token when it expires.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClientToken {
    /// The access token: a JWT (RFC 9068), which is sent as a Bearer token.
    access_token: String,
    #[schema(pattern = "^Bearer$")]
    token_type: &'static str,
    /// The number of seconds until the token expires.
    expires_in: u64,
}

impl From<TokenPair> for IssuedTokens {
    fn from(pair: TokenPair) -> Self {
        Self::Session((&pair).into())
    }
}

impl From<ServiceToken> for IssuedTokens {
    fn from(token: ServiceToken) -> Self {
        Self::Client(ClientToken {
            access_token: token.access_token.expose().to_owned(),
            token_type: "Bearer",
            expires_in: token.expires_in.as_secs(),
        })
    }
}

/// The result of an introspection (RFC 7662 §2.2). For a token that is not active, it contains only `active`.
#[derive(Default, Serialize, ToSchema)]
pub(crate) struct Introspection {
    /// Whether the token is accepted now.
    active: bool,
    /// The id of the client to which the token was issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    client_id: Option<String>,
    /// The username of the account, or its e-mail address if it has no username.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    username: Option<String>,
    /// `Bearer` for an access token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^Bearer$", nullable = false)]
    token_type: Option<&'static str>,
    /// Whether it is an access token or a refresh token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^(access|refresh)$", nullable = false)]
    token_use: Option<&'static str>,
    /// When the token expires, in seconds since 1970-01-01T00:00:00Z.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    exp: Option<i64>,
    /// When the token was issued, in seconds since 1970-01-01T00:00:00Z.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    iat: Option<i64>,
    /// When the token becomes valid, in seconds since 1970-01-01T00:00:00Z: when it was issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    nbf: Option<i64>,
    /// The id of the account; for a client app's own token, the id of the client app.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    sub: Option<String>,
    /// The audience of the token: the setting `tokens.audience`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    aud: Option<String>,
    /// The issuer of the token: the setting `tokens.issuer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    iss: Option<String>,
    /// The id of the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    jti: Option<String>,
    /// The id of the session, for the token of an account.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    sid: Option<String>,
    /// The current roles of the holder.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    roles: Option<Vec<String>>,
    /// The current permissions of the holder. It is absent for a refresh token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    permissions: Option<Vec<String>>,
}

impl From<Option<inbound::Introspection>> for Introspection {
    fn from(told: Option<inbound::Introspection>) -> Self {
        told.map(Self::of_active).unwrap_or_default()
    }
}

impl Introspection {
    fn of_active(token: inbound::Introspection) -> Self {
        let access = token.token_use == TokenUse::Access;
        let (sub, username, sid) = match token.holder {
            TokenHolder::User { user, username, session } => {
                (user.to_string(), Some(username.into_string()), Some(session.to_string()))
            }
            TokenHolder::Client => (token.client.as_str().to_owned(), None, None),
        };
        let permissions = || token.permissions.iter().map(ToString::to_string).collect();
        Self {
            active: true,
            client_id: Some(token.client.as_str().to_owned()),
            username,
            token_type: access.then_some("Bearer"),
            token_use: Some(if access { "access" } else { "refresh" }),
            exp: Some(token.expires_at.as_seconds()),
            iat: Some(token.issued_at.as_seconds()),
            nbf: Some(token.issued_at.as_seconds()),
            sub: Some(sub),
            aud: Some(token.audience),
            iss: Some(token.issuer),
            jti: Some(token.token.to_string()),
            sid,
            roles: Some(token.roles.iter().map(ToString::to_string).collect()),
            permissions: access.then(permissions),
        }
    }
}

/// The metadata of the authorization server (RFC 8414 §2).
#[derive(Serialize, ToSchema)]
pub(crate) struct ServerMetadata {
    /// The issuer of all tokens: the setting `tokens.issuer`.
    #[schema(format = "uri")]
    pub(crate) issuer: String,
    /// Where browsers begin a sign-in with a provider. The parameter `provider` names it.
    #[schema(format = "uri")]
    pub(crate) authorization_endpoint: String,
    /// Where clients redeem codes, exchange refresh tokens and get their own tokens (RFC 6749 §3.2).
    #[schema(format = "uri")]
    pub(crate) token_endpoint: String,
    /// Where the public keys are that verify access tokens (RFC 7517 §5).
    #[schema(format = "uri")]
    pub(crate) jwks_uri: String,
    /// Where tokens are introspected (RFC 7662 §2).
    #[schema(format = "uri")]
    pub(crate) introspection_endpoint: String,
    /// Where tokens are revoked (RFC 7009 §2).
    #[schema(format = "uri")]
    pub(crate) revocation_endpoint: String,
    /// Where developers read about the API.
    #[schema(format = "uri")]
    pub(crate) service_documentation: String,
    /// The response types of the authorization endpoint.
    pub(crate) response_types_supported: &'static [&'static str],
    /// The methods of code challenges (RFC 7636 §4.3).
    pub(crate) code_challenge_methods_supported: &'static [&'static str],
    /// Whether the answer of the authorization endpoint names the issuer (RFC 9207 §3).
    pub(crate) authorization_response_iss_parameter_supported: bool,
    /// The grant types of the token endpoint.
    pub(crate) grant_types_supported: &'static [&'static str],
    /// How clients can authenticate at the token endpoint.
    pub(crate) token_endpoint_auth_methods_supported: &'static [&'static str],
    /// How clients can authenticate at the introspection endpoint.
    pub(crate) introspection_endpoint_auth_methods_supported: &'static [&'static str],
    /// How clients can authenticate at the revocation endpoint.
    pub(crate) revocation_endpoint_auth_methods_supported: &'static [&'static str],
}
