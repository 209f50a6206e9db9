use super::{ProvenClient, TokenPair};
use crate::{Caller, Result, Secret};
use async_trait::async_trait;
use doorward_domain::{Client, PermissionSet, RoleName, SessionId, Timestamp, TokenId, UserId};
use std::collections::BTreeSet;
use std::time::Duration;

/// How a program says, and maybe proves, which client it is (RFC 6749 §2.3).
#[derive(Debug, Clone)]
pub struct ClientCredentials {
    /// Its `client_id`.
    pub id: String,
    /// Its secret; a public client has none.
    pub secret: Option<Secret>,
}

impl ClientCredentials {
    /// Those of Doorward's own sign-in, for requests that name no client.
    #[must_use]
    pub fn built_in() -> Self {
        Self { id: Client::doorward().as_str().to_owned(), secret: None }
    }
}

/// A refresh token to be exchanged (RFC 6749 §6).
#[derive(Debug, Clone)]
pub struct RefreshGrant {
    /// The token.
    pub token: Secret,
    /// The scope that is asked for.
    pub scope: Option<String>,
}

impl From<Secret> for RefreshGrant {
    fn from(token: Secret) -> Self {
        Self { token, scope: None }
    }
}

/// A token that a client app got on its own account. There is none to refresh it with (RFC 6749 §4.4.3).
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceToken {
    /// Shown with every request.
    pub access_token: Secret,
    /// How long it lives.
    pub expires_in: Duration,
}

/// On whose behalf a token was issued, as of now.
#[derive(Debug, Clone, PartialEq)]
pub enum TokenHolder {
    /// An account's, through a session.
    User {
        /// The account.
        user: UserId,
        /// Its username, or else its address.
        username: String,
        /// The session.
        session: SessionId,
    },
    /// The client app's own.
    Client,
}

/// Which of a pair a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenUse {
    /// An access token.
    Access,
    /// A refresh token.
    Refresh,
}

/// What is told of a token that is good (RFC 7662 §2.2). Roles and permissions are those of now.
#[derive(Debug, Clone, PartialEq)]
pub struct Introspection {
    /// Which of a pair it is.
    pub token_use: TokenUse,
    /// `jti`.
    pub token: TokenId,
    /// `client_id`.
    pub client: Client,
    /// On whose behalf.
    pub holder: TokenHolder,
    /// `iss`.
    pub issuer: String,
    /// `aud`.
    pub audience: String,
    /// `iat` and `nbf`.
    pub issued_at: Timestamp,
    /// `exp`.
    pub expires_at: Timestamp,
    /// What the holder is.
    pub roles: BTreeSet<RoleName>,
    /// What the holder may do; nothing by a refresh token.
    pub permissions: PermissionSet,
}

/// Tokens as OAuth clients deal with them, once [`Admission`](super::Admission) has found out which client asks. No client
/// has a scope: what a token allows follows from the roles of its owner, and whoever asks for a scope is refused as
/// `invalid_scope`, with nothing spent.
#[async_trait]
pub trait ClientTokens: Send + Sync {
    /// Exchanges a refresh token for the next pair (RFC 6749 §6). It must be one of that client's.
    async fn refresh_as(&self, caller: &Caller, client: &Client, grant: RefreshGrant) -> Result<TokenPair>;

    /// Gives a confidential client app a token on its own account (RFC 6749 §4.4).
    ///
    /// # Errors
    /// `unauthorized_client` for a public one; `invalid_client` for one that was disabled meanwhile.
    async fn issue_to_client(
        &self,
        caller: &Caller,
        client: ProvenClient,
        scope: Option<String>,
    ) -> Result<ServiceToken>;

    /// What a token says, if it is good (RFC 7662).
    async fn introspect(&self, caller: &Caller, token: Secret) -> Result<Option<Introspection>>;

    /// Ends the session of either of its tokens (RFC 7009). One that is not ours, not that client's or not good any more
    /// is no error.
    ///
    /// # Errors
    /// `unsupported_token_type` for a client app's own token, which has no session.
    async fn revoke(&self, caller: &Caller, client: &Client, token: Secret) -> Result<()>;
}
