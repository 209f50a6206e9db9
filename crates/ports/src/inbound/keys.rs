use crate::{Caller, Result};
use async_trait::async_trait;
use doorward_domain::{KeyRecord, KeyState, Timestamp};

/// A signing key, for an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyView {
    /// Its record.
    pub record: KeyRecord,
    /// Its current state.
    pub state: KeyState,
    /// Until when its tokens may be valid; none while its end is not known.
    pub accepted_until: Option<Timestamp>,
}

/// When a new key begins to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begins {
    /// When everybody with a copy of the key set has had time to fetch it again.
    Published,
    /// When every node knows it. Applications with a copy of the key set may refuse its tokens until they fetch it
    /// again.
    AtOnce,
}

/// The result of a revocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRevoked {
    /// The revoked key.
    pub key: KeyView,
    /// The key that was created in its place, if there was no upcoming key.
    pub successor: Option<KeyView>,
}

/// The signing keys.
#[async_trait]
pub trait Keys: Send + Sync {
    /// Lists all keys, in the order in which they begin to sign.
    async fn list(&self, caller: &Caller) -> Result<Vec<KeyView>>;
    /// Creates the next key. Tokens of earlier keys stay valid until they expire.
    async fn rotate(&self, caller: &Caller, begins: Begins) -> Result<KeyView>;
    /// Retires a key, which signs no more tokens; its tokens stay valid until they expire. No error if it is already
    /// retired.
    async fn retire(&self, caller: &Caller, kid: &str) -> Result<KeyView>;
    /// Revokes a key: all nodes refuse its tokens within one second. No error if it is already revoked.
    async fn revoke(&self, caller: &Caller, kid: &str) -> Result<KeyRevoked>;
    /// Ensures that a key with the configured algorithm signs, or soon will, and loads the keys. If several processes
    /// do this at once, one of them creates the key.
    async fn prepare(&self, caller: &Caller) -> Result<()>;
    /// Creates the next key if the newest is old enough; if several processes do this at once, one of them creates it.
    async fn rotate_when_due(&self, caller: &Caller) -> Result<Option<KeyView>>;
    /// Loads the current keys of the store. After an error the keys do not change, except for revoked ones.
    async fn load(&self, caller: &Caller) -> Result<()>;
}
