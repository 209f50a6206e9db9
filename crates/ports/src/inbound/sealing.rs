use crate::outbound::{SealedColumn, SealingNode};
use crate::{Caller, Result};
use async_trait::async_trait;
use doorward_domain::{SealingKeyId, SealingKeyRecord, SealingKeyState, Timestamp};

/// A sealing key, for an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealingKeyView {
    /// Its record.
    pub record: SealingKeyRecord,
    /// Its current state.
    pub state: SealingKeyState,
    /// Whether this process has the key.
    pub known: bool,
    /// How many values of the database it has sealed.
    pub values: i64,
}

/// How many values of a column a key has sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedValuesView {
    /// The column.
    pub column: SealedColumn,
    /// The key; none if the values name no key.
    pub key: Option<SealingKeyId>,
    /// Whether they have the current format.
    pub is_current_format: bool,
    /// How many values there are.
    pub values: i64,
}

/// The sealing keys, and what they have sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealingStatus {
    /// All keys, the oldest first.
    pub keys: Vec<SealingKeyView>,
    /// The keys of values that no record names.
    pub strangers: Vec<SealingKeyId>,
    /// The sealed values, by column and key.
    pub values: Vec<SealedValuesView>,
    /// What the running nodes have said.
    pub nodes: Vec<SealingNode>,
}

/// A rotation in progress: what has been done, and where it goes on. Everything that matters is in the store, so a rotation
/// that is lost in the middle can be begun again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    /// The key that becomes, or is, the current one.
    pub key: SealingKeyId,
    /// Whether an earlier rotation is continued.
    pub resumed: bool,
    /// When it was begun or continued.
    pub begun_at: Timestamp,
    /// What happens next.
    pub step: RotationStep,
    /// How many values are to be sealed again, as counted at the beginning.
    pub total: i64,
    /// How many were sealed again.
    pub resealed: i64,
    /// Those that could not be opened, and were left as they are.
    pub unopened: Vec<UnopenedValue>,
}

/// A sealed value that can't be opened: its key is not known here, or it was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnopenedValue {
    /// The column.
    pub column: SealedColumn,
    /// The row.
    pub row: String,
}

/// What happens next in a rotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RotationStep {
    /// So many nodes do not know the key yet, or do not seal with it yet: wait a little.
    Waiting(usize),
    /// Values of this column, counted from 0, are sealed again, after this row.
    Sealing(usize, Option<String>),
    /// Nothing is left to do.
    Done,
}

/// The sealing keys, which encrypt secrets in the database.
#[async_trait]
pub trait Sealing: Send + Sync {
    /// Reports the keys, and counts what they have sealed.
    async fn status(&self, caller: &Caller) -> Result<SealingStatus>;

    /// Selects the key that seals. The first process on a database adds its own key as the first; of several at once, one
    /// does. Refused in a process without the current key.
    async fn prepare(&self, caller: &Caller) -> Result<()>;

    /// Learns new keys, selects the key that seals, and says so to the others. A server does it every half second.
    async fn load(&self, caller: &Caller) -> Result<()>;

    /// Says that this server seals nothing any more.
    async fn stop(&self, caller: &Caller) -> Result<()>;

    /// Begins a rotation to a new key, or continues one that was not finished. Of several at once, one begins it and the
    /// others continue it.
    async fn begin(&self, caller: &Caller) -> Result<Rotation>;

    /// Does the next step of a rotation: first all running nodes learn the key, then all seal with it, then the values are
    /// sealed again in batches, each only if nobody has changed it meanwhile. A node that does not know the key when the
    /// time is up is an error, and nothing is sealed with it.
    async fn advance(&self, caller: &Caller, rotation: Rotation) -> Result<Rotation>;

    /// Retires a key that seals nothing any more, and deletes its file. Refused for the current key, and while a node seals
    /// with it or a value names it.
    async fn retire(&self, caller: &Caller, id: &str) -> Result<SealingKeyView>;
}
