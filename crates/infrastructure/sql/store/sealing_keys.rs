use super::columns::{At, TableRow};
use super::errors::exactly_one;
use super::schema::{sealing_keys, sealing_nodes};
use super::work::SqlWork;
use crate::backend::Backend;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use doorward_domain::{SealingKeyId, SealingKeyRecord, Timestamp};
use doorward_ports::outbound::{SealingKeys, SealingKeysRead, SealingNode, StoreError, StoredSealingKey, WrappedKey};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = sealing_keys, check_for_backend(Backend))]
struct KeyRow {
    id: String,
    created_at: At,
    seals_from: Option<At>,
    completed_at: Option<At>,
    retired_at: Option<At>,
    wrapped_by: Option<String>,
    wrapped_key: Option<String>,
}

impl KeyRow {
    fn new(record: &SealingKeyRecord, wrapped: Option<&WrappedKey>) -> Self {
        Self {
            id: record.id.to_string(),
            created_at: At(record.created_at),
            seals_from: record.seals_from.map(At),
            completed_at: record.completed_at.map(At),
            retired_at: record.retired_at.map(At),
            wrapped_by: wrapped.map(|wrapped| wrapped.by.clone()),
            wrapped_key: wrapped.map(|wrapped| wrapped.text.clone()),
        }
    }

    fn read(self) -> Result<StoredSealingKey, StoreError> {
        let id: SealingKeyId = TableRow { table: "sealing_keys", row: &self.id }.read(&self.id)?;
        let record = SealingKeyRecord {
            id,
            created_at: self.created_at.0,
            seals_from: self.seals_from.map(|at| at.0),
            completed_at: self.completed_at.map(|at| at.0),
            retired_at: self.retired_at.map(|at| at.0),
        };
        let wrapped = self.wrapped_by.zip(self.wrapped_key).map(|(by, text)| WrappedKey { id, by, text });
        Ok(StoredSealingKey { record, wrapped })
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = sealing_nodes, check_for_backend(Backend), treat_none_as_null = true)]
struct NodeRow {
    node: String,
    seen_at: At,
    current_key: String,
    asked_key: Option<String>,
    knows: bool,
}

impl NodeRow {
    fn new(node: &SealingNode) -> Self {
        Self {
            node: node.node.clone(),
            seen_at: At(node.seen_at),
            current_key: node.current.to_string(),
            asked_key: node.asked.map(|id| id.to_string()),
            knows: node.knows,
        }
    }

    fn read(self) -> Result<SealingNode, StoreError> {
        let row = TableRow { table: "sealing_nodes", row: &self.node };
        let (current, asked) = (row.read(&self.current_key)?, row.read_some(self.asked_key.as_deref())?);
        Ok(SealingNode { node: self.node, seen_at: self.seen_at.0, current, asked, knows: self.knows })
    }
}

#[async_trait]
impl SealingKeysRead for SqlWork {
    async fn all(&mut self) -> Result<Vec<StoredSealingKey>, StoreError> {
        let keys = sealing_keys::table.order((sealing_keys::created_at, sealing_keys::id)).select(KeyRow::as_select());
        let rows = keys.load(self.conn()).await;
        self.settle(rows)?.into_iter().map(KeyRow::read).collect()
    }

    async fn nodes(&mut self) -> Result<Vec<SealingNode>, StoreError> {
        let nodes = sealing_nodes::table.order(sealing_nodes::node).select(NodeRow::as_select());
        let rows = nodes.load(self.conn()).await;
        self.settle(rows)?.into_iter().map(NodeRow::read).collect()
    }
}

#[async_trait]
impl SealingKeys for SqlWork {
    async fn insert(&mut self, key: &StoredSealingKey) -> Result<(), StoreError> {
        let row = KeyRow::new(&key.record, key.wrapped.as_ref());
        let inserted = diesel::insert_into(sealing_keys::table).values(row).execute(self.conn()).await;
        exactly_one(self.settle(inserted)?, "sealing_keys", &key.record.id)
    }

    async fn save(&mut self, record: &SealingKeyRecord) -> Result<(), StoreError> {
        let KeyRow { id, seals_from, completed_at, retired_at, .. } = KeyRow::new(record, None);
        let is_retired = retired_at.is_some();
        let changes = (
            sealing_keys::seals_from.eq(seals_from),
            sealing_keys::completed_at.eq(completed_at),
            sealing_keys::retired_at.eq(retired_at),
        );
        let its = sealing_keys::table.find(id);
        let saved = diesel::update(its.clone()).set(changes).execute(self.conn()).await;
        exactly_one(self.settle(saved)?, "sealing_keys", &record.id)?;
        if is_retired {
            let nothing = (sealing_keys::wrapped_by.eq(None::<String>), sealing_keys::wrapped_key.eq(None::<String>));
            let unwrapped = diesel::update(its).set(nothing).execute(self.conn()).await;
            self.settle(unwrapped)?;
        }
        Ok(())
    }

    async fn note_node(&mut self, node: &SealingNode) -> Result<(), StoreError> {
        let (row, changes) = (NodeRow::new(node), NodeRow::new(node));
        let note = diesel::insert_into(sealing_nodes::table).values(row);
        let note = note.on_conflict(sealing_nodes::node).do_update().set(changes);
        let noted = note.execute(self.conn()).await;
        self.settle(noted).map(drop)
    }

    async fn forget_node(&mut self, node: &str) -> Result<(), StoreError> {
        let forgotten = diesel::delete(sealing_nodes::table.find(node)).execute(self.conn()).await;
        self.settle(forgotten).map(drop)
    }

    async fn forget_nodes(&mut self, before: Timestamp) -> Result<usize, StoreError> {
        let old = sealing_nodes::table.filter(sealing_nodes::seen_at.lt(At(before)));
        let forgotten = diesel::delete(old).execute(self.conn()).await;
        self.settle(forgotten)
    }
}
