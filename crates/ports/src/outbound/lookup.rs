use super::StoreError;
use async_trait::async_trait;
use doorward_domain::{GrantId, Role, RoleName, SessionId, User, UserId};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// The largest number of keys in one statement of a store.
pub const KEYS_A_STATEMENT: usize = 500;

/// Finds values by their keys, for reading. It is separate from the store because an answer may come from a cache; a
/// use case that changes a value reads it in the unit of work of the change.
///
/// An answer shows the value as it was at most one second ago and, on the node that changed it, its current state. What
/// has ended is never returned later than one second after the commit of its end.
#[async_trait]
pub trait Lookup<K, V>: Send + Sync {
    /// Returns the value of this key, if there is one.
    async fn find(&self, key: &K) -> Result<Option<V>, StoreError>;

    /// Returns the values of these keys; a key without a value is omitted. The store is asked in one statement for up
    /// to [`KEYS_A_STATEMENT`] keys.
    async fn find_many(&self, keys: &[K]) -> Result<HashMap<K, V>, StoreError>;
}

/// The states of sessions, which every request needs. An expired session may still be returned: see
/// [`OpenSession::is_live`](super::OpenSession::is_live).
pub type SessionStates = dyn Lookup<SessionId, super::OpenSession>;

/// The states of client apps' own tokens, which every request of a service needs: the app of a grant, if it is active
/// and this is its current grant.
pub type ClientStates = dyn Lookup<GrantId, super::LiveClient>;

/// Accounts for reading.
pub type UserDirectory = dyn Lookup<UserId, Arc<User>>;

/// Roles and their permissions.
pub type RoleCatalogue = dyn Lookup<RoleName, Role>;

/// The key of all providers in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AllProviders;

impl fmt::Display for AllProviders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("all")
    }
}

/// The providers in the store, enabled or not, by position and name: all of them in one value, because they are few. There is always
/// one.
pub type ProviderCatalogue = dyn Lookup<AllProviders, Arc<Vec<super::StoredProvider>>>;
