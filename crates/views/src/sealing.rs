use doorward_domain::{SealingKeyId, Timestamp};
use doorward_ports::inbound::{Rotation, SealedValuesView, SealingKeyView, SealingStatus};
use doorward_ports::outbound::SealingNode;
use serde::Serialize;

/// A sealing key, without the key itself.
#[derive(Debug, Serialize)]
pub struct SealingKey {
    /// The id of the key, which each secret that it has sealed contains.
    pub id: SealingKeyId,
    /// The current state of the key.
    pub state: &'static str,
    /// Whether the key is known on this machine.
    pub known: bool,
    /// How many values of the database the key has sealed.
    pub values: i64,
    /// When the key was added.
    pub created_at: Timestamp,
    /// When the key became the one that seals.
    pub seals_from: Option<Timestamp>,
    /// When all values had been sealed again with the key.
    pub completed_at: Option<Timestamp>,
    /// When the key was retired.
    pub retired_at: Option<Timestamp>,
}

/// How many values of a column a key has sealed.
#[derive(Debug, Serialize)]
pub struct SealedValues {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The id of the key; none if the values name no key.
    pub key: Option<SealingKeyId>,
    /// Whether the values have the format of this version.
    pub current_format: bool,
    /// How many values there are.
    pub values: i64,
}

/// A running node.
#[derive(Debug, Serialize)]
pub struct SealingNodeView {
    /// The name that the node has drawn at its start.
    pub node: String,
    /// The key that the node seals with.
    pub current: SealingKeyId,
    /// When the node has last said so.
    pub seen_at: Timestamp,
}

/// The sealing keys, and what they have sealed.
#[derive(Debug, Serialize)]
pub struct SealingReport {
    /// The keys, the oldest first.
    pub keys: Vec<SealingKey>,
    /// The sealed values, by column and key.
    pub values: Vec<SealedValues>,
    /// Keys that values name, and that this database does not know.
    pub unknown_keys: Vec<SealingKeyId>,
    /// The running nodes.
    pub nodes: Vec<SealingNodeView>,
}

/// A finished rotation.
#[derive(Debug, Serialize)]
pub struct FinishedRotation {
    /// The id of the key that seals now.
    pub key: SealingKeyId,
    /// Whether it has continued an earlier rotation.
    pub resumed: bool,
    /// How many values were sealed again.
    pub resealed: i64,
    /// The values that can't be opened, which were left as they are: table, column and row.
    pub unopened: Vec<String>,
}

impl From<SealingKeyView> for SealingKey {
    fn from(SealingKeyView { record, state, known, values }: SealingKeyView) -> Self {
        Self {
            id: record.id,
            state: state.as_str(),
            known,
            values,
            created_at: record.created_at,
            seals_from: record.seals_from,
            completed_at: record.completed_at,
            retired_at: record.retired_at,
        }
    }
}

impl From<SealedValuesView> for SealedValues {
    fn from(view: SealedValuesView) -> Self {
        let (table, column) = (view.column.table, view.column.column);
        Self { table, column, key: view.key, current_format: view.is_current_format, values: view.values }
    }
}

impl From<SealingNode> for SealingNodeView {
    fn from(node: SealingNode) -> Self {
        Self { node: node.node, current: node.current, seen_at: node.seen_at }
    }
}

impl From<SealingStatus> for SealingReport {
    fn from(status: SealingStatus) -> Self {
        Self {
            keys: status.keys.into_iter().map(SealingKey::from).collect(),
            values: status.values.into_iter().map(SealedValues::from).collect(),
            unknown_keys: status.strangers,
            nodes: status.nodes.into_iter().map(SealingNodeView::from).collect(),
        }
    }
}

impl From<Rotation> for FinishedRotation {
    fn from(rotation: Rotation) -> Self {
        let name = |value: doorward_ports::inbound::UnopenedValue| {
            format!("{}.{} {}", value.column.table, value.column.column, value.row)
        };
        let unopened = rotation.unopened.into_iter().map(name).collect();
        Self { key: rotation.key, resumed: rotation.resumed, resealed: rotation.resealed, unopened }
    }
}
