use super::FactorProof;
use crate::{Caller, Personal, Result, Secret};
use async_trait::async_trait;
use doorward_domain::{RoleName, SessionId, UserId};
use std::collections::BTreeSet;
use std::time::Duration;

/// A sign-in with a password, as typed.
#[derive(Debug, Clone)]
pub struct PasswordSignIn {
    /// An e-mail address or a username, in any case.
    pub identifier: Personal,
    /// The password.
    pub password: Secret,
}

/// How the owner of a session authenticates again.
#[derive(Debug, Clone)]
pub enum Reauthentication {
    /// With the password.
    Password(Secret),
    /// With a second factor.
    Factor(FactorProof),
}

/// The result of a sign-in or a refresh.
#[derive(Debug, Clone, PartialEq)]
pub struct TokenPair {
    /// The token for requests.
    pub access_token: Secret,
    /// The lifetime of the access token.
    pub expires_in: Duration,
    /// The token for the next pair of tokens.
    pub refresh_token: Secret,
    /// The lifetime of the refresh token.
    pub refresh_expires_in: Duration,
    /// The session.
    pub session: SessionId,
    /// The account.
    pub user: UserId,
    /// Whether this is the first sign-in to the account; always false for a refresh.
    pub is_new_user: bool,
}

/// The caller that forward-auth admits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedCaller {
    /// The id of the account; for a client app's own token, the id of the app.
    pub who: String,
    /// The current roles.
    pub roles: BTreeSet<RoleName>,
    /// The session; a client app has none.
    pub session: Option<SessionId>,
}

/// Signing in and out.
#[async_trait]
pub trait Authentication: Send + Sync {
    /// Signs in with a password. An unknown account, a wrong password and a locked account get the same answer.
    ///
    /// # Errors
    /// `mfa_required` if the password is right and the account has a second factor: the sign-in continues with
    /// [`SecondFactors::verify`](super::SecondFactors::verify).
    async fn sign_in(&self, caller: &Caller, sign_in: PasswordSignIn) -> Result<TokenPair>;
    /// Authenticates the owner of a session again, with their password or a second factor: the new tokens belong to the
    /// same session and have a new `auth_time`. A wrong password or code counts and locks as at a sign-in.
    ///
    /// # Errors
    /// `wrong_password` if it is wrong or the account is locked, `invalid_code` if the code proves nothing; a lock adds
    /// the time to wait.
    async fn reauthenticate(&self, caller: &Caller, proof: Reauthentication) -> Result<TokenPair>;
    /// Exchanges a refresh token for the next pair.
    async fn refresh(&self, caller: &Caller, refresh_token: Secret) -> Result<TokenPair>;
    /// Returns the caller, for an app behind a proxy that requires all of these permissions.
    ///
    /// # Errors
    /// `permission_denied` if the caller lacks one of them, `validation_failed` if one is not a possible permission.
    async fn check_access(&self, caller: &Caller, permissions: &[String]) -> Result<CheckedCaller>;
    /// Ends the session of the refresh token, or otherwise of the caller. No error if the session has already ended.
    async fn sign_out(&self, caller: &Caller, refresh_token: Option<Secret>) -> Result<()>;
    /// [`Self::sign_out`], for somebody who wants to sign out at the provider of the session too. Returns the URL to open in
    /// their browser for this (OpenID Connect RP-Initiated Logout 1.0); none if the session began with a password, or if the
    /// provider has no such URL or does not answer at the moment. From there the browser returns to `return_to`.
    ///
    /// # Errors
    /// Before the session ends: `validation_failed` if `return_to` is no redirect URI of the session's client.
    async fn sign_out_at_provider(
        &self,
        caller: &Caller,
        refresh_token: Option<Secret>,
        return_to: Option<String>,
    ) -> Result<Option<String>>;
}
