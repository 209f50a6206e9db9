use crate::{Caller, Cursor, Limit, Page, Result, Secret, Versions};
use async_trait::async_trait;
use doorward_domain::{User, UserId};
use serde::{Deserialize, Deserializer};
use std::sync::Arc;

/// What somebody who registers tells of himself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Registration {
    /// The address; the account's first name to sign in with.
    #[cfg_attr(feature = "openapi", schema(max_length = 254, examples("ann@example.com")))]
    pub email: String,
    /// 12 characters at least, unless the operator asks for another number; not easily guessed.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Password, min_length = 8, max_length = 128, write_only, examples("copper-violin-marsh-42")))]
    pub password: Secret,
    /// A second name to sign in with; folded to lower case.
    #[cfg_attr(feature = "openapi", schema(min_length = 2, max_length = 63, examples("ann")))]
    pub username: Option<String>,
    /// What people call the owner.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub full_name: Option<String>,
    /// The language the owner reads (BCP 47).
    #[cfg_attr(feature = "openapi", schema(min_length = 2, max_length = 35, examples("en-GB")))]
    pub locale: Option<String>,
}

/// What came of a registration.
#[derive(Debug, Clone, PartialEq)]
pub enum Registered {
    /// The account was made.
    Created(Box<User>),
    /// Whether it was made is not told here. The owner of the address is to be told by mail, which is yet to come.
    Accepted,
}

/// An account that an administrator makes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewAccount {
    /// The address.
    #[cfg_attr(feature = "openapi", schema(max_length = 254, examples("bob@example.com")))]
    pub email: String,
    /// Whether the address is known to be the owner's.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(default = false))]
    pub email_verified: bool,
    /// Without one, nobody can sign in by password until one is set.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Password, min_length = 8, max_length = 128, write_only))]
    pub password: Option<Secret>,
    /// A second name to sign in with; folded to lower case.
    #[cfg_attr(feature = "openapi", schema(min_length = 2, max_length = 63))]
    pub username: Option<String>,
    /// What people call the owner.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub full_name: Option<String>,
    /// The language the owner reads (BCP 47).
    #[cfg_attr(feature = "openapi", schema(min_length = 2, max_length = 35))]
    pub locale: Option<String>,
    /// Roles besides `user`, which everybody has.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub roles: Vec<String>,
    /// Whether it may sign in.
    #[serde(default = "enabled")]
    #[cfg_attr(feature = "openapi", schema(default = true))]
    pub is_active: bool,
    /// Its name in another system.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub external_id: Option<String>,
}

const fn enabled() -> bool {
    true
}

/// What is to become of a property that may be empty. Read by `serde` with `#[serde(default)]`, what is absent stays, and
/// what is `null` becomes empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Change<T> {
    /// It stays.
    #[default]
    Keep,
    /// It becomes empty.
    Clear,
    /// It becomes this.
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

/// What an owner changes of his account; what is absent stays, what is `null` becomes empty.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ProfilePatch))]
pub struct ProfileChange {
    /// A second name to sign in with; folded to lower case.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, min_length = 2, max_length = 63))]
    pub username: Change<String>,
    /// What people call the owner.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, min_length = 1, max_length = 200))]
    pub full_name: Change<String>,
    /// The language the owner reads (BCP 47).
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, min_length = 2, max_length = 35))]
    pub locale: Change<String>,
}

/// What an administrator may change of an account.
#[derive(Debug, Clone, Default)]
pub struct AccountChange {
    /// The address; a new one counts as unverified unless said otherwise.
    pub email: Option<String>,
    /// Whether the address is known to be the owner's.
    pub email_verified: Option<bool>,
    /// Whether the account may sign in; `false` ends its sessions.
    pub is_active: Option<bool>,
    /// Its name in another system.
    pub external_id: Change<String>,
    /// What its owner might change as well.
    pub profile: ProfileChange,
}

/// A change of one's own password.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasswordChange {
    /// The present password.
    #[serde(rename = "current_password")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Password, max_length = 1024, write_only))]
    pub current: Secret,
    /// 12 characters at least, unless the operator asks for another number; not easily guessed.
    #[serde(rename = "new_password")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Password, min_length = 8, max_length = 128, write_only))]
    pub new: Secret,
}

/// Which accounts to list, as asked.
#[derive(Debug, Clone, Default)]
pub struct UserQuery {
    /// Of this address.
    pub email: Option<String>,
    /// Of this username.
    pub username: Option<String>,
    /// Of whose name, username or address a word begins so, in the order of what is found: with no other `sort`.
    pub search: Option<String>,
    /// Enabled, or disabled.
    pub is_active: Option<bool>,
    /// Who hold this role.
    pub role: Option<String>,
    /// `created_at` (the default, newest first) or `email`; a leading `-` turns it round.
    pub sort: Option<String>,
    /// Where the page begins.
    pub cursor: Option<Cursor>,
    /// How many.
    pub limit: Limit,
}

/// Accounts: one's own, and for administrators everybody's.
///
/// Where versions may be given and the account has none of them any more, nothing is done and the answer is
/// `version_mismatch`.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Makes an account for somebody who comes by himself.
    async fn register(&self, caller: &Caller, registration: Registration) -> Result<Registered>;
    /// The caller's account.
    async fn own(&self, caller: &Caller) -> Result<Arc<User>>;
    /// Changes the caller's account.
    async fn change_own(&self, caller: &Caller, change: ProfileChange, versions: Option<Versions>) -> Result<User>;
    /// Deletes the caller's account.
    async fn delete_own(&self, caller: &Caller) -> Result<()>;
    /// Changes the caller's password and ends every other session of his.
    async fn change_own_password(&self, caller: &Caller, change: PasswordChange) -> Result<()>;
    /// Lists accounts.
    async fn list(&self, caller: &Caller, query: UserQuery) -> Result<Page<User>>;
    /// Makes an account for somebody else.
    async fn create(&self, caller: &Caller, account: NewAccount) -> Result<User>;
    /// One account.
    async fn get(&self, caller: &Caller, id: UserId) -> Result<Arc<User>>;
    /// One account by id, address or username, as a person would name it.
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
    /// Sets somebody's password and ends all his sessions.
    async fn set_password(&self, caller: &Caller, id: UserId, password: Secret) -> Result<()>;
    /// Lifts what wrong passwords have locked.
    async fn unlock(&self, caller: &Caller, id: UserId) -> Result<()>;
    /// Gives a role; giving it twice is no error.
    async fn grant_role(&self, caller: &Caller, id: UserId, role: &str) -> Result<User>;
    /// Takes a role; taking what is not there is no error.
    async fn revoke_role(&self, caller: &Caller, id: UserId, role: &str) -> Result<User>;
}
