use async_trait::async_trait;
use std::fmt;
use std::time::Duration;

/// The name of an entry: what kind of thing, and which one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CacheKey {
    /// A word for the kind: `session`, `user`.
    pub kind: &'static str,
    /// Which one: an id, never a secret and nothing that a person has chosen.
    pub id: String,
}

impl CacheKey {
    /// The entry of that kind and id.
    #[must_use]
    pub fn new(kind: &'static str, id: impl fmt::Display) -> Self {
        Self { kind, id: id.to_string() }
    }
}

/// Bytes that the nodes share for a while. A help, never the truth: any entry may be missing, old, or forged by whoever
/// got hold of the cache, so what an entry says counts only for one who can prove it.
///
/// Nobody waits long for it and nothing fails with it: while it can't be reached it holds nothing and takes nothing.
#[async_trait]
pub trait SharedCache: Send + Sync {
    /// The entry that was put last under this key, unless its time is over.
    async fn get(&self, key: &CacheKey) -> Option<Vec<u8>>;

    /// Keeps an entry for that long, in place of an earlier one.
    async fn put(&self, key: &CacheKey, value: Vec<u8>, ttl: Duration);
}
