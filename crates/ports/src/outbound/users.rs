use super::{PasswordHash, StoreError};
use crate::{Direction, Personal};
use async_trait::async_trait;
use doorward_domain::{Email, Identifier, PermissionSet, RoleName, SearchKey, Timestamp, User, UserId, Username};

/// What a sign-in needs to know of an account before it is authenticated.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The account.
    pub user: UserId,
    /// The hash of its password, if it has one.
    pub password: Option<PasswordHash>,
}

/// The filters of a list of accounts, combined with "and".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// Only the account with this e-mail address.
    pub email: Option<Email>,
    /// Only the account with this username.
    pub username: Option<Username>,
    /// Only enabled accounts, or only disabled ones.
    pub is_active: Option<bool>,
    /// Only accounts with this role.
    pub role: Option<RoleName>,
}

/// The order of a list of accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserSort {
    /// The time of creation (by the id, which sorts by it).
    CreatedAt,
    /// The e-mail address, byte by byte.
    Email,
    /// Only accounts that this search finds, by the first of their keys that begins with it, byte by byte, then by the
    /// id; always ascending.
    Found(SearchKey),
}

/// The order of a list of accounts, and where the page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserOrder {
    /// The order, and the account after which the page begins.
    pub sort: UserSort,
    /// The direction.
    pub direction: Direction,
    /// The key of the last account of the previous page: its id for [`UserSort::CreatedAt`], its e-mail address for
    /// [`UserSort::Email`], and for [`UserSort::Found`] its id, a space and the key by which it was found.
    pub after: Option<Personal>,
}

/// Reads accounts.
#[async_trait]
pub trait UsersRead: Send {
    /// Returns the account with this id.
    async fn by_id(&mut self, id: UserId) -> Result<Option<User>, StoreError>;
    /// Returns the account with this id, and the permissions of all its roles, in one statement.
    async fn with_permissions(&mut self, id: UserId) -> Result<Option<(User, PermissionSet)>, StoreError>;
    /// Returns what a sign-in under this name needs. It costs the same whether there is such an account or not: one
    /// statement, and the reading of one row.
    async fn credentials(&mut self, identifier: &Identifier) -> Result<Option<Credentials>, StoreError>;
    /// Returns the hash of an account's password, if it has one.
    async fn password(&mut self, id: UserId) -> Result<Option<PasswordHash>, StoreError>;
    /// Returns at most `limit` accounts in this order. Costs the same for every page. A search is two statements: outside
    /// of a snapshot, an account that is deleted between them is left out.
    async fn list(&mut self, filter: &UserFilter, order: &UserOrder, limit: usize) -> Result<Vec<User>, StoreError>;
    /// Returns the number of enabled accounts with the role.
    async fn active_holders(&mut self, role: &RoleName) -> Result<u64, StoreError>;
    /// Whether there is any account.
    async fn any(&mut self) -> Result<bool, StoreError>;
}

/// Changes accounts.
#[async_trait]
pub trait Users: UsersRead {
    /// Adds an account with its roles. [`StoreError::Duplicate`] for an e-mail address or username that is taken.
    async fn insert(&mut self, user: &User, password: Option<&PasswordHash>) -> Result<(), StoreError>;
    /// Returns the account with this id, locked against changes until this work ends.
    async fn lock(&mut self, id: UserId) -> Result<Option<User>, StoreError>;
    /// Writes all properties except roles and last sign-in, and increases the version by one. The caller has the lock.
    /// [`StoreError::Duplicate`] for an e-mail address or username that is taken.
    async fn update(&mut self, user: &User) -> Result<(), StoreError>;
    /// Replaces the hash of the account's password.
    async fn set_password(&mut self, id: UserId, password: &PasswordHash) -> Result<(), StoreError>;
    /// Removes the hash of the account's password: nobody can sign in with one.
    async fn remove_password(&mut self, id: UserId) -> Result<(), StoreError>;
    /// Records the time of a sign-in. This is not a change of the account: its version stays the same.
    async fn note_sign_in(&mut self, id: UserId, at: Timestamp) -> Result<(), StoreError>;
    /// Deletes the account with all its data; false if there is none.
    async fn delete(&mut self, id: UserId) -> Result<bool, StoreError>;
    /// Grants the account a role, and increases its version by one; false if it already has it.
    async fn grant(&mut self, id: UserId, role: &RoleName, at: Timestamp) -> Result<bool, StoreError>;
    /// Revokes a role from the account, and increases its version by one; false if it does not have it.
    async fn revoke(&mut self, id: UserId, role: &RoleName, at: Timestamp) -> Result<bool, StoreError>;
}
