use super::StoreError;
use async_trait::async_trait;
use doorward_domain::{GrantId, Role, RoleName, SessionId, User, UserId};
use std::collections::HashMap;
use std::sync::Arc;

/// A store asks for at most so many keys in one statement.
pub const KEYS_A_STATEMENT: usize = 500;

/// Finds things by their keys, to look at them. It stands apart from the store because an answer may come from a cache;
/// whoever is to change a thing reads it in the unit of work that changes it.
///
/// An answer shows the thing as it was at most one second ago, and on the node that changed it, as it is. What was ended
/// is never answered again later than one second after its end was committed.
#[async_trait]
pub trait Lookup<K, V>: Send + Sync {
    /// The thing of that key, if there is one.
    async fn find(&self, key: &K) -> Result<Option<V>, StoreError>;

    /// The things of these keys; a key that has none is left out. The store is asked in one statement for up to
    /// [`KEYS_A_STATEMENT`] keys.
    async fn find_many(&self, keys: &[K]) -> Result<HashMap<K, V>, StoreError>;
}

/// Whether sessions hold, which every request asks. What has expired may still be answered: see
/// [`OpenSession::is_live`](super::OpenSession::is_live).
pub type SessionStates = dyn Lookup<SessionId, super::OpenSession>;

/// Whether client apps' own tokens hold, which every request of a service asks: the app that the tokens of a grant belong
/// to, if it is active and the grant is its present one.
pub type ClientStates = dyn Lookup<GrantId, super::LiveClient>;

/// Accounts.
pub type UserDirectory = dyn Lookup<UserId, Arc<User>>;

/// Roles and their permissions.
pub type RoleCatalogue = dyn Lookup<RoleName, Role>;
