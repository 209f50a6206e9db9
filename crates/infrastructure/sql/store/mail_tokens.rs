use super::columns::{At, Id, TableRow};
use super::errors::exactly_one;
use super::kept::Keep;
use super::schema::mail_tokens as tokens;
use super::work::SqlWork;
use crate::backend::Backend;
use async_trait::async_trait;
use diesel::dsl::case_when;
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use doorward_domain::{MailToken, MailTokenPurpose, Timestamp, UserId};
use doorward_ports::SecretDigest;
use doorward_ports::outbound::{MailTokens, MailTokensRead, StoreError};

const TABLE: &str = "mail_tokens";

#[derive(Queryable, Selectable)]
#[diesel(table_name = tokens, check_for_backend(Backend))]
struct TokenRow {
    user_id: Id,
    purpose: String,
    email: String,
    issued_at: At,
    expires_at: At,
}

impl TokenRow {
    fn read(self) -> Result<MailToken, StoreError> {
        let row = TableRow { table: TABLE, row: &self.user_id.0 };
        Ok(MailToken {
            user: self.user_id.into(),
            purpose: row.read(&self.purpose)?,
            email: row.read(&self.email)?,
            issued_at: self.issued_at.0,
            expires_at: self.expires_at.0,
        })
    }
}

#[async_trait]
impl MailTokensRead for SqlWork {
    async fn find(&mut self, token: &SecretDigest, now: Timestamp) -> Result<Option<MailToken>, StoreError> {
        let good = tokens::table
            .filter(tokens::digest.eq(token.to_text()))
            .filter(tokens::expires_at.gt(At(now)))
            .select(TokenRow::as_select());
        let row = good.get_result(self.conn()).await.optional();
        self.settle(row)?.map(TokenRow::read).transpose()
    }
}

#[async_trait]
impl MailTokens for SqlWork {
    async fn issue(&mut self, token: &MailToken, digest: &SecretDigest) -> Result<(), StoreError> {
        let row = (
            tokens::user_id.eq(Id::from(token.user)),
            tokens::slot.eq(token.slot()),
            tokens::purpose.eq(token.purpose.as_str()),
            tokens::email.eq(token.email.as_str()),
            tokens::digest.eq(digest.to_text()),
            tokens::issued_at.eq(At(token.issued_at)),
            tokens::expires_at.eq(At(token.expires_at)),
        );
        let still_reports = tokens::purpose
            .eq(MailTokenPurpose::ReportTakeover.as_str())
            .and(tokens::expires_at.gt(At(token.issued_at)))
            .and(tokens::issued_at.lt(At(token.issued_at)));
        let replaced = (
            tokens::purpose.eq(excluded(tokens::purpose)),
            tokens::email.eq(excluded(tokens::email)),
            tokens::digest.eq(excluded(tokens::digest)),
            tokens::issued_at.eq(case_when(still_reports, tokens::issued_at).otherwise(excluded(tokens::issued_at))),
            tokens::expires_at.eq(excluded(tokens::expires_at)),
        );
        let issue = diesel::insert_into(tokens::table).values(row);
        let issue = issue.on_conflict((tokens::user_id, tokens::slot)).do_update().set(replaced);
        let issued = issue.kept().execute(self.conn()).await;
        exactly_one(self.settle(issued)?, TABLE, &token.user)
    }

    async fn spend(
        &mut self,
        token: &SecretDigest,
        purpose: MailTokenPurpose,
        now: Timestamp,
    ) -> Result<Option<MailToken>, StoreError> {
        let good = tokens::table
            .filter(tokens::digest.eq(token.to_text()))
            .filter(tokens::purpose.eq(purpose.as_str()))
            .filter(tokens::expires_at.gt(At(now)));
        let spend = diesel::delete(good).returning(TokenRow::as_returning()).kept();
        let row = spend.get_result(self.conn()).await.optional();
        self.settle(row)?.map(TokenRow::read).transpose()
    }

    async fn revoke(
        &mut self,
        user: UserId,
        purposes: &[MailTokenPurpose],
        issued_from: Timestamp,
    ) -> Result<usize, StoreError> {
        let purposes = purposes.iter().map(|purpose| purpose.as_str());
        let its = tokens::table.filter(tokens::user_id.eq(Id::from(user))).filter(tokens::purpose.eq_any(purposes));
        let its = its.filter(tokens::issued_at.ge(At(issued_from)));
        let revoked = diesel::delete(its).execute(self.conn()).await;
        self.settle(revoked)
    }

    async fn purge(&mut self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.purge_rows(EXPIRED_LONG_AGO, before, limit).await
    }
}

const EXPIRED_LONG_AGO: &str = "DELETE FROM mail_tokens WHERE (user_id, slot) IN \
    (SELECT user_id, slot FROM mail_tokens WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)";
