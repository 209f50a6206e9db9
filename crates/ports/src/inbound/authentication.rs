use crate::{Caller, Result, Secret};
use async_trait::async_trait;
use doorward_domain::{RoleName, SessionId, UserId};
use std::collections::BTreeSet;
use std::time::Duration;

/// A sign-in by password, as typed.
#[derive(Debug, Clone)]
pub struct PasswordSignIn {
    /// An address or a username, in any case.
    pub identifier: String,
    /// The password.
    pub password: Secret,
}

/// What a sign-in or a refresh gives.
#[derive(Debug, Clone, PartialEq)]
pub struct TokenPair {
    /// Shown with every request.
    pub access_token: Secret,
    /// How long the access token lives.
    pub expires_in: Duration,
    /// Exchanged for the next pair.
    pub refresh_token: Secret,
    /// How long the refresh token lives.
    pub refresh_expires_in: Duration,
    /// The session.
    pub session: SessionId,
    /// The account.
    pub user: UserId,
    /// Whether the account signs in for the first time; never so in a refresh.
    pub is_new_user: bool,
}

/// Who is let through to an app behind Doorward.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedCaller {
    /// The account's id; for a client app on its own account, the app's.
    pub who: String,
    /// The roles that they hold now.
    pub roles: BTreeSet<RoleName>,
    /// Their session; a client app has none.
    pub session: Option<SessionId>,
}

/// Signing in and out.
#[async_trait]
pub trait Authentication: Send + Sync {
    /// Signs in by password. An unknown account, a wrong password and a locked account are answered alike.
    async fn sign_in(&self, caller: &Caller, sign_in: PasswordSignIn) -> Result<TokenPair>;
    /// Has the owner of a session prove again who they are, by their password: the tokens that come of it are the same
    /// session's, with a new `auth_time`. A wrong password is counted, and locks, as at a sign-in.
    ///
    /// # Errors
    /// `wrong_password` when it is wrong or the account is locked; a lock adds when to come back.
    async fn reauthenticate(&self, caller: &Caller, password: Secret) -> Result<TokenPair>;
    /// Exchanges a refresh token for the next pair.
    async fn refresh(&self, caller: &Caller, refresh_token: Secret) -> Result<TokenPair>;
    /// Who calls, for an app behind Doorward that needs all of these permissions.
    ///
    /// # Errors
    /// `permission_denied` when they lack one of them, `validation_failed` when one can't be a permission's name.
    fn check_access(&self, caller: &Caller, permissions: &[String]) -> Result<CheckedCaller>;
    /// Ends the session of the refresh token, or else of the caller. An ended session is no error.
    async fn sign_out(&self, caller: &Caller, refresh_token: Option<Secret>) -> Result<()>;
}
