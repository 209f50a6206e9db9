use async_trait::async_trait;
use std::fmt;
use std::time::Duration;

/// The name of an entry: its kind and its id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CacheKey {
    /// The kind: `session`, `user`.
    pub kind: &'static str,
    /// The id: never a secret or a text that a person has chosen.
    pub id: String,
}

impl CacheKey {
    /// The entry of this kind and id.
    #[must_use]
    pub fn new(kind: &'static str, id: impl fmt::Display) -> Self {
        Self { kind, id: id.to_string() }
    }
}

/// Bytes that nodes share for some time. It is only an aid: any entry may be missing, old, or forged by an attacker who
/// controls the cache, so a reader must be able to verify an entry.
///
/// No call waits long, and none fails: while the cache can't be reached, it has no entries and accepts none.
#[async_trait]
pub trait SharedCache: Send + Sync {
    /// Returns the latest entry under this key, unless it has expired.
    async fn get(&self, key: &CacheKey) -> Option<Vec<u8>>;

    /// Stores an entry for this time, and replaces an earlier one.
    async fn put(&self, key: &CacheKey, value: Vec<u8>, ttl: Duration);
}
