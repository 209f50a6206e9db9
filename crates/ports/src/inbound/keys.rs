use crate::{Caller, Result};
use async_trait::async_trait;
use doorward_domain::{KeyRecord, KeyState, Timestamp};

/// A signing key as an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyView {
    /// Its name and its life.
    pub record: KeyRecord,
    /// What it is good for now.
    pub state: KeyState,
    /// Until when what it signs may be valid; none while nobody has said when it stops.
    pub accepted_until: Option<Timestamp>,
}

/// When a new key begins to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begins {
    /// Once everybody who keeps a copy of the key set has had time to fetch it again.
    Published,
    /// Once every node of ours knows it. Who verifies tokens by a copy of the key set may refuse for as long as he keeps it.
    AtOnce,
}

/// What came of a revocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRevoked {
    /// The key that counts no more.
    pub key: KeyView,
    /// The key that was made in its place, if there was none to follow it.
    pub successor: Option<KeyView>,
}

/// The keys that tokens are signed with.
#[async_trait]
pub trait Keys: Send + Sync {
    /// Lists every key, in the order in which they begin to sign.
    async fn list(&self, caller: &Caller) -> Result<Vec<KeyView>>;
    /// Makes the next key. What earlier ones signed stays valid until it expires.
    async fn rotate(&self, caller: &Caller, begins: Begins) -> Result<KeyView>;
    /// Has a key sign no longer, or never; what it signed stays valid until it expires. Twice is no error.
    async fn retire(&self, caller: &Caller, kid: &str) -> Result<KeyView>;
    /// Has nothing count any more that a key signed, on every node within a second. Twice is no error.
    async fn revoke(&self, caller: &Caller, kid: &str) -> Result<KeyRevoked>;
    /// Sees to it that a key of the chosen algorithm signs, or soon will, and takes the keys into use. Of any number of
    /// processes that do it at once one makes the key.
    async fn prepare(&self, caller: &Caller) -> Result<()>;
    /// Makes the next key if the newest is old enough; of any number of processes that do it at once one makes it.
    async fn rotate_when_due(&self, caller: &Caller) -> Result<Option<KeyView>>;
    /// Takes into use what the store holds now. On an error everything stays as it was, but for keys that were revoked.
    async fn load(&self, caller: &Caller) -> Result<()>;
}
