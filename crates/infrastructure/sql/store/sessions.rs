use super::columns::{At, Id, OfAnApp, TableRow, count};
use super::kept::Keep;
use super::schema::sessions;
use super::work::SqlWork;
use crate::backend::{Backend, TimeSql, free_rows};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use doorward_domain::{
    Authentications, Client, DeviceName, EndReason, Generation, RefreshFamily, Session, SessionId, SessionState,
    Timestamp, UserId,
};
use doorward_ports::outbound::{Exchange, Revocation, Seen, Sessions, SessionsRead, StoreError};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions, check_for_backend(Backend))]
struct SessionRow {
    id: Id,
    user_id: Id,
    client_id: String,
    authentications: String,
    device: String,
    user_agent: Option<String>,
    address: Option<String>,
    created_at: At,
    last_seen_at: At,
    generation: i64,
    refresh_token: Id,
    refresh_issued_at: At,
    expires_at: At,
    idle_ends_at: Option<At>,
    previous_token: Option<Id>,
    previous_spent_at: Option<At>,
    ended_at: Option<At>,
    end_reason: Option<String>,
}

impl From<&Session> for SessionRow {
    fn from(session: &Session) -> Self {
        let RefreshFamily { current, previous } = session.family;
        let end = match session.state {
            SessionState::Active => None,
            SessionState::Ended { at, reason } => Some((at, reason)),
        };
        Self {
            id: session.id.into(),
            user_id: session.user.into(),
            client_id: session.client.as_str().to_owned(),
            authentications: serde_json::json!(session.authentications).to_string(),
            device: session.device.to_string(),
            user_agent: session.user_agent.clone(),
            address: session.address.map(|address| address.to_string()),
            created_at: At(session.created_at),
            last_seen_at: At(session.last_seen_at),
            generation: current.number,
            refresh_token: current.token.into(),
            refresh_issued_at: At(current.issued_at),
            expires_at: At(current.expires_at),
            idle_ends_at: session.idle_ends_at.map(At),
            previous_token: previous.map(|(token, _)| token.into()),
            previous_spent_at: previous.map(|(_, at)| At(at)),
            ended_at: end.map(|(at, _)| At(at)),
            end_reason: end.map(|(_, reason)| reason.as_str().to_owned()),
        }
    }
}

impl SessionRow {
    fn read(self) -> Result<Session, StoreError> {
        let row = TableRow { table: "sessions", row: &self.id.0 };
        Ok(Session {
            id: self.id.into(),
            user: self.user_id.into(),
            authentications: serde_json::from_str(&self.authentications).map_err(|why| row.corrupt(why))?,
            device: row.read(&self.device)?,
            address: row.read_some(self.address.as_deref())?,
            family: self.family(),
            state: self.state(&row)?,
            client: Client::from_id(self.client_id),
            user_agent: self.user_agent,
            created_at: self.created_at.0,
            last_seen_at: self.last_seen_at.0,
            idle_ends_at: self.idle_ends_at.map(|at| at.0),
        })
    }

    fn family(&self) -> RefreshFamily {
        RefreshFamily {
            current: Generation {
                number: self.generation,
                token: self.refresh_token.into(),
                issued_at: self.refresh_issued_at.0,
                expires_at: self.expires_at.0,
            },
            previous: self.previous_token.zip(self.previous_spent_at).map(|(token, at)| (token.into(), at.0)),
        }
    }

    fn state(&self, row: &TableRow<'_>) -> Result<SessionState, StoreError> {
        let Some(at) = self.ended_at else { return Ok(SessionState::Active) };
        let reason = self.end_reason.as_deref().and_then(EndReason::from_name);
        let reason = reason.ok_or_else(|| row.corrupt("an unknown reason of its end"))?;
        Ok(SessionState::Ended { at: at.0, reason })
    }
}

/// As in the domain: not ended, and before the end of its refresh token and its end as idle.
#[diesel::dsl::auto_type(no_type_alias)]
pub fn live_at(now: At) -> _ {
    let in_use = sessions::idle_ends_at.is_null().or(sessions::idle_ends_at.gt(now));
    sessions::ended_at.is_null().and(sessions::expires_at.gt(now)).and(in_use)
}

#[async_trait]
impl SessionsRead for SqlWork {
    async fn by_id(&mut self, id: SessionId) -> Result<Option<Session>, StoreError> {
        let row = sessions::table.find(Id::from(id)).select(SessionRow::as_select());
        let row = row.get_result(self.conn()).await.optional();
        self.settle(row)?.map(SessionRow::read).transpose()
    }

    async fn live_of(
        &mut self,
        user: UserId,
        now: Timestamp,
        after: Option<SessionId>,
        limit: usize,
    ) -> Result<Vec<Session>, StoreError> {
        let live = sessions::table.filter(sessions::user_id.eq(Id::from(user))).filter(live_at(At(now)));
        let mut page = live.select(SessionRow::as_select()).into_boxed::<Backend>();
        if let Some(after) = after {
            page = page.filter(sessions::id.lt(Id::from(after)));
        }
        let rows = page.order(sessions::id.desc()).limit(count(limit)).load(self.conn()).await;
        self.settle(rows)?.into_iter().map(SessionRow::read).collect()
    }

    async fn knows_device(&mut self, user: UserId, device: &DeviceName) -> Result<bool, StoreError> {
        let its = sessions::table
            .filter(sessions::user_id.eq(Id::from(user)))
            .filter(sessions::device.eq(device.as_str()))
            .select(sessions::id);
        let known = its.kept_with_limit(1).load::<Id>(self.conn()).await;
        Ok(!self.settle(known)?.is_empty())
    }

    async fn count_live(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        let live = sessions::table.filter(live_at(At(now)));
        let counted = live.count().get_result::<i64>(self.conn()).await;
        Ok(u64::try_from(self.settle(counted)?).unwrap_or_default())
    }
}

#[async_trait]
impl Sessions for SqlWork {
    async fn insert(&mut self, session: &Session) -> Result<(), StoreError> {
        let row = SessionRow::from(session);
        let inserted = diesel::insert_into(sessions::table).values(row).kept().execute(self.conn()).await;
        self.settle(inserted).map(|_| ())
    }

    async fn set_authentications(
        &mut self,
        id: SessionId,
        authentications: &Authentications,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let live = sessions::table.filter(sessions::id.eq(Id::from(id))).filter(live_at(At(now)));
        let rests_on = sessions::authentications.eq(serde_json::json!(authentications).to_string());
        let changed = diesel::update(live).set(rests_on).execute(self.conn()).await;
        Ok(self.settle(changed)? == 1)
    }

    async fn saw(&mut self, ids: &[SessionId], seen: &Seen) -> Result<usize, StoreError> {
        let ids: Vec<Id> = ids.iter().copied().map(Id::from).collect();
        let used = sessions::table
            .filter(sessions::id.eq_any(ids))
            .filter(live_at(At(seen.at)))
            .filter(sessions::last_seen_at.le(At(seen.last_seen_by)))
            .select(sessions::id);
        let free = free_rows!(used).load::<Id>(self.conn()).await;
        let free = sessions::table.filter(sessions::id.eq_any(self.settle(free)?));
        let seen = (sessions::last_seen_at.eq(At(seen.at)), sessions::idle_ends_at.eq(seen.idle_ends_at.map(At)));
        let recorded = diesel::update(free).set(seen).execute(self.conn()).await;
        self.settle(recorded)
    }

    async fn end(&mut self, id: SessionId, at: Timestamp, reason: EndReason) -> Result<bool, StoreError> {
        let open = sessions::table.filter(sessions::id.eq(Id::from(id))).filter(sessions::ended_at.is_null());
        let end = (sessions::ended_at.eq(Some(At(at))), sessions::end_reason.eq(Some(reason.as_str())));
        let ended = diesel::update(open).set(end).kept().execute(self.conn()).await;
        let ended = self.settle(ended)? == 1;
        if ended {
            self.invalidate(Revocation::Session(id)).await?;
        }
        Ok(ended)
    }

    async fn end_all(
        &mut self,
        user: UserId,
        except: Option<SessionId>,
        at: Timestamp,
        reason: EndReason,
    ) -> Result<Vec<SessionId>, StoreError> {
        let open = sessions::table.filter(sessions::user_id.eq(Id::from(user))).filter(sessions::ended_at.is_null());
        let end = (sessions::ended_at.eq(Some(At(at))), sessions::end_reason.eq(Some(reason.as_str())));
        let ended = match except {
            Some(kept) => {
                let open = open.filter(sessions::id.ne(Id::from(kept)));
                diesel::update(open).set(end).returning(sessions::id).kept().get_results::<Id>(self.conn()).await
            }
            None => diesel::update(open).set(end).returning(sessions::id).kept().get_results::<Id>(self.conn()).await,
        };
        let ended = self.settle(ended)?;
        if !ended.is_empty() {
            self.invalidate(Revocation::User(user)).await?;
        }
        Ok(ended.into_iter().map(Into::into).collect())
    }

    async fn end_of_client(&mut self, client: &Client, at: Timestamp, reason: EndReason) -> Result<usize, StoreError> {
        let open = sessions::table
            .filter(sessions::client_id.eq(client.as_str()))
            .filter(sessions::ended_at.is_null())
            .filter(OfAnApp);
        let end = (sessions::ended_at.eq(Some(At(at))), sessions::end_reason.eq(Some(reason.as_str())));
        let ended = diesel::update(open).set(end).execute(self.conn()).await;
        let ended = self.settle(ended)?;
        if ended > 0 {
            self.invalidate(Revocation::Everyone).await?;
        }
        Ok(ended)
    }

    async fn purge(&mut self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let ended = self.purge_rows(ENDED_LONG_AGO, before, limit).await?;
        let expired = self.purge_rows(EXPIRED_LONG_AGO, before, limit - ended).await?;
        Ok(ended + expired)
    }
}

/// Two statements, because each has its own index.
const ENDED_LONG_AGO: &str = "DELETE FROM sessions WHERE id IN \
    (SELECT id FROM sessions WHERE ended_at IS NOT NULL AND ended_at < $1 ORDER BY ended_at LIMIT $2)";
const EXPIRED_LONG_AGO: &str = "DELETE FROM sessions WHERE id IN \
    (SELECT id FROM sessions WHERE ended_at IS NULL AND expires_at < $1 ORDER BY expires_at LIMIT $2)";

impl SqlWork {
    /// The statement of [`doorward_ports::outbound::Store::exchange`].
    pub async fn exchange(&mut self, id: SessionId, exchange: &Exchange) -> Result<Option<Session>, StoreError> {
        let current = sessions::table
            .filter(sessions::id.eq(Id::from(id)))
            .filter(sessions::refresh_token.eq(Id::from(exchange.shown)))
            .filter(live_at(At(exchange.now)));
        let next = (
            sessions::generation.eq(sessions::generation + 1),
            sessions::refresh_token.eq(Id::from(exchange.next)),
            sessions::refresh_issued_at.eq(At(exchange.issued_at)),
            sessions::expires_at.eq(At(exchange.expires_at)),
            sessions::previous_token.eq(Some(Id::from(exchange.shown))),
            sessions::previous_spent_at.eq(Some(At(exchange.now))),
            sessions::last_seen_at.eq(At(exchange.now)),
            sessions::idle_ends_at.eq(exchange.idle_ends_at.map(At)),
        );
        let spend = diesel::update(current).set(next).returning(SessionRow::as_returning()).kept();
        let row = spend.get_result(self.conn()).await.optional();
        self.settle(row)?.map(SessionRow::read).transpose()
    }

    /// Deletes rows that are older than a time, up to a number. It is a text, because diesel supports neither a
    /// deletion with a limit nor one whose subquery reads the same table.
    pub(super) async fn purge_rows(&mut self, sql: &str, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let purge = diesel::sql_query(sql).bind::<TimeSql, _>(At(before)).bind::<BigInt, _>(count(limit));
        let purged = purge.execute(self.conn()).await;
        self.settle(purged)
    }
}
