use super::columns::{At, Id, count};
use super::errors::exactly_one;
use super::kept::Keep;
use super::schema::{logout_tokens, provider_sessions, sessions};
use super::sessions::live_at;
use super::work::SqlWork;
use crate::backend::Backend;
use async_trait::async_trait;
use diesel::dsl::case_when;
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use doorward_domain::{SessionId, Timestamp, UserId};
use doorward_ports::outbound::{EndedThere, ProviderSession, ProviderSessions, StoreError, Whose};
use doorward_ports::{Secret, SecretDigest};

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

    async fn note_end(&mut self, ended: EndedThere<'_>, now: Timestamp) -> Result<(), StoreError> {
        let key = key_of(ended);
        let row = (
            logout_tokens::digest.eq(key.to_text()),
            logout_tokens::expires_at.eq(At(now)),
            logout_tokens::ended_at.eq(Some(At(now))),
        );
        let changes = (
            logout_tokens::expires_at.eq(excluded(logout_tokens::expires_at)),
            logout_tokens::ended_at.eq(excluded(logout_tokens::ended_at)),
        );
        let note = diesel::insert_into(logout_tokens::table).values(row).on_conflict(logout_tokens::digest);
        let noted = note.do_update().set(changes).kept().execute(self.conn()).await;
        exactly_one(self.settle(noted)?, "logout_tokens", &key.to_text())
    }

    async fn has_ended(
        &mut self,
        there: ProviderSession<'_>,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (provider, issuer, subject) = (there.provider, there.key.issuer(), there.key.subject());
        let ended = |whose| EndedThere { provider, issuer, whose };
        if let Some(id) = there.id {
            for whose in [Whose::Session(id, None), Whose::Session(id, Some(subject))] {
                if self.locked_end(ended(whose), now).await?.is_some() {
                    return Ok(true);
                }
            }
        }
        Ok(self.locked_end(ended(Whose::Subject(subject)), now).await?.is_some_and(|at| at > since))
    }

    async fn purge_logout_tokens(&mut self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.purge_rows(EXPIRED_LONG_AGO, before, limit).await
    }
}

impl SqlWork {
    /// When this has ended, if it has. The row is created if there is none, because a row that does not exist can't be locked.
    async fn locked_end(&mut self, ended: EndedThere<'_>, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let row = (logout_tokens::digest.eq(key_of(ended).to_text()), logout_tokens::expires_at.eq(At(now)));
        let lock = diesel::insert_into(logout_tokens::table).values(row).on_conflict(logout_tokens::digest);
        // An end is kept for its own time, however often somebody asks.
        let kept_for = case_when(logout_tokens::ended_at.is_null(), excluded(logout_tokens::expires_at));
        let lock = lock.do_update().set(logout_tokens::expires_at.eq(kept_for.otherwise(logout_tokens::expires_at)));
        let locked = lock.returning(logout_tokens::ended_at).kept().get_result::<Option<At>>(self.conn()).await;
        Ok(self.settle(locked)?.map(|at| at.0))
    }
}

/// What a note is found by. The list has more members than what the digest of a token is of.
fn key_of(EndedThere { provider, issuer, whose }: EndedThere<'_>) -> SecretDigest {
    let (session, subject) = match whose {
        Whose::Session(session, subject) => (Some(session.to_text()), subject),
        Whose::Subject(subject) => (None, Some(subject)),
    };
    SecretDigest::of(&Secret::new(serde_json::json!([provider.as_str(), issuer, session, subject]).to_string()))
}

const EXPIRED_LONG_AGO: &str = "DELETE FROM logout_tokens WHERE digest IN \
    (SELECT digest FROM logout_tokens WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)";
