use super::Tokens;
use doorward_ports::inbound::{self, ServiceToken, TokenHolder, TokenPair, TokenUse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why an OAuth endpoint refuses (RFC 6749 §5.2).
#[derive(Serialize, ToSchema)]
pub(crate) struct OauthError {
    /// Why, in OAuth's word.
    #[schema(examples("invalid_grant"))]
    pub(crate) error: &'static str,
    /// Why, and what to do, for people.
    pub(crate) error_description: String,
    /// Why, in our word that never changes; a page in the docs.
    #[schema(pattern = "^[a-z0-9_]+$", examples("invalid_token"))]
    pub(crate) code: &'static str,
    /// Names this request in the logs.
    pub(crate) correlation_id: String,
}

/// What a client sends to get tokens. Unknown parameters are ignored, and repeated ones are refused.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "it describes the form, which is read parameter by parameter")]
pub(crate) struct TokenRequest {
    #[schema(pattern = "^(refresh_token|client_credentials)$")]
    grant_type: String,
    /// For `refresh_token`.
    #[schema(max_length = 4000, write_only)]
    refresh_token: Option<String>,
    /// Which client asks, unless the header says so; `doorward` by default.
    client_id: Option<String>,
    /// Its secret, unless the header has it.
    #[schema(write_only)]
    client_secret: Option<String>,
}

/// A token to ask about, or to give back.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "it describes the form, which is read parameter by parameter")]
pub(crate) struct TokenQuestion {
    /// An access token or a refresh token.
    #[schema(max_length = 4000, write_only)]
    token: String,
    /// Of no consequence: both kinds are tried.
    token_type_hint: Option<String>,
    /// Which client asks, unless the header says so.
    client_id: Option<String>,
    /// Its secret, unless the header has it.
    #[schema(write_only)]
    client_secret: Option<String>,
}

/// What a grant is exchanged for.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum IssuedTokens {
    /// For a refresh token.
    Session(Tokens),
    /// For a client app's own credentials.
    Client(ClientToken),
}

/// A client app's own access token. There is nothing to refresh it with: ask for the next one.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClientToken {
    /// A JWT (RFC 9068), to be sent as a Bearer token.
    access_token: String,
    #[schema(pattern = "^Bearer$")]
    token_type: &'static str,
    /// Seconds until it expires.
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

/// What a token says (RFC 7662 §2.2). Of a token that is not active nothing else is told.
#[derive(Default, Serialize, ToSchema)]
pub(crate) struct Introspection {
    /// Whether the token is accepted now.
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    client_id: Option<String>,
    /// The account's username, or else its e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    username: Option<String>,
    /// `Bearer` for an access token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^Bearer$", nullable = false)]
    token_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^(access|refresh)$", nullable = false)]
    token_use: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    exp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    iat: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    nbf: Option<i64>,
    /// The id of the account, or of the client app when the token is its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    sub: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    aud: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    iss: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    jti: Option<String>,
    /// The session of an account's token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    sid: Option<String>,
    /// The roles that the owner holds now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    roles: Option<Vec<String>>,
    /// What the owner may do now, by an access token.
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
                (user.to_string(), Some(username), Some(session.to_string()))
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

/// What an OAuth client needs to know of this service (RFC 8414 §2).
#[derive(Serialize, ToSchema)]
pub(crate) struct ServerMetadata {
    #[schema(format = "uri")]
    pub(crate) issuer: String,
    #[schema(format = "uri")]
    pub(crate) token_endpoint: String,
    #[schema(format = "uri")]
    pub(crate) jwks_uri: String,
    #[schema(format = "uri")]
    pub(crate) introspection_endpoint: String,
    #[schema(format = "uri")]
    pub(crate) revocation_endpoint: String,
    #[schema(format = "uri")]
    pub(crate) service_documentation: String,
    pub(crate) response_types_supported: &'static [&'static str],
    pub(crate) grant_types_supported: &'static [&'static str],
    pub(crate) token_endpoint_auth_methods_supported: &'static [&'static str],
    pub(crate) introspection_endpoint_auth_methods_supported: &'static [&'static str],
    pub(crate) revocation_endpoint_auth_methods_supported: &'static [&'static str],
}
