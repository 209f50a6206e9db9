use super::StoreError;
use async_trait::async_trait;
use doorward_domain::{Attempts, Network, Timestamp, UserId};
use sha2::{Digest, Sha256};

/// What wrong passwords are counted under: an account, or a name that no account has. Names without an account are
/// counted too, since otherwise a lock would tell that there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountKey([u8; 16]);

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

    /// The key of those bytes.
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

/// Wrong passwords by account and network, and the networks that owners come from.
#[async_trait]
pub trait SignInAttempts: Send {
    /// What is counted under the key and the scope (none: everywhere the owner is not known to come from), kept from
    /// change by others until this work ends.
    async fn lock(
        &mut self,
        account: AccountKey,
        scope: Option<Network>,
        now: Timestamp,
    ) -> Result<Attempts, StoreError>;
    /// Writes what [`Self::lock`] answered, changed. The caller holds the lock.
    async fn save(
        &mut self,
        account: AccountKey,
        scope: Option<Network>,
        attempts: &Attempts,
        now: Timestamp,
    ) -> Result<(), StoreError>;
    /// Forgets what is counted for one scope.
    async fn clear(&mut self, account: AccountKey, scope: Option<Network>) -> Result<(), StoreError>;
    /// Forgets everything counted for the account; answers how many scopes were counted.
    async fn clear_all(&mut self, account: AccountKey) -> Result<usize, StoreError>;
    /// Notes that the owner signed in from the network.
    async fn note_network(&mut self, user: UserId, network: Network, at: Timestamp) -> Result<(), StoreError>;
    /// Whether anybody signed in to the account from the network since then. Costs the same for a key without an account.
    async fn knows_network(
        &mut self,
        account: AccountKey,
        network: Network,
        since: Timestamp,
    ) -> Result<bool, StoreError>;
    /// Forgets at most `limit` counts untouched, and networks unseen, since `before`; answers how many.
    async fn purge(&mut self, before: Timestamp, limit: usize) -> Result<usize, StoreError>;
}
