use crate::outbound::ProviderFault;
use crate::{Caller, Error, Personal, Result, Secret};
use async_trait::async_trait;
use doorward_domain::{Identity, IdentityId, Timestamp};
use serde::Deserialize;
use std::time::Duration;

/// A provider that people can sign in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedProvider {
    /// Its name in requests; `local` stands for the password.
    pub name: String,
    /// Its name for people.
    pub display_name: String,
    /// Its kind, as in its configuration; `local` for the password.
    pub kind: &'static str,
    /// The name or URL of its icon.
    pub icon: Option<String>,
    /// Whether it answered at the last check.
    pub available: bool,
    /// Since when.
    pub since: Option<Timestamp>,
}

/// A request to sign in with a provider (RFC 6749 §4.1.1, RFC 7636 §4.3), as sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuthorizationRequest {
    /// The name of the provider.
    pub provider: String,
    /// Where the code is sent: one of the redirect URIs of the client, byte for byte.
    #[cfg_attr(feature = "openapi", schema(max_length = 2048))]
    pub redirect_uri: String,
    /// A value of the client, which is returned as it is. Without it, Doorward chooses one.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 1000))]
    pub state: Option<Personal>,
    /// The SHA-256 of the code verifier, in base64url (RFC 7636 §4.2).
    #[cfg_attr(feature = "openapi", schema(pattern = "^[A-Za-z0-9_-]{43}$"))]
    pub code_challenge: String,
    /// The method of the code challenge: `S256`.
    #[cfg_attr(feature = "openapi", schema(pattern = "^S256$"))]
    pub code_challenge_method: String,
    /// The client; without it, Doorward's own client `doorward`.
    pub client_id: Option<String>,
    /// The name or e-mail address under which the person is probably known at the provider.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 320))]
    pub login_hint: Option<Personal>,
}

/// A request to link an identity at a provider, as sent. The members are those of [`AuthorizationRequest`].
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkRequest {
    /// Where the code is sent: one of the redirect URIs of Doorward's own client, byte for byte.
    #[cfg_attr(feature = "openapi", schema(max_length = 2048))]
    pub redirect_uri: String,
    /// A value of the client, which is returned as it is. Without it, Doorward chooses one.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 1000))]
    pub state: Option<Personal>,
    /// The SHA-256 of the code verifier, in base64url (RFC 7636 §4.2).
    #[cfg_attr(feature = "openapi", schema(pattern = "^[A-Za-z0-9_-]{43}$"))]
    pub code_challenge: String,
    /// The method of the code challenge: `S256`.
    #[cfg_attr(feature = "openapi", schema(pattern = "^S256$"))]
    pub code_challenge_method: String,
}

/// What an attempt is bound to, besides the client.
#[derive(Debug, Clone)]
pub enum Binding {
    /// Nothing else: a client without a browser begins it.
    Unbound,
    /// The browser that begins it, with the cookie that it has from an earlier attempt. Several attempts of a browser
    /// share one cookie, so that its tabs don't disturb each other.
    Browser(Option<Secret>),
}

/// Where to send the person.
#[derive(Debug, Clone)]
pub struct BegunAuthorization {
    /// The URL of the provider.
    pub url: String,
    /// The `state` that the client gets back with the code.
    pub state: String,
    /// How long the person may take.
    pub expires_in: Duration,
    /// The value of the cookie that binds the attempt to the browser, if it is bound to one.
    pub browser: Option<Secret>,
}

/// The answer of a provider, as it came (RFC 6749 §4.1.2, RFC 9207 §2).
#[derive(Debug, Clone, Default)]
pub struct ProviderAnswer {
    /// `state`
    pub state: Option<Secret>,
    /// `code`
    pub code: Option<Secret>,
    /// `iss`
    pub issuer: Option<String>,
    /// `error`
    pub error: Option<String>,
}

/// Where the client expects the result.
#[derive(Debug)]
pub struct FinishedAuthorization {
    /// Its redirect URI.
    pub redirect_uri: String,
    /// Its `state`.
    pub state: Option<String>,
    /// The code; or why there is none.
    pub outcome: std::result::Result<Secret, AuthorizationRefusal>,
}

/// Why a client gets no code (RFC 6749 §4.1.2.1).
#[derive(Debug)]
pub struct AuthorizationRefusal {
    /// The error code of OAuth.
    pub error: &'static str,
    /// The reason, for people.
    pub description: &'static str,
    /// The stable name of the reason, as in the audit log.
    pub reason: &'static str,
    /// The fault of the provider: for the log, never for the client.
    pub source: Option<ProviderFault>,
}

/// Signing in with a provider: begun by a client, answered by the provider, redeemed by the client at the token endpoint.
#[async_trait]
pub trait Providers: Send + Sync {
    /// The ways to sign in: the password first, and then the enabled providers, in order.
    async fn offered(&self, caller: &Caller) -> Result<Vec<OfferedProvider>>;

    /// Begins a sign-in.
    ///
    /// # Errors
    /// `validation_failed` for a redirect URI that the client has not registered, for example; `provider_not_found`;
    /// `provider_unavailable`.
    async fn begin(
        &self,
        caller: &Caller,
        request: AuthorizationRequest,
        binding: Binding,
    ) -> Result<BegunAuthorization>;

    /// Takes the answer of the provider. It is taken once.
    ///
    /// # Errors
    /// `invalid_state` if no client waits for it: it is not known, too old, was taken before, belongs to another
    /// provider, or comes from another browser.
    async fn finish(
        &self,
        caller: &Caller,
        provider: &str,
        answer: ProviderAnswer,
        browser: Option<Secret>,
    ) -> Result<FinishedAuthorization>;

    /// Ends the sessions that began with a session of the provider, which has ended there (OpenID Connect Back-Channel
    /// Logout 1.0). If the token names no session, it is all sessions that the provider has begun for this person. A token
    /// is used once.
    ///
    /// # Errors
    /// `invalid_logout_token`; `provider_not_found`; `provider_unavailable` if the token can't be verified at the moment.
    async fn end_sessions(&self, caller: &Caller, provider: &str, logout_token: Secret) -> Result<()>;
}

/// A code, as a client redeems it (RFC 6749 §4.1.3, RFC 7636 §4.5).
#[derive(Debug, Clone)]
pub struct CodeGrant {
    /// The code.
    pub code: Secret,
    /// The verifier of the challenge.
    pub code_verifier: Secret,
    /// The redirect URI to which the code was sent.
    pub redirect_uri: String,
}

/// What proves an identity that is to be linked.
#[derive(Debug, Clone)]
pub enum LinkProof {
    /// The code of an attempt that the owner of the account has begun for this.
    Code(CodeGrant),
    /// The `link_token` of a sign-in that found an account with the same e-mail address.
    Token(Secret),
}

/// The refusal of a sign-in whose identity is not linked yet, although there is an account with its e-mail address.
#[derive(Debug, Clone)]
pub struct LinkRequired {
    /// The token with which the owner of the account links the identity, after a sign-in.
    pub link_token: Secret,
    /// How long it can be used.
    pub expires_in: Duration,
}

/// The identities at providers that sign in to the caller's account.
#[async_trait]
pub trait Identities: Send + Sync {
    /// All of them, oldest first.
    async fn own(&self, caller: &Caller) -> Result<Vec<Identity>>;

    /// Begins to link another one. The link is made when the caller redeems the code.
    ///
    /// # Errors
    /// As [`Providers::begin`].
    async fn begin_link(&self, caller: &Caller, provider: &str, request: LinkRequest) -> Result<BegunAuthorization>;

    /// Links an identity.
    ///
    /// # Errors
    /// `invalid_grant` if the code or the token does not prove one to this caller; `identity_in_use` if it is linked to
    /// another account.
    async fn link(&self, caller: &Caller, proof: LinkProof) -> Result<Identity>;

    /// Unlinks an identity, and ends the sessions that it has made.
    ///
    /// # Errors
    /// `identity_not_found`; `last_credential` if the account could not be signed in to any more.
    async fn unlink(&self, caller: &Caller, id: IdentityId) -> Result<()>;
}

impl From<LinkRequired> for Error {
    fn from(required: LinkRequired) -> Self {
        Self {
            link: Some(Box::new(required)),
            ..Self::new(
                crate::ErrorCode::LinkRequired,
                "There is an account with this e-mail address. Sign in to it in the way you did before, and then link this provider with the link_token.",
            )
        }
    }
}
