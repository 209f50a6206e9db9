//! The sealing keys as they are stored, and the errors about them.
use crate::services::{Act, Subject, Work};
use doorward_domain::{AuditAction, SealingKeyId, SealingKeyRecord, SealingKeyRing, Timestamp};
use doorward_ports::outbound::{Guard, NoSealingKey, SealingNode, StoredSealingKey, WrappedKey};
use doorward_ports::{Error, ErrorCode, Result};
use serde_json::Value;

/// The keys at one moment.
pub(super) struct Stored {
    pub ring: SealingKeyRing,
    /// Those that nodes get from the store, and may still need.
    pub wrapped: Vec<WrappedKey>,
}

impl Stored {
    fn of(keys: &[StoredSealingKey]) -> Self {
        let needed = keys.iter().filter(|key| key.record.retired_at.is_none());
        Self { ring: ring(keys), wrapped: needed.filter_map(|key| key.wrapped.clone()).collect() }
    }
}

pub(super) async fn read(act: &Act<'_>) -> Result<Stored> {
    Ok(Stored::of(&act.read().await?.sealing_keys().all().await?))
}

/// The keys and the nodes at one moment.
pub(super) struct Moment {
    pub stored: Stored,
    pub nodes: Vec<SealingNode>,
}

pub(super) async fn read_with_nodes(act: &Act<'_>) -> Result<Moment> {
    let mut page = act.snapshot().await?;
    let stored = Stored::of(&page.sealing_keys().all().await?);
    Ok(Moment { stored, nodes: page.sealing_keys().nodes().await? })
}

fn ring(keys: &[StoredSealingKey]) -> SealingKeyRing {
    SealingKeyRing::of(keys.iter().map(|key| key.record).collect())
}

/// The keys in one unit of work, while no other process can change them.
pub(super) struct RingWork<'a> {
    work: Work<'a>,
    pub ring: SealingKeyRing,
}

impl<'a> RingWork<'a> {
    pub(super) async fn begin(act: &'a mut Act<'_>) -> Result<Self> {
        let mut work = act.begin().await?;
        work.guard(Guard::SealingKeys).await?;
        let ring = ring(&work.sealing_keys().all().await?);
        Ok(Self { work, ring })
    }

    pub(super) const fn now(&self) -> Timestamp {
        self.work.now
    }

    /// What the nodes say now.
    pub(super) async fn nodes(&mut self) -> Result<Vec<SealingNode>> {
        Ok(self.work.sealing_keys().nodes().await?)
    }

    pub(super) async fn add(&mut self, record: SealingKeyRecord, wrapped: Option<WrappedKey>) -> Result<()> {
        Ok(self.work.sealing_keys().insert(&StoredSealingKey { record, wrapped }).await?)
    }

    pub(super) async fn save(&mut self, record: &SealingKeyRecord) -> Result<()> {
        Ok(self.work.sealing_keys().save(record).await?)
    }

    pub(super) async fn audit(&mut self, action: AuditAction, id: SealingKeyId, details: Value) -> Result<()> {
        Ok(self.work.audit_with(action, Subject::SealingKey(id), details).await?)
    }

    pub(super) async fn commit(self) -> Result<()> {
        Ok(self.work.commit().await?)
    }
}

pub(super) fn not_found() -> Error {
    Error::new(
        ErrorCode::SealingKeyNotFound,
        "There is no sealing key with this id. `doorward secrets status` lists the keys.",
    )
}

/// This process does not have a key that it needs.
pub(super) fn mismatch(id: SealingKeyId, why: Option<NoSealingKey>) -> Error {
    let reason = why.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
    Error {
        source: why.map(Into::into),
        ..Error::new(
            ErrorCode::SealingKeyMismatch,
            format!(
                "Secrets of this database are sealed with the sealing key {id}, which is not known here{reason}. All nodes \
                 need the same sealing keys: copy the files sealing*.key from the data folder of a node that works, or set \
                 secrets.sealing_key."
            ),
        )
    }
}

/// No key for the rotation. The text is passed on unchanged, because only the operator requests one.
pub(super) fn not_ready(why: impl Into<String>) -> Error {
    Error::new(ErrorCode::SealingKeyNotReady, why.into())
}
