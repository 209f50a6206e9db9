use super::OwnData;
use crate::{Caller, Cursor, Limit, Page, Personal, Result, Secret, Versions};
use async_trait::async_trait;
use doorward_domain::{User, UserId};
use serde::{Deserialize, Deserializer};
use std::sync::Arc;

/// The input of a registration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Registration {
    /// The e-mail address, with which the owner signs in.
    #[cfg_attr(feature = "openapi", schema(value_type = String, max_length = 254, examples("ann@example.com")))]
    pub email: Personal,
    /// The new password: at least 12 characters, unless the operator requires another number. It must not be easy to guess.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Password, min_length = 8, max_length = 128, write_only, examples("copper-violin-marsh-42")))]
    pub password: Secret,
    /// The username, with which the owner can sign in instead of the e-mail address. It is folded to lower case.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, min_length = 2, max_length = 63, examples("ann")))]
    pub username: Option<Personal>,
    /// The full name of the owner.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, min_length = 1, max_length = 200))]
    pub full_name: Option<Personal>,
    /// The language of the owner (BCP 47).
    #[cfg_attr(feature = "openapi", schema(min_length = 2, max_length = 35, examples("en-GB")))]
    pub locale: Option<String>,
}

/// The result of a registration.
#[derive(Debug, Clone, PartialEq)]
pub enum Registered {
    /// The account was created.
    Created(Box<User>),
    /// The answer does not tell whether the account was created. A mail tells the owner of the address.
    Accepted,
}

/// An account that an administrator creates.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewAccount {
    /// The e-mail address.
    #[cfg_attr(feature = "openapi", schema(value_type = String, max_length = 254, examples("bob@example.com")))]
    pub email: Personal,
    /// Whether the e-mail address is verified.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(default = false))]
    pub email_verified: bool,
    /// The password. Without one, nobody can sign in with a password until one is set: the owner is invited to do so.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Password, min_length = 8, max_length = 128, write_only))]
    pub password: Option<Secret>,
    /// Whether the owner must choose another password after the first sign-in; a session can do nothing else before. Not for
    /// an account without a password.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(default = false))]
    pub must_change_password: bool,
    /// Whether the owner of an account without a password gets a mail with a link to set one. `false` for people who sign in
    /// with a provider. Without effect on an account that has a password or is disabled, and if Doorward sends no mails.
    #[serde(default = "enabled")]
    #[cfg_attr(feature = "openapi", schema(default = true))]
    pub invite: bool,
    /// The username, with which the owner can sign in instead of the e-mail address. It is folded to lower case.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, min_length = 2, max_length = 63))]
    pub username: Option<Personal>,
    /// The full name of the owner.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, min_length = 1, max_length = 200))]
    pub full_name: Option<Personal>,
    /// The language of the owner (BCP 47).
    #[cfg_attr(feature = "openapi", schema(min_length = 2, max_length = 35))]
    pub locale: Option<String>,
    /// Roles in addition to `user`, which every account has.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub roles: Vec<String>,
    /// Whether the account is enabled.
    #[serde(default = "enabled")]
    #[cfg_attr(feature = "openapi", schema(default = true))]
    pub is_active: bool,
    /// The id of the account in the system that it comes from.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, min_length = 1, max_length = 200))]
    pub external_id: Option<Personal>,
}

const fn enabled() -> bool {
    true
}

/// What is to become of a property that may be empty. Read by `serde` with `#[serde(default)]`, what is absent stays, and
/// what is `null` becomes empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Change<T> {
    /// Keep the value.
    #[default]
    Keep,
    /// Remove the value.
    Clear,
    /// Set this value.
    Set(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Change<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

/// For a property that may be absent and not `null`: `#[serde(default, deserialize_with = "given")]`.
///
/// # Errors
/// The deserializer's own.
pub fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// What owners may change of their own account. An absent property does not change; `null` removes its value.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ProfilePatch))]
pub struct ProfileChange {
    /// The username, with which the owner can sign in instead of the e-mail address. It is folded to lower case.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, min_length = 2, max_length = 63))]
    pub username: Change<Personal>,
    /// The full name of the owner.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, min_length = 1, max_length = 200))]
    pub full_name: Change<Personal>,
    /// The language of the owner (BCP 47).
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, min_length = 2, max_length = 35))]
    pub locale: Change<String>,
}

/// What an administrator may change of an account.
#[derive(Debug, Clone, Default)]
pub struct AccountChange {
    /// The e-mail address; a new one is unverified unless stated otherwise.
    pub email: Option<Personal>,
    /// Whether the e-mail address is verified.
    pub email_verified: Option<bool>,
    /// Whether the account is enabled; `false` ends its sessions.
    pub is_active: Option<bool>,
    /// Whether the owner must choose another password. The account must have one.
    pub must_change_password: Option<bool>,
    /// The id of the account in the system that it comes from.
    pub external_id: Change<Personal>,
    /// The properties that the owner could change as well.
    pub profile: ProfileChange,
}

/// A change of the caller's own password.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasswordChange {
    /// The current password.
    #[serde(rename = "current_password")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Password, max_length = 1024, write_only))]
    pub current: Secret,
    /// The new password: at least 12 characters, unless the operator requires another number. It must not be easy to guess.
    #[serde(rename = "new_password")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Password, min_length = 8, max_length = 128, write_only))]
    pub new: Secret,
}

/// The filters and the order of a list of accounts, as typed.
#[derive(Debug, Clone, Default)]
pub struct UserQuery {
    /// Only the account with this e-mail address.
    pub email: Option<Personal>,
    /// Only the account with this username.
    pub username: Option<Personal>,
    /// Only accounts with a word of their name, username or e-mail address that begins with this text, sorted by what
    /// was found: no other `sort` is allowed.
    pub search: Option<Personal>,
    /// Only enabled accounts, or only disabled ones.
    pub is_active: Option<bool>,
    /// Only accounts with this role.
    pub role: Option<String>,
    /// `created_at` (the default, newest first) or `email`; a leading `-` reverses the order.
    pub sort: Option<String>,
    /// Where the page begins.
    pub cursor: Option<Cursor>,
    /// The number of accounts on a page.
    pub limit: Limit,
}

/// Accounts: the caller's own and, for administrators, all accounts.
///
/// A change with versions is refused with `version_mismatch`, and nothing is changed, if the account no longer has one
/// of them.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Registers an account.
    async fn register(&self, caller: &Caller, registration: Registration) -> Result<Registered>;
    /// Returns the caller's account.
    async fn own(&self, caller: &Caller) -> Result<Arc<User>>;
    /// Changes the caller's account.
    async fn change_own(&self, caller: &Caller, change: ProfileChange, versions: Option<Versions>) -> Result<User>;
    /// Reads all data about the caller. This is itself an act of the audit log.
    async fn export_own(&self, caller: &Caller) -> Result<OwnData>;
    /// Deletes the caller's account.
    async fn delete_own(&self, caller: &Caller) -> Result<()>;
    /// Changes the caller's password and ends all other sessions of the account.
    async fn change_own_password(&self, caller: &Caller, change: PasswordChange) -> Result<()>;
    /// Lists accounts.
    async fn list(&self, caller: &Caller, query: UserQuery) -> Result<Page<User>>;
    /// Creates an account for somebody else.
    async fn create(&self, caller: &Caller, account: NewAccount) -> Result<User>;
    /// Returns an account.
    async fn get(&self, caller: &Caller, id: UserId) -> Result<Arc<User>>;
    /// Returns the account with this id, e-mail address or username.
    async fn find(&self, caller: &Caller, name: &str) -> Result<User>;
    /// Changes an account.
    async fn change(
        &self,
        caller: &Caller,
        id: UserId,
        change: AccountChange,
        versions: Option<Versions>,
    ) -> Result<User>;
    /// Deletes an account.
    async fn delete(&self, caller: &Caller, id: UserId) -> Result<()>;
    /// Sets the password of an account and ends its sessions.
    async fn set_password(&self, caller: &Caller, id: UserId, password: Secret) -> Result<()>;
    /// [`Self::set_password`], with one that the owner must replace after the next sign-in.
    async fn set_temporary_password(&self, caller: &Caller, id: UserId, password: Secret) -> Result<()>;
    /// Unlocks an account that wrong passwords have locked.
    async fn unlock(&self, caller: &Caller, id: UserId) -> Result<()>;
    /// Sends the owner of an account without a password a link to set one. An earlier link works no more.
    ///
    /// # Errors
    /// `user_not_invitable` if the account has a password or is disabled, `mail_disabled` if Doorward sends no mails,
    /// `rate_limited` if this address has been sent too many invitations.
    async fn invite(&self, caller: &Caller, id: UserId) -> Result<()>;
    /// Grants a role; no error if the account already has it.
    async fn grant_role(&self, caller: &Caller, id: UserId, role: &str) -> Result<User>;
    /// Revokes a role; no error if the account does not have it.
    async fn revoke_role(&self, caller: &Caller, id: UserId, role: &str) -> Result<User>;
}
