use doorward_ports::inbound::{PasswordSignIn, TokenPair, given};
use doorward_ports::{Error, FieldError, LONGEST_TOKEN_BYTES, Personal, Secret};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The input of a sign-in. Send one of `identifier`, `username` and `email`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignIn {
    /// The e-mail address or the username of the account. Case makes no difference.
    #[schema(value_type = Option<String>, max_length = 1024, examples("ann@example.com"), nullable = false)]
    identifier: Option<Personal>,
    /// Another name for `identifier`.
    #[schema(value_type = Option<String>, max_length = 1024, nullable = false)]
    username: Option<Personal>,
    /// Another name for `identifier`.
    #[schema(value_type = Option<String>, max_length = 1024, nullable = false)]
    email: Option<Personal>,
    #[schema(value_type = String, format = Password, max_length = 1024, write_only)]
    password: Secret,
}

impl TryFrom<SignIn> for PasswordSignIn {
    type Error = Error;

    fn try_from(body: SignIn) -> Result<Self, Error> {
        let refuse = |code, message: &str| {
            let pointer = "/identifier".to_owned();
            Err(Error::invalid(vec![FieldError { pointer, code, message: message.to_owned() }]))
        };
        let mut names = [body.identifier, body.username, body.email].into_iter().flatten();
        match (names.next(), names.next()) {
            (Some(identifier), None) => Ok(Self { identifier, password: body.password }),
            (None, _) => refuse("required", "is required: an e-mail address or a username."),
            (Some(_), Some(_)) => refuse("duplicate_field", "may be sent only once, as identifier, username or email."),
        }
    }
}

// The schemas of tokens, here and in `oauth.rs`, contain this number, because `ToSchema` accepts no constant.
const _: () = assert!(LONGEST_TOKEN_BYTES == 4000);

/// The input of a refresh.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefreshToken {
    #[schema(value_type = String, max_length = 4000, write_only)]
    pub(crate) refresh_token: Secret,
}

/// The input of a sign-out.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignOut {
    /// The refresh token of the session. Without it, the access token of the request identifies the session.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 4000, write_only, nullable = false)]
    pub(crate) refresh_token: Option<Secret>,
    /// Whether the owner wants to sign out at the provider of the session too.
    #[serde(default)]
    pub(crate) provider_sign_out: bool,
    /// Where the browser goes after that (only with `provider_sign_out`): one of the redirect URIs of the client, which must be registered at the provider
    /// too.
    #[serde(default, deserialize_with = "given")]
    #[schema(max_length = 2048, nullable = false)]
    pub(crate) post_logout_redirect_uri: Option<String>,
}

/// Where to sign out at the provider of a session that has ended.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignedOut {
    /// The URL to open in the browser; null if there is none.
    #[schema(format = "uri")]
    pub(crate) provider_sign_out_url: Option<String>,
}

/// A pair of tokens, from a sign-in or a refresh.
#[derive(Serialize, ToSchema)]
pub(crate) struct Tokens {
    /// The access token: a JWT (RFC 9068), which is sent as a Bearer token. It is absent if the browser gets it in a
    /// cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    access_token: Option<String>,
    #[schema(pattern = "^Bearer$")]
    token_type: &'static str,
    /// The number of seconds until the access token expires.
    expires_in: u64,
    /// The refresh token, which can be exchanged once for the next pair. It is absent if the browser gets it in a
    /// cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    refresh_token: Option<String>,
    /// The number of seconds until the refresh token expires.
    refresh_expires_in: u64,
    /// The id of the session.
    #[schema(format = Uuid)]
    session_id: String,
    /// The id of the account.
    #[schema(format = Uuid)]
    user_id: String,
    /// Whether this is the first sign-in to the account. It is `false` in the answer to a refresh.
    is_new_user: bool,
}

impl From<&TokenPair> for Tokens {
    fn from(pair: &TokenPair) -> Self {
        Self {
            access_token: Some(pair.access_token.expose().to_owned()),
            token_type: "Bearer",
            expires_in: pair.expires_in.as_secs(),
            refresh_token: Some(pair.refresh_token.expose().to_owned()),
            refresh_expires_in: pair.refresh_expires_in.as_secs(),
            session_id: pair.session.to_string(),
            user_id: pair.user.to_string(),
            is_new_user: pair.is_new_user,
        }
    }
}

impl Tokens {
    /// Without the tokens themselves, so that no script of the page can read them.
    pub(crate) fn kept_in_cookies(self) -> Self {
        Self { access_token: None, refresh_token: None, ..self }
    }
}

/// The public keys that verify tokens: a JWK set (RFC 7517 §5).
#[derive(Serialize, ToSchema)]
pub(crate) struct KeySet {
    #[schema(value_type = Vec<Object>)]
    keys: Vec<serde_json::Value>,
}
