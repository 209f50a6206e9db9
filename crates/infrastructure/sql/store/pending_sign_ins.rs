use super::columns::{At, Id, TableRow};
use super::errors::exactly_one;
use super::kept::Keep;
use super::schema::pending_sign_ins as pending;
use super::work::SqlWork;
use crate::backend::Backend;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use doorward_domain::{AttemptId, Client, MOST_WRONG_CODES, PendingSignIn, PendingSignInId, Timestamp, UserId};
use doorward_ports::SecretDigest;
use doorward_ports::outbound::{PendingSignIns, StoreError};

const TABLE: &str = "pending_sign_ins";

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = pending, check_for_backend(Backend))]
struct PendingRow {
    id: Id,
    user_id: Id,
    client_id: String,
    authentications: String,
    attempt_id: Option<Id>,
    begun_at: At,
    tries: i64,
    ended_at: Option<At>,
}

impl From<&PendingSignIn> for PendingRow {
    fn from(it: &PendingSignIn) -> Self {
        Self {
            id: it.id.into(),
            user_id: it.user.into(),
            client_id: it.client.as_str().to_owned(),
            authentications: serde_json::json!(it.proved).to_string(),
            attempt_id: it.attempt.map(Id::from),
            begun_at: At(it.begun_at),
            tries: it.tries.into(),
            ended_at: it.ended_at.map(At),
        }
    }
}

impl PendingRow {
    fn read(self) -> Result<PendingSignIn, StoreError> {
        let row = TableRow { table: TABLE, row: &self.id.0 };
        Ok(PendingSignIn {
            id: self.id.into(),
            user: self.user_id.into(),
            client: Client::from_id(self.client_id),
            proved: serde_json::from_str(&self.authentications).map_err(|why| row.corrupt(why))?,
            attempt: self.attempt_id.map(Into::into),
            begun_at: self.begun_at.0,
            tries: self.tries.try_into().map_err(|e| row.corrupt(e))?,
            ended_at: self.ended_at.map(|at| at.0),
        })
    }
}

#[async_trait]
impl PendingSignIns for SqlWork {
    async fn insert(&mut self, it: &PendingSignIn, token: &SecretDigest) -> Result<(), StoreError> {
        let row = (PendingRow::from(it), pending::token_digest.eq(token.to_text()));
        let inserted = diesel::insert_into(pending::table).values(row).kept().execute(self.conn()).await;
        exactly_one(self.settle(inserted)?, TABLE, &it.id)
    }

    async fn by_token(&mut self, token: &SecretDigest) -> Result<Option<PendingSignIn>, StoreError> {
        let its = pending::table.filter(pending::token_digest.eq(token.to_text()));
        let row = its.select(PendingRow::as_select()).get_result(self.conn()).await.optional();
        self.settle(row)?.map(PendingRow::read).transpose()
    }

    async fn try_code(
        &mut self,
        token: &SecretDigest,
        begun_by: Timestamp,
    ) -> Result<Option<PendingSignIn>, StoreError> {
        let open = pending::table
            .filter(pending::token_digest.eq(token.to_text()))
            .filter(pending::ended_at.is_null())
            .filter(pending::tries.lt(i64::from(MOST_WRONG_CODES)))
            .filter(pending::begun_at.gt(At(begun_by)));
        let tried = diesel::update(open).set(pending::tries.eq(pending::tries + 1));
        let row = tried.returning(PendingRow::as_returning()).kept().get_result(self.conn()).await.optional();
        self.settle(row)?.map(PendingRow::read).transpose()
    }

    async fn end(&mut self, id: PendingSignInId, at: Timestamp) -> Result<bool, StoreError> {
        let open = pending::table.find(Id::from(id)).filter(pending::ended_at.is_null());
        let ended = diesel::update(open).set(pending::ended_at.eq(Some(At(at)))).kept().execute(self.conn()).await;
        Ok(self.settle(ended)? == 1)
    }

    async fn end_of_user(&mut self, user: UserId, at: Timestamp) -> Result<usize, StoreError> {
        let open = pending::table.filter(pending::user_id.eq(Id::from(user))).filter(pending::ended_at.is_null());
        let ended = diesel::update(open).set(pending::ended_at.eq(Some(At(at)))).kept().execute(self.conn()).await;
        self.settle(ended)
    }

    async fn end_of_attempt(&mut self, attempt: AttemptId, at: Timestamp) -> Result<bool, StoreError> {
        let open =
            pending::table.filter(pending::attempt_id.eq(Some(Id::from(attempt)))).filter(pending::ended_at.is_null());
        let ended = diesel::update(open).set(pending::ended_at.eq(Some(At(at)))).kept().execute(self.conn()).await;
        Ok(self.settle(ended)? == 1)
    }

    async fn purge(&mut self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.purge_rows(BEGUN_LONG_AGO, before, limit).await
    }
}

const BEGUN_LONG_AGO: &str = "DELETE FROM pending_sign_ins WHERE id IN \
    (SELECT id FROM pending_sign_ins WHERE begun_at < $1 ORDER BY begun_at LIMIT $2)";
