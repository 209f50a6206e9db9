use super::columns::{At, Id, TableRow, count};
use super::errors::exactly_one;
use super::kept::Keep;
use super::schema::outbox;
use super::work::SqlWork;
use crate::backend::{Backend, free_rows};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use doorward_domain::Timestamp;
use doorward_ports::outbound::{Outbox, OutboxMail, OutboxRead, StoreError, WaitingMail};

const TABLE: &str = "outbox";

#[derive(Queryable, Selectable)]
#[diesel(table_name = outbox, check_for_backend(Backend))]
struct OutboxRow {
    id: Id,
    user_id: Id,
    kind: String,
    sealed_content: Vec<u8>,
    created_at: At,
    expires_at: At,
    claimed_until: At,
    attempts: i64,
}

impl OutboxRow {
    fn read(self) -> Result<WaitingMail, StoreError> {
        let row = TableRow { table: TABLE, row: &self.id.0 };
        let mail = OutboxMail {
            id: self.id.into(),
            user: self.user_id.into(),
            kind: row.read(&self.kind)?,
            content: self.sealed_content,
            created_at: self.created_at.0,
            expires_at: self.expires_at.0,
        };
        let attempts = u32::try_from(self.attempts).map_err(|error| row.corrupt(error))?;
        Ok(WaitingMail { mail, due_at: self.claimed_until.0, attempts })
    }
}

#[async_trait]
impl OutboxRead for SqlWork {
    async fn count(&mut self) -> Result<u64, StoreError> {
        let mails = outbox::table.count().get_result::<i64>(self.conn()).await;
        Ok(u64::try_from(self.settle(mails)?).unwrap_or_default())
    }

    async fn list(&mut self, limit: usize) -> Result<Vec<WaitingMail>, StoreError> {
        let rows = outbox::table.order((outbox::claimed_until, outbox::id)).limit(count(limit));
        let rows = rows.select(OutboxRow::as_select()).load(self.conn()).await;
        self.settle(rows)?.into_iter().map(OutboxRow::read).collect()
    }
}

#[async_trait]
impl Outbox for SqlWork {
    async fn put(&mut self, mail: &OutboxMail) -> Result<(), StoreError> {
        let row = (
            outbox::id.eq(Id::from(mail.id)),
            outbox::user_id.eq(Id::from(mail.user)),
            outbox::kind.eq(mail.kind.as_str()),
            outbox::sealed_content.eq(mail.content.as_slice()),
            outbox::created_at.eq(At(mail.created_at)),
            outbox::expires_at.eq(At(mail.expires_at)),
            outbox::claimed_until.eq(At(mail.created_at)),
            outbox::attempts.eq(0_i64),
        );
        let put = diesel::insert_into(outbox::table).values(row).kept().execute(self.conn()).await;
        exactly_one(self.settle(put)?, TABLE, &mail.id)
    }

    /// The second statement names the time again, so that it changes nothing if another one was faster.
    async fn claim(&mut self, now: Timestamp, until: Timestamp) -> Result<Option<WaitingMail>, StoreError> {
        let due = outbox::table
            .filter(outbox::claimed_until.le(At(now)))
            .order((outbox::claimed_until, outbox::id))
            .select(outbox::id)
            .limit(1);
        let free = free_rows!(due).load::<Id>(self.conn()).await;
        let Some(id) = self.settle(free)?.into_iter().next() else { return Ok(None) };
        let still_due = outbox::table.find(id).filter(outbox::claimed_until.le(At(now)));
        let claim = (outbox::claimed_until.eq(At(until)), outbox::attempts.eq(outbox::attempts + 1));
        let claim = diesel::update(still_due).set(claim).returning(OutboxRow::as_returning()).kept();
        let row = claim.get_result::<OutboxRow>(self.conn()).await.optional();
        self.settle(row)?.map(OutboxRow::read).transpose()
    }

    async fn remove(&mut self, taken: &WaitingMail) -> Result<bool, StoreError> {
        let own = outbox::table.find(Id::from(taken.mail.id)).filter(outbox::attempts.eq(i64::from(taken.attempts)));
        let removed = diesel::delete(own).execute(self.conn()).await;
        Ok(self.settle(removed)? == 1)
    }

    async fn postpone(&mut self, taken: &WaitingMail, due_at: Timestamp) -> Result<bool, StoreError> {
        let own = outbox::table.find(Id::from(taken.mail.id)).filter(outbox::attempts.eq(i64::from(taken.attempts)));
        let postponed = diesel::update(own).set(outbox::claimed_until.eq(At(due_at))).kept().execute(self.conn()).await;
        Ok(self.settle(postponed)? == 1)
    }
}
