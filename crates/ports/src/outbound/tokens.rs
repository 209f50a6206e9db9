use doorward_domain::{
    AssuranceLevel, Authentications, Client, ClientId, Email, GrantId, PermissionSet, RoleName, SessionId, Timestamp,
    TokenId, UserId,
};
use std::collections::BTreeSet;

/// How long a token is at most. No longer one is issued, and none is looked at; with its name it fits into a cookie, which
/// browsers keep up to 4,096 bytes (RFC 6265bis §5.5).
pub const LONGEST_TOKEN_BYTES: usize = 4_000;

/// What both tokens of a pair say of the session they belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenSubject {
    /// `sub`.
    pub user: UserId,
    /// `sid`.
    pub session: SessionId,
    /// `client_id`.
    pub client: Client,
    /// `auth_time`, `amr`, `acr` and `provider`.
    pub authentications: Authentications,
    /// `email`.
    pub email: Email,
    /// `email_verified`.
    pub email_verified: bool,
    /// `roles`, where there is room for them.
    pub roles: BTreeSet<RoleName>,
    /// `permissions`, in the access token only, where there is room for them.
    pub permissions: PermissionSet,
}

/// What a client app's own token says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientSubject {
    /// `sub` and `client_id`.
    pub client: ClientId,
    /// `grant_id`.
    pub grant: GrantId,
    /// `roles`, where there is room for them.
    pub roles: BTreeSet<RoleName>,
    /// `permissions`, where there is room for them.
    pub permissions: PermissionSet,
}

/// Who an access token was issued to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccessHolder {
    /// An account, through a session.
    User {
        /// `sub`.
        user: UserId,
        /// `sid`.
        session: SessionId,
        /// `auth_time`.
        authenticated_at: Timestamp,
        /// `acr`.
        level: AssuranceLevel,
    },
    /// The client app itself: its `sub` is its `client_id`.
    Client {
        /// `grant_id`.
        grant: GrantId,
    },
}

/// What an access token that was accepted says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessClaims {
    /// `jti`.
    pub token: TokenId,
    /// `sub`, and what the token hangs on.
    pub holder: AccessHolder,
    /// `client_id`.
    pub client: Client,
    /// `iat` and `nbf`.
    pub issued_at: Timestamp,
    /// `exp`.
    pub expires_at: Timestamp,
}

/// What a refresh token that was accepted says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshClaims {
    /// `jti`.
    pub token: TokenId,
    /// `sub`.
    pub user: UserId,
    /// `sid`.
    pub session: SessionId,
    /// `client_id`.
    pub client: Client,
    /// `iat` and `nbf`.
    pub issued_at: Timestamp,
    /// `exp`.
    pub expires_at: Timestamp,
}

/// Whom tokens come from and whom they are for: the same for all that are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenNames {
    /// `iss`.
    pub issuer: String,
    /// `aud` of access tokens.
    pub access_audience: String,
    /// `aud` of refresh tokens.
    pub refresh_audience: String,
}

/// A token was not accepted. Why is told to nobody; the text is for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the token was not accepted: {0}")]
pub struct TokenRefused(pub String);

/// The keys that others verify our tokens with: a JWK set (RFC 7517 §5), as JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct PublicKeys(pub serde_json::Value);

/// Signs and verifies our tokens: JWTs (RFC 7519) as the documentation of tokens says.
///
/// Verifying checks signature, key, algorithm, type, issuer, audience and all times; a token of one type is never accepted
/// for the other.
///
/// What is signed is verified: no token is longer than [`LONGEST_TOKEN_BYTES`]. Where it would be, it leaves out
/// `permissions`, and where that is not enough, `roles` too.
pub trait TokenSigner: Send + Sync {
    /// An access token (RFC 9068).
    ///
    /// # Errors
    /// When signing fails, which is a fault of ours.
    fn access(
        &self,
        subject: &TokenSubject,
        token: TokenId,
        issued_at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<String, TokenRefused>;

    /// A client app's own access token.
    ///
    /// # Errors
    /// When signing fails, which is a fault of ours.
    fn client_access(
        &self,
        subject: &ClientSubject,
        token: TokenId,
        issued_at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<String, TokenRefused>;

    /// A refresh token.
    ///
    /// # Errors
    /// When signing fails, which is a fault of ours.
    fn refresh(
        &self,
        subject: &TokenSubject,
        token: TokenId,
        issued_at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<String, TokenRefused>;

    /// Accepts an access token.
    ///
    /// # Errors
    /// When it is not one of ours, or not valid at `now`.
    fn verify_access(&self, token: &str, now: Timestamp) -> Result<AccessClaims, TokenRefused>;

    /// Accepts a refresh token.
    ///
    /// # Errors
    /// When it is not one of ours, or not valid at `now`.
    fn verify_refresh(&self, token: &str, now: Timestamp) -> Result<RefreshClaims, TokenRefused>;

    /// What every token says of this service.
    fn names(&self) -> TokenNames;

    /// The keys for others.
    fn public_keys(&self) -> PublicKeys;
}
