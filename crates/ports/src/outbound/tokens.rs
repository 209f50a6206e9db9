use doorward_domain::{
    AssuranceLevel, Authentications, Client, ClientId, Email, GrantId, PermissionSet, RoleName, SessionId, Timestamp,
    TokenId, UserId,
};
use std::collections::BTreeSet;

/// The largest length of a token, for issuing and for reading. With its name it fits into a cookie, which browsers
/// limit to 4,096 bytes (RFC 6265bis §5.5).
pub const LONGEST_TOKEN_BYTES: usize = 4_000;

/// The claims of both tokens of a pair about their session.
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
    /// `roles`, if there is room for them.
    pub roles: BTreeSet<RoleName>,
    /// `permissions`, in the access token only, if there is room for them.
    pub permissions: PermissionSet,
}

/// The claims of a client app's own token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientSubject {
    /// `sub` and `client_id`.
    pub client: ClientId,
    /// `grant_id`.
    pub grant: GrantId,
    /// `roles`, if there is room for them.
    pub roles: BTreeSet<RoleName>,
    /// `permissions`, if there is room for them.
    pub permissions: PermissionSet,
}

/// The holder of an access token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccessHolder {
    /// An account, with a session.
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
    /// A client app: its `sub` is its `client_id`.
    Client {
        /// `grant_id`.
        grant: GrantId,
    },
}

/// The claims of an accepted access token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessClaims {
    /// `jti`.
    pub token: TokenId,
    /// `sub`, and the session or grant of the token.
    pub holder: AccessHolder,
    /// `client_id`.
    pub client: Client,
    /// `iat` and `nbf`.
    pub issued_at: Timestamp,
    /// `exp`.
    pub expires_at: Timestamp,
}

/// The claims of an accepted refresh token.
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

/// The issuer and the audiences, which are the same for all accepted tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenNames {
    /// `iss`.
    pub issuer: String,
    /// `aud` of access tokens.
    pub access_audience: String,
    /// `aud` of refresh tokens.
    pub refresh_audience: String,
}

/// A token was not accepted. The text is only for the log, and never from the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token was not accepted: {0}")]
pub struct TokenRefused(pub &'static str);

/// The public keys that verify tokens: a JWK set (RFC 7517 §5), as JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct PublicKeys(pub serde_json::Value);

/// Signs and verifies tokens: JWTs (RFC 7519), as described in the documentation of tokens.
///
/// It verifies the signature, key, algorithm, type, issuer, audience and all times; a token of one type is never
/// accepted for the other.
///
/// Every signed token can be verified: no token is longer than [`LONGEST_TOKEN_BYTES`]. A token that would be longer
/// omits `permissions`, and if that is not enough, `roles` too.
pub trait TokenSigner: Send + Sync {
    /// An access token (RFC 9068).
    ///
    /// # Errors
    /// If signing fails, which is an internal error.
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
    /// If signing fails, which is an internal error.
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
    /// If signing fails, which is an internal error.
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
    /// If Doorward has not issued it, or it is not valid at `now`.
    fn verify_access(&self, token: &str, now: Timestamp) -> Result<AccessClaims, TokenRefused>;

    /// Accepts a refresh token.
    ///
    /// # Errors
    /// If Doorward has not issued it, or it is not valid at `now`.
    fn verify_refresh(&self, token: &str, now: Timestamp) -> Result<RefreshClaims, TokenRefused>;

    /// What all tokens state about this service.
    fn names(&self) -> TokenNames;

    /// The public keys.
    fn public_keys(&self) -> PublicKeys;
}
