use super::columns::{At, Id, TableRow};
use super::errors::exactly_one;
use super::kept::Keep;
use super::schema::authorization_attempts as attempts;
use super::work::SqlWork;
use crate::backend::Backend;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use doorward_domain::{AttemptId, AttemptPurpose, AuthorizationAttempt, Client, ProviderName, SessionId, Timestamp};
use doorward_ports::SecretDigest;
use doorward_ports::outbound::{
    AnsweredAttempt, AttemptSecrets, AuthorizationAttempts, LinkOffer, SpentCode, StoreError,
};

const TABLE: &str = "authorization_attempts";

#[derive(Queryable, Selectable)]
#[diesel(table_name = attempts, check_for_backend(Backend))]
struct AttemptRow {
    id: Id,
    provider: String,
    link_user_id: Option<Id>,
    client_id: String,
    redirect_uri: String,
    client_state: Option<String>,
    challenge: String,
    begun_at: At,
}

impl AttemptRow {
    fn read(self) -> Result<AuthorizationAttempt, StoreError> {
        let row = TableRow { table: TABLE, row: &self.id.0 };
        Ok(AuthorizationAttempt {
            id: self.id.into(),
            provider: row.read(&self.provider)?,
            purpose: self.link_user_id.map_or(AttemptPurpose::SignIn, |user| AttemptPurpose::Link(user.into())),
            client: Client::from_id(self.client_id),
            redirect_uri: row.read(&self.redirect_uri)?,
            state: self.client_state,
            challenge: row.read(&self.challenge)?,
            begun_at: self.begun_at.0,
        })
    }
}

#[async_trait]
impl AuthorizationAttempts for SqlWork {
    async fn insert(&mut self, attempt: &AuthorizationAttempt, secrets: AttemptSecrets<'_>) -> Result<(), StoreError> {
        let account = match attempt.purpose {
            AttemptPurpose::SignIn => None,
            AttemptPurpose::Link(user) => Some(Id::from(user)),
        };
        let row = (
            attempts::id.eq(Id::from(attempt.id)),
            attempts::provider.eq(attempt.provider.as_str()),
            attempts::link_user_id.eq(account),
            attempts::client_id.eq(attempt.client.as_str()),
            attempts::redirect_uri.eq(attempt.redirect_uri.as_str()),
            attempts::client_state.eq(attempt.state.as_deref()),
            attempts::challenge.eq(attempt.challenge.as_str()),
            attempts::begun_at.eq(At(attempt.begun_at)),
            attempts::state_digest.eq(secrets.state.to_text()),
            attempts::browser_digest.eq(secrets.browser.map(SecretDigest::to_text)),
            attempts::sealed_verifier.eq(secrets.verifier),
        );
        let inserted = diesel::insert_into(attempts::table).values(row).kept().execute(self.conn()).await;
        exactly_one(self.settle(inserted)?, TABLE, &attempt.id)
    }

    async fn answer(
        &mut self,
        state: &SecretDigest,
        provider: &ProviderName,
        browser: Option<&SecretDigest>,
        begun_after: Timestamp,
        now: Timestamp,
    ) -> Result<Option<AnsweredAttempt>, StoreError> {
        // Equal to NULL is nothing, so an attempt of a browser is not answered without one.
        let in_its_browser =
            attempts::browser_digest.is_null().or(attempts::browser_digest.eq(browser.map(SecretDigest::to_text)));
        let open = attempts::table
            .filter(attempts::state_digest.eq(state.to_text()))
            .filter(attempts::provider.eq(provider.as_str()))
            .filter(in_its_browser)
            .filter(attempts::begun_at.ge(At(begun_after)))
            .filter(attempts::answered_at.is_null());
        let answer = diesel::update(open).set(attempts::answered_at.eq(Some(At(now))));
        let answer = answer.returning((AttemptRow::as_returning(), attempts::sealed_verifier)).kept();
        let row = answer.get_result::<(AttemptRow, Vec<u8>)>(self.conn()).await.optional();
        let answered = |(row, verifier): (AttemptRow, _)| Ok(AnsweredAttempt { attempt: row.read()?, verifier });
        self.settle(row)?.map(answered).transpose()
    }

    async fn issue_code(
        &mut self,
        id: AttemptId,
        code: &SecretDigest,
        identity: &[u8],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let answered = attempts::table.find(Id::from(id)).filter(attempts::answered_at.is_not_null());
        let code = (
            attempts::code_digest.eq(Some(code.to_text())),
            attempts::sealed_identity.eq(Some(identity)),
            attempts::code_issued_at.eq(Some(At(now))),
        );
        let issue = diesel::update(answered.filter(attempts::code_issued_at.is_null())).set(code).kept();
        let issued = issue.execute(self.conn()).await;
        exactly_one(self.settle(issued)?, TABLE, &id)
    }

    async fn spend_code(&mut self, code: &SecretDigest, now: Timestamp) -> Result<Option<SpentCode>, StoreError> {
        let its = attempts::table.filter(attempts::code_digest.eq(Some(code.to_text())));
        let spend = diesel::update(its.filter(attempts::code_spent_at.is_null()))
            .set(attempts::code_spent_at.eq(Some(At(now))));
        let proved = (attempts::sealed_identity.assume_not_null(), attempts::code_issued_at.assume_not_null());
        let spend = spend.returning((AttemptRow::as_returning(), proved)).kept();
        let row = spend.get_result::<(AttemptRow, (Vec<u8>, At))>(self.conn()).await.optional();
        let Some((row, (identity, issued_at))) = self.settle(row)? else { return self.spent_before(code).await };
        Ok(Some(SpentCode::First { attempt: Box::new(row.read()?), identity, issued_at: issued_at.0 }))
    }

    async fn spent(&mut self, id: AttemptId) -> Result<Option<(AuthorizationAttempt, Vec<u8>)>, StoreError> {
        let spent = attempts::table.find(Id::from(id)).filter(attempts::code_spent_at.is_not_null());
        let spent = spent.select((AttemptRow::as_select(), attempts::sealed_identity.assume_not_null()));
        let row = spent.get_result::<(AttemptRow, Vec<u8>)>(self.conn()).await.optional();
        self.settle(row)?.map(|(row, identity)| Ok((row.read()?, identity))).transpose()
    }

    async fn note_session(&mut self, id: AttemptId, session: SessionId) -> Result<(), StoreError> {
        let spent = attempts::table.find(Id::from(id)).filter(attempts::code_spent_at.is_not_null());
        let note = diesel::update(spent.filter(attempts::session_id.is_null()));
        let noted = note.set(attempts::session_id.eq(Some(Id::from(session)))).kept().execute(self.conn()).await;
        exactly_one(self.settle(noted)?, TABLE, &id)
    }

    async fn offer_link(&mut self, id: AttemptId, token: &SecretDigest, now: Timestamp) -> Result<(), StoreError> {
        let spent = attempts::table.find(Id::from(id)).filter(attempts::code_spent_at.is_not_null());
        let offer = (attempts::link_digest.eq(Some(token.to_text())), attempts::link_offered_at.eq(Some(At(now))));
        let offer = diesel::update(spent.filter(attempts::link_offered_at.is_null())).set(offer).kept();
        let offered = offer.execute(self.conn()).await;
        exactly_one(self.settle(offered)?, TABLE, &id)
    }

    async fn take_link(&mut self, token: &SecretDigest, now: Timestamp) -> Result<Option<LinkOffer>, StoreError> {
        let its = attempts::table.filter(attempts::link_digest.eq(Some(token.to_text())));
        let take = diesel::update(its.filter(attempts::link_taken_at.is_null()))
            .set(attempts::link_taken_at.eq(Some(At(now))));
        let offered = (attempts::sealed_identity.assume_not_null(), attempts::link_offered_at.assume_not_null());
        let take = take.returning((AttemptRow::as_returning(), offered)).kept();
        let row = take.get_result::<(AttemptRow, (Vec<u8>, At))>(self.conn()).await.optional();
        let Some((row, (identity, offered_at))) = self.settle(row)? else { return Ok(None) };
        Ok(Some(LinkOffer { attempt: row.read()?, identity, offered_at: offered_at.0 }))
    }

    async fn purge(&mut self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.purge_rows(BEGUN_LONG_AGO, before, limit).await
    }
}

impl SqlWork {
    /// A statement of its own, so that it sees what the first use has committed while this one waited for it.
    async fn spent_before(&mut self, code: &SecretDigest) -> Result<Option<SpentCode>, StoreError> {
        let its = attempts::table.filter(attempts::code_digest.eq(Some(code.to_text())));
        let spent = its.select((attempts::id, attempts::session_id));
        let spent = spent.get_result::<(Id, Option<Id>)>(self.conn()).await.optional();
        let again = |(id, session): (Id, Option<Id>)| (id.into(), session.map(Into::into));
        Ok(self.settle(spent)?.map(again).map(|(attempt, session)| SpentCode::Again { attempt, session }))
    }
}

const BEGUN_LONG_AGO: &str = "DELETE FROM authorization_attempts WHERE id IN \
    (SELECT id FROM authorization_attempts WHERE begun_at < $1 ORDER BY begun_at LIMIT $2)";
