use super::{CodeGrant, ProvenClient, TokenPair};
use crate::{Caller, Personal, Result, Secret};
use async_trait::async_trait;
use doorward_domain::{Client, PermissionSet, RoleName, SessionId, Timestamp, TokenId, UserId};
use std::collections::BTreeSet;
use std::time::Duration;

/// The credentials of a client (RFC 6749 §2.3).
#[derive(Debug, Clone)]
pub struct ClientCredentials {
    /// Its `client_id`; or what somebody typed there, such as an e-mail address.
    pub id: Personal,
    /// Its secret; a public client has none.
    pub secret: Option<Secret>,
}

impl ClientCredentials {
    /// The built-in client, for requests without a client.
    #[must_use]
    pub fn built_in() -> Self {
        Self { id: Client::doorward().as_str().into(), secret: None }
    }
}

/// The exchange of a refresh token (RFC 6749 §6).
#[derive(Debug, Clone)]
pub struct RefreshGrant {
    /// The token.
    pub token: Secret,
    /// The requested scope.
    pub scope: Option<String>,
}

impl From<Secret> for RefreshGrant {
    fn from(token: Secret) -> Self {
        Self { token, scope: None }
    }
}

/// A client app's own token. It has no refresh token (RFC 6749 §4.4.3).
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceToken {
    /// The token for requests.
    pub access_token: Secret,
    /// Its lifetime.
    pub expires_in: Duration,
}

/// The current holder of a token.
#[derive(Debug, Clone, PartialEq)]
pub enum TokenHolder {
    /// An account, with a session.
    User {
        /// The account.
        user: UserId,
        /// Its username, or otherwise its e-mail address.
        username: Personal,
        /// The session.
        session: SessionId,
    },
    /// A client app.
    Client,
}

/// The type of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenUse {
    /// An access token.
    Access,
    /// A refresh token.
    Refresh,
}

/// The answer to the introspection of a valid token (RFC 7662 §2.2). Roles and permissions are the current ones.
#[derive(Debug, Clone, PartialEq)]
pub struct Introspection {
    /// The type of the token.
    pub token_use: TokenUse,
    /// `jti`.
    pub token: TokenId,
    /// `client_id`.
    pub client: Client,
    /// The holder of the token.
    pub holder: TokenHolder,
    /// `iss`.
    pub issuer: String,
    /// `aud`.
    pub audience: String,
    /// `iat` and `nbf`.
    pub issued_at: Timestamp,
    /// `exp`.
    pub expires_at: Timestamp,
    /// The holder's roles.
    pub roles: BTreeSet<RoleName>,
    /// The holder's permissions; empty for a refresh token.
    pub permissions: PermissionSet,
}

/// Tokens for OAuth clients, after [`Admission`](super::Admission) has identified the client. There are no scopes: the
/// roles of its holder decide what a token allows. A request for a scope is refused with `invalid_scope`, and spends
/// nothing.
#[async_trait]
pub trait ClientTokens: Send + Sync {
    /// Exchanges a refresh token for the next pair (RFC 6749 §6). It must have been issued to this client.
    async fn refresh_as(&self, caller: &Caller, client: &Client, grant: RefreshGrant) -> Result<TokenPair>;

    /// Redeems the code of a sign-in with a provider (RFC 6749 §4.1.3). Whatever comes of it, the code is spent; if it was
    /// spent before, the session that it has made ends.
    ///
    /// # Errors
    /// `invalid_grant` if it is not a code that this client may redeem; `link_required` if the identity is not linked and
    /// there is an account with its e-mail address; and what else prevents the account from signing in or registering.
    async fn redeem_code(
        &self,
        caller: &Caller,
        client: &Client,
        grant: CodeGrant,
        scope: Option<String>,
    ) -> Result<TokenPair>;

    /// Issues a confidential client app its own token (RFC 6749 §4.4).
    ///
    /// # Errors
    /// `unauthorized_client` for a public client; `invalid_client` for one that was disabled meanwhile.
    async fn issue_to_client(
        &self,
        caller: &Caller,
        client: ProvenClient,
        scope: Option<String>,
    ) -> Result<ServiceToken>;

    /// Introspects a token (RFC 7662).
    async fn introspect(&self, caller: &Caller, token: Secret) -> Result<Option<Introspection>>;

    /// Ends the session of one of its tokens (RFC 7009). No error for a token that Doorward has not issued, that
    /// belongs to another client, or that is no longer valid.
    ///
    /// # Errors
    /// `unsupported_token_type` for a client app's own token, which has no session.
    async fn revoke(&self, caller: &Caller, client: &Client, token: Secret) -> Result<()>;
}
