//! The chain of the audit log. What an attacker may have changed is read as it is: verification judges it.
use super::columns::{AnyAt, AnyId, At, count};
use super::errors::exactly_one;
use super::schema::{audit_anchors, audit_events, audit_keys, audit_personal_details, audit_seals};
use super::work::SqlWork;
use crate::backend::{Backend, CHAIN_LINES_SQL, unsealed_sql};
use async_trait::async_trait;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel_async::RunQueryDsl;
use doorward_domain::{
    AuditAnchor, AuditHash, AuditHead, AuditLine, AuditPersonal, AuditSeal, ChainedLine, SealedLine, Timestamp,
};
use doorward_ports::outbound::{AuditChain, AuditChainRead, AuditKey, StoreError};
use serde_json::{Value, json};
use std::ops::RangeInclusive;

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_events, check_for_backend(Backend))]
struct LineRow {
    id: AnyId,
    occurred_at: AnyAt,
    actor: String,
    action: String,
    subject: Option<String>,
    account_id: Option<AnyId>,
    outcome: String,
    correlation_id: String,
    details: String,
    seq: Option<i64>,
    link: Option<Vec<u8>>,
    personal_digest: Option<Vec<u8>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_personal_details, check_for_backend(Backend))]
struct PersonalRow {
    account_id: Option<AnyId>,
    address: Option<String>,
    user_agent: Option<String>,
    salt: Vec<u8>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_keys, check_for_backend(Backend))]
struct KeyRow {
    id: String,
    created_at: At,
    public_key: Vec<u8>,
    sealed_private: Vec<u8>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_seals, check_for_backend(Backend))]
struct SealRow {
    last_seq: i64,
    first_seq: i64,
    link: Vec<u8>,
    sealed_at: AnyAt,
    key_id: String,
    signature: Vec<u8>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_anchors, check_for_backend(Backend))]
struct AnchorRow {
    last_seq: i64,
    link: Vec<u8>,
    pruned_at: AnyAt,
    key_id: String,
    signature: Vec<u8>,
}

/// What is no UUID becomes a text that no line had.
fn id(AnyId(id): AnyId) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}

/// What is no moment becomes one that nobody has signed.
fn moment(AnyAt(at): AnyAt) -> Timestamp {
    at.unwrap_or(Timestamp::EPOCH)
}

fn line((row, personal): (LineRow, Option<PersonalRow>)) -> SealedLine {
    let personal = personal.map(|row| AuditPersonal {
        salt: row.salt,
        account_id: row.account_id.map(id),
        address: row.address,
        user_agent: row.user_agent,
    });
    let line = AuditLine {
        id: id(row.id),
        occurred_at: row.occurred_at.0.map(|at| at.to_string()).unwrap_or_default(),
        actor: row.actor,
        action: row.action,
        subject: row.subject,
        account_id: row.account_id.map(id),
        outcome: row.outcome,
        correlation_id: row.correlation_id,
        details: row.details,
        personal,
    };
    SealedLine {
        seq: row.seq.unwrap_or_default(),
        link: AuditHash::from_stored(&row.link.unwrap_or_default()),
        personal_digest: row.personal_digest.as_deref().map(AuditHash::from_stored),
        line,
    }
}

impl From<SealRow> for AuditSeal {
    fn from(row: SealRow) -> Self {
        let (link, sealed_at) = (AuditHash::from_stored(&row.link), moment(row.sealed_at));
        let head = AuditHead { seq: row.last_seq, link, sealed_at, key_id: row.key_id };
        Self { first_seq: row.first_seq, head, signature: row.signature }
    }
}

impl From<AnchorRow> for AuditAnchor {
    fn from(row: AnchorRow) -> Self {
        let (link, pruned_at) = (AuditHash::from_stored(&row.link), moment(row.pruned_at));
        Self { seq: row.last_seq, link, pruned_at, key_id: row.key_id, signature: row.signature }
    }
}

impl From<KeyRow> for AuditKey {
    fn from(row: KeyRow) -> Self {
        Self { id: row.id, created_at: row.created_at.0, public: row.public_key, sealed: row.sealed_private }
    }
}

#[async_trait]
impl AuditChainRead for SqlWork {
    async fn head(&mut self) -> Result<Option<AuditSeal>, StoreError> {
        // Numbers begin with 1.
        let newest = audit_seals::table.filter(audit_seals::last_seq.gt(0)).order(audit_seals::last_seq.desc());
        let seal = newest.limit(1).select(SealRow::as_select()).first(self.conn()).await.optional();
        Ok(self.settle(seal)?.map(Into::into))
    }

    async fn seals(&mut self, after: i64, limit: usize) -> Result<Vec<AuditSeal>, StoreError> {
        let next = audit_seals::table.filter(audit_seals::last_seq.gt(after)).order(audit_seals::last_seq);
        let seals = next.limit(count(limit)).select(SealRow::as_select()).load(self.conn()).await;
        Ok(self.settle(seals)?.into_iter().map(Into::into).collect())
    }

    async fn lines(&mut self, numbers: RangeInclusive<i64>) -> Result<Vec<SealedLine>, StoreError> {
        let (first, last) = numbers.into_inner();
        let personal = audit_personal_details::table.on(audit_personal_details::event_id.eq(audit_events::id));
        let columns = (LineRow::as_select(), Option::<PersonalRow>::as_select());
        let lines = audit_events::table.left_join(personal).filter(audit_events::seq.between(first, last));
        // One more than there can be: lines of one number then show, however many there are.
        let most = last.saturating_sub(first).saturating_add(2);
        let rows = lines.order(audit_events::seq).limit(most).select(columns).load(self.conn()).await;
        Ok(self.settle(rows)?.into_iter().map(line).collect())
    }

    async fn outside(&mut self, numbers: RangeInclusive<i64>) -> Result<Option<(i64, String)>, StoreError> {
        let (first, last) = numbers.into_inner();
        let place = (audit_events::seq.assume_not_null(), audit_events::id);
        let by_number = audit_events::table.select(place).order(audit_events::seq).limit(1);
        let before = by_number.filter(audit_events::seq.lt(first));
        let found = before.first::<(i64, AnyId)>(self.conn()).await.optional();
        if let Some((seq, stored)) = self.settle(found)? {
            return Ok(Some((seq, id(stored))));
        }
        let found = by_number.filter(audit_events::seq.gt(last)).first::<(i64, AnyId)>(self.conn()).await.optional();
        Ok(self.settle(found)?.map(|(seq, stored)| (seq, id(stored))))
    }

    async fn unsealed(&mut self, limit: usize) -> Result<Vec<AuditLine>, StoreError> {
        let personal = audit_personal_details::table.on(audit_personal_details::event_id.eq(audit_events::id));
        let columns = (LineRow::as_select(), Option::<PersonalRow>::as_select());
        let lines = audit_events::table.left_join(personal).filter(sql::<Bool>(&unsealed_sql(limit)));
        let rows = lines.order(audit_events::id).limit(count(limit)).select(columns).load(self.conn()).await;
        Ok(self.settle(rows)?.into_iter().map(|row| line(row).line).collect())
    }

    async fn anchor(&mut self) -> Result<Option<AuditAnchor>, StoreError> {
        let newest = audit_anchors::table.filter(audit_anchors::last_seq.gt(0)).order(audit_anchors::last_seq.desc());
        let anchor = newest.limit(1).select(AnchorRow::as_select()).first(self.conn()).await.optional();
        Ok(self.settle(anchor)?.map(Into::into))
    }

    async fn keys(&mut self) -> Result<Vec<AuditKey>, StoreError> {
        let keys = audit_keys::table.order((audit_keys::created_at, audit_keys::id)).select(KeyRow::as_select());
        let rows = keys.load(self.conn()).await;
        Ok(self.settle(rows)?.into_iter().map(Into::into).collect())
    }
}

/// One argument for all lines, so that one statement changes them.
fn as_json(lines: &[ChainedLine]) -> String {
    let one = |line: &ChainedLine| json!({ "id": line.id, "seq": line.seq, "link": line.link, "digest": line.personal_digest });
    Value::from_iter(lines.iter().map(one)).to_string()
}

#[async_trait]
impl AuditChain for SqlWork {
    async fn seal(&mut self, seal: &AuditSeal, lines: &[ChainedLine]) -> Result<bool, StoreError> {
        let row = (
            audit_seals::last_seq.eq(seal.head.seq),
            audit_seals::first_seq.eq(seal.first_seq),
            audit_seals::link.eq(seal.head.link.as_bytes().as_slice()),
            audit_seals::sealed_at.eq(At(seal.head.sealed_at)),
            audit_seals::key_id.eq(seal.head.key_id.as_str()),
            audit_seals::signature.eq(seal.signature.as_slice()),
        );
        let added = diesel::insert_into(audit_seals::table).values(row).on_conflict_do_nothing();
        let added = added.execute(self.conn()).await;
        if self.settle(added)? == 0 {
            return Ok(false);
        }
        let chained = diesel::sql_query(CHAIN_LINES_SQL).bind::<Text, _>(as_json(lines)).execute(self.conn()).await;
        match self.settle(chained)? {
            all if all == lines.len() => Ok(true),
            some => Err(StoreError::Failed(format!("{some} of {} audit lines had no number", lines.len()).into())),
        }
    }

    async fn prune(&mut self, anchor: &AuditAnchor) -> Result<usize, StoreError> {
        let row = (
            audit_anchors::last_seq.eq(anchor.seq),
            audit_anchors::link.eq(anchor.link.as_bytes().as_slice()),
            audit_anchors::pruned_at.eq(At(anchor.pruned_at)),
            audit_anchors::key_id.eq(anchor.key_id.as_str()),
            audit_anchors::signature.eq(anchor.signature.as_slice()),
        );
        // First, because the triggers allow deletions only up to an anchor.
        let anchored = diesel::insert_into(audit_anchors::table).values(row).execute(self.conn()).await;
        exactly_one(self.settle(anchored)?, "audit_anchors", &anchor.seq)?;
        let lines = audit_events::table.filter(audit_events::seq.le(anchor.seq));
        let personal = audit_personal_details::event_id.eq_any(lines.select(audit_events::id));
        let erased = diesel::delete(audit_personal_details::table.filter(personal)).execute(self.conn()).await;
        self.settle(erased)?;
        let deleted = diesel::delete(lines).execute(self.conn()).await;
        let deleted = self.settle(deleted)?;
        let seals = audit_seals::table.filter(audit_seals::last_seq.lt(anchor.seq));
        let done = diesel::delete(seals).execute(self.conn()).await;
        self.settle(done)?;
        let replaced = audit_anchors::table.filter(audit_anchors::last_seq.lt(anchor.seq));
        let done = diesel::delete(replaced).execute(self.conn()).await;
        self.settle(done)?;
        Ok(deleted)
    }

    async fn add_key(&mut self, key: &AuditKey) -> Result<(), StoreError> {
        let AuditKey { id, created_at, public, sealed } = key.clone();
        let row = KeyRow { id, created_at: At(created_at), public_key: public, sealed_private: sealed };
        let added = diesel::insert_into(audit_keys::table).values(row).execute(self.conn()).await;
        exactly_one(self.settle(added)?, "audit_keys", &key.id)
    }
}
