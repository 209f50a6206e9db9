use super::{StoreError, WrappedKey};
use async_trait::async_trait;
use doorward_domain::{SealedHead, SealingKeyId, SealingKeyRecord, Timestamp};

/// A sealing key in the store: its record, and for some the wrapped key. The store never has the key itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSealingKey {
    /// Its record.
    pub record: SealingKeyRecord,
    /// The wrapped key, if nodes get the key from here.
    pub wrapped: Option<WrappedKey>,
}

/// What a running node has said about the sealing keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealingNode {
    /// The node: a name that it draws at its start.
    pub node: String,
    /// When it has last said so, by its own clock.
    pub seen_at: Timestamp,
    /// The key that it seals with.
    pub current: SealingKeyId,
    /// The upcoming key for which it has last looked.
    pub asked: Option<SealingKeyId>,
    /// Whether it knows that upcoming key.
    pub knows: bool,
}

/// Reads sealing keys, and what nodes have said about them.
#[async_trait]
pub trait SealingKeysRead: Send {
    /// Returns all keys, also retired ones, the oldest first. There are few.
    async fn all(&mut self) -> Result<Vec<StoredSealingKey>, StoreError>;
    /// Returns the nodes, by name.
    async fn nodes(&mut self) -> Result<Vec<SealingNode>, StoreError>;
}

/// Changes sealing keys, and what nodes have said about them.
#[async_trait]
pub trait SealingKeys: SealingKeysRead {
    /// Adds a key; fails if there is already one with its id.
    async fn insert(&mut self, key: &StoredSealingKey) -> Result<(), StoreError>;
    /// Saves since when the key seals, when it was complete and when it was retired; fails if there is none with its
    /// id. The wrapped copy of a retired key is deleted.
    async fn save(&mut self, record: &SealingKeyRecord) -> Result<(), StoreError>;
    /// Notes what a node says, in the place of what it said before.
    async fn note_node(&mut self, node: &SealingNode) -> Result<(), StoreError>;
    /// Forgets a node. No error if it is not known.
    async fn forget_node(&mut self, node: &str) -> Result<(), StoreError>;
    /// Forgets the nodes that have said nothing since then; returns their number.
    async fn forget_nodes(&mut self, before: Timestamp) -> Result<usize, StoreError>;
}

/// A column whose values are sealed. Its name, its table and the key of the row are the [`super::SealedPlace`] of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SealedColumn {
    /// The table.
    pub table: &'static str,
    /// The column that names the row.
    pub key: &'static str,
    /// The column with the sealed values.
    pub column: &'static str,
}

/// How many values of a column have the same head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedCount {
    /// The column.
    pub column: SealedColumn,
    /// The head; none if the values are too short to have one.
    pub head: Option<SealedHead>,
    /// How many values there are.
    pub rows: i64,
}

/// A sealed value, and the row that it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedValue {
    /// The row, as its [`super::SealedPlace`] names it.
    pub row: String,
    /// The sealed value.
    pub sealed: Vec<u8>,
}

/// Reads sealed values of all tables, whatever they are.
#[async_trait]
pub trait SealedValuesRead: Send {
    /// All columns with sealed values.
    fn columns(&self) -> &'static [SealedColumn];
    /// Counts the values of a column by their heads.
    async fn count(&mut self, column: SealedColumn) -> Result<Vec<SealedCount>, StoreError>;
    /// Returns at most `limit` values of a column with other heads than this, in the order of their rows, after the
    /// given row.
    async fn not_headed(
        &mut self,
        column: SealedColumn,
        head: SealedHead,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<SealedValue>, StoreError>;
}

/// Replaces sealed values.
#[async_trait]
pub trait SealedValues: SealedValuesRead {
    /// Replaces the value of a row if it is still the given one; returns whether it was. Of any number of calls at once
    /// with the same value, one replaces it.
    async fn replace(&mut self, column: SealedColumn, was: &SealedValue, sealed: &[u8]) -> Result<bool, StoreError>;
}
