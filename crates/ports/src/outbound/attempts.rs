use super::StoreError;
use async_trait::async_trait;
use doorward_domain::{Attempts, Network, Timestamp, UserId};
use sha2::{Digest, Sha256};
use std::fmt;

/// The key for counting wrong passwords: an account, or a name without an account. Names without an account are counted
/// too, because otherwise a lock would reveal that an account exists.
///
/// Its `Debug` hides it: of a short digest of a name, the name can be guessed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountKey([u8; 16]);

impl fmt::Debug for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountKey(…)")
    }
}

impl AccountKey {
    /// The key of an account.
    #[must_use]
    pub const fn of_user(user: UserId) -> Self {
        Self(*user.as_uuid().as_bytes())
    }

    /// The key of a name without an account.
    #[must_use]
    pub fn of_name(name: &str) -> Self {
        let mut key = [0; 16];
        key.copy_from_slice(&Sha256::digest(name.as_bytes())[..16]);
        Self(key)
    }

    /// The key with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// Wrong passwords by account and network, and the known networks of owners.
#[async_trait]
pub trait SignInAttempts: Send {
    /// Returns the count for the key and the scope (none: all networks that are not known), locked until this work
    /// ends.
    async fn lock(
        &mut self,
        account: AccountKey,
        scope: Option<Network>,
        now: Timestamp,
    ) -> Result<Attempts, StoreError>;
    /// Writes a changed result of [`Self::lock`]. The caller has the lock.
    async fn save(
        &mut self,
        account: AccountKey,
        scope: Option<Network>,
        attempts: &Attempts,
        now: Timestamp,
    ) -> Result<(), StoreError>;
    /// Deletes the count of one scope.
    async fn clear(&mut self, account: AccountKey, scope: Option<Network>) -> Result<(), StoreError>;
    /// Deletes all counts of the account; returns the number of their scopes.
    async fn clear_all(&mut self, account: AccountKey) -> Result<usize, StoreError>;
    /// Records that the owner has signed in from the network.
    async fn note_network(&mut self, user: UserId, network: Network, at: Timestamp) -> Result<(), StoreError>;
    /// Whether the owner has signed in from the network since then. Costs the same for a key without an account.
    async fn knows_network(
        &mut self,
        account: AccountKey,
        network: Network,
        since: Timestamp,
    ) -> Result<bool, StoreError>;
    /// Returns the networks from which the owner has signed in, each with the last time, sorted by their texts.
    async fn networks_of(&mut self, user: UserId) -> Result<Vec<(Network, Timestamp)>, StoreError>;
    /// Deletes at most `limit` counts and networks that have not changed since `before`; returns their number.
    async fn purge(&mut self, before: Timestamp, limit: usize) -> Result<usize, StoreError>;
}
