use super::columns::{At, Id, count};
use super::errors::exactly_one;
use super::kept::Keep;
use super::schema::{logout_tokens, provider_sessions, sessions};
use super::sessions::live_at;
use super::work::SqlWork;
use crate::backend::Backend;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use doorward_domain::{SessionId, Timestamp, UserId};
use doorward_ports::SecretDigest;
use doorward_ports::outbound::{EndedThere, ProviderSession, ProviderSessions, StoreError, Whose};

#[async_trait]
impl ProviderSessions for SqlWork {
    async fn insert(&mut self, session: SessionId, there: ProviderSession<'_>) -> Result<(), StoreError> {
        let row = (
            provider_sessions::session_id.eq(Id::from(session)),
            provider_sessions::provider.eq(there.provider.as_str()),
            provider_sessions::issuer.eq(there.key.issuer()),
            provider_sessions::subject.eq(there.key.subject()),
            provider_sessions::sid_digest.eq(there.id.map(SecretDigest::to_text)),
        );
        let inserted = diesel::insert_into(provider_sessions::table).values(row).kept().execute(self.conn()).await;
        exactly_one(self.settle(inserted)?, "provider_sessions", &session)
    }

    async fn live(
        &mut self,
        ended: EndedThere<'_>,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<(SessionId, UserId)>, StoreError> {
        let theirs = provider_sessions::table
            .inner_join(sessions::table)
            .filter(provider_sessions::provider.eq(ended.provider.as_str()))
            .filter(provider_sessions::issuer.eq(ended.issuer))
            .filter(live_at(At(now)))
            .select((sessions::id, sessions::user_id))
            .into_boxed::<Backend>();
        let (session, subject) = match ended.whose {
            Whose::Session(session, subject) => (Some(session), subject),
            Whose::Subject(subject) => (None, Some(subject)),
        };
        let theirs = match session {
            Some(session) => theirs.filter(provider_sessions::sid_digest.eq(session.to_text())),
            None => theirs,
        };
        let theirs = match subject {
            Some(subject) => theirs.filter(provider_sessions::subject.eq(subject)),
            None => theirs,
        };
        let theirs = theirs.order(provider_sessions::session_id).limit(count(limit));
        let rows = theirs.load::<(Id, Id)>(self.conn()).await;
        Ok(self.settle(rows)?.into_iter().map(|(session, user)| (session.into(), user.into())).collect())
    }

    async fn use_logout_token(&mut self, token: &SecretDigest, expires_at: Timestamp) -> Result<bool, StoreError> {
        let row = (logout_tokens::digest.eq(token.to_text()), logout_tokens::expires_at.eq(At(expires_at)));
        let used = diesel::insert_into(logout_tokens::table).values(row).on_conflict_do_nothing();
        let used = used.execute(self.conn()).await;
        Ok(self.settle(used)? == 1)
    }

    async fn purge_logout_tokens(&mut self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.purge_rows(EXPIRED_LONG_AGO, before, limit).await
    }
}

const EXPIRED_LONG_AGO: &str = "DELETE FROM logout_tokens WHERE digest IN \
    (SELECT digest FROM logout_tokens WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)";
