use super::{PasswordHash, StoreError};
use crate::Direction;
use async_trait::async_trait;
use doorward_domain::{Email, Identifier, PermissionSet, RoleName, SearchKey, Timestamp, User, UserId, Username};

/// What a sign-in needs to know of an account before it is believed.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The account.
    pub user: UserId,
    /// The digest of its password, if it has one.
    pub password: Option<PasswordHash>,
}

/// Which accounts a list shows. Conditions are joined by "and".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// Of this address.
    pub email: Option<Email>,
    /// Of this username.
    pub username: Option<Username>,
    /// Enabled, or disabled.
    pub is_active: Option<bool>,
    /// Who hold this role.
    pub role: Option<RoleName>,
}

/// What a list of accounts is sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserSort {
    /// The time of creation (by the id, which sorts by it).
    CreatedAt,
    /// The address, byte by byte.
    Email,
    /// Those alone that this finds, by the first of their keys that begins so, byte by byte, then by the id; always ascending.
    Found(SearchKey),
}

/// The order of a list of accounts, and where in it the page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserOrder {
    /// By what, and after which account.
    pub sort: UserSort,
    /// Which way.
    pub direction: Direction,
    /// The key of the last account seen: its id for [`UserSort::CreatedAt`], its address for [`UserSort::Email`], its id, a
    /// space and what it was found by for [`UserSort::Found`], which begins so.
    pub after: Option<String>,
}

/// Looks accounts up.
#[async_trait]
pub trait UsersRead: Send {
    /// The account of that id.
    async fn by_id(&mut self, id: UserId) -> Result<Option<User>, StoreError>;
    /// The account of that id, and what all its roles allow: one statement.
    async fn with_permissions(&mut self, id: UserId) -> Result<Option<(User, PermissionSet)>, StoreError>;
    /// What a sign-in under that name needs. Costs the same whether there is such an account or not: one statement, and the
    /// reading of one row.
    async fn credentials(&mut self, identifier: &Identifier) -> Result<Option<Credentials>, StoreError>;
    /// The digest of an account's password, if it has one.
    async fn password(&mut self, id: UserId) -> Result<Option<PasswordHash>, StoreError>;
    /// At most `limit` accounts in that order. Costs the same on every page.
    async fn list(&mut self, filter: &UserFilter, order: &UserOrder, limit: usize) -> Result<Vec<User>, StoreError>;
    /// How many enabled accounts hold the role.
    async fn active_holders(&mut self, role: &RoleName) -> Result<u64, StoreError>;
    /// Whether there is any account at all.
    async fn any(&mut self) -> Result<bool, StoreError>;
}

/// Changes accounts.
#[async_trait]
pub trait Users: UsersRead {
    /// Adds an account with its roles. Answers [`StoreError::Duplicate`] for a taken address or username.
    async fn insert(&mut self, user: &User, password: Option<&PasswordHash>) -> Result<(), StoreError>;
    /// The account of that id, kept from change by others until this work ends.
    async fn lock(&mut self, id: UserId) -> Result<Option<User>, StoreError>;
    /// Writes every property but roles and last sign-in, and counts the version up by one. The caller holds the lock.
    /// Answers [`StoreError::Duplicate`] for a taken address or username.
    async fn update(&mut self, user: &User) -> Result<(), StoreError>;
    /// Replaces the digest of the account's password.
    async fn set_password(&mut self, id: UserId, password: &PasswordHash) -> Result<(), StoreError>;
    /// Notes the time of a sign-in. Not a change of the account: its version stays.
    async fn note_sign_in(&mut self, id: UserId, at: Timestamp) -> Result<(), StoreError>;
    /// Deletes the account with all that hangs on it; false when there was none.
    async fn delete(&mut self, id: UserId) -> Result<bool, StoreError>;
    /// Gives the account a role, and counts its version up; false when it has it already.
    async fn grant(&mut self, id: UserId, role: &RoleName, at: Timestamp) -> Result<bool, StoreError>;
    /// Takes a role from the account, and counts its version up; false when it has it not.
    async fn revoke(&mut self, id: UserId, role: &RoleName, at: Timestamp) -> Result<bool, StoreError>;
}
