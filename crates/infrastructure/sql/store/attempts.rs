use super::columns::{At, Id, TableRow};
use super::errors::exactly_one;
use super::kept::Keep;
use super::schema::{known_networks, sign_in_attempts};
use super::work::SqlWork;
use crate::backend::Backend;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use doorward_domain::{Attempts, Network, Timestamp, UserId};
use doorward_ports::outbound::{AccountKey, SignInAttempts, StoreError};
use uuid::Uuid;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = sign_in_attempts, check_for_backend(Backend))]
struct AttemptsRow {
    account: Id,
    scope: String,
    failures: i64,
    window_started_at: At,
    locked_until: Option<At>,
    level: i64,
    touched_at: At,
}

impl AttemptsRow {
    fn new(account: AccountKey, scope: Option<Network>, attempts: &Attempts, now: Timestamp) -> Self {
        Self {
            account: id(account),
            scope: scope_text(scope),
            failures: attempts.failures.into(),
            window_started_at: At(attempts.window_started_at),
            locked_until: attempts.locked_until.map(At),
            level: attempts.level.into(),
            touched_at: At(now),
        }
    }

    fn read(self) -> Result<Attempts, StoreError> {
        let row = TableRow { table: "sign_in_attempts", row: &self.account.0 };
        Ok(Attempts {
            failures: self.failures.try_into().map_err(|e| row.corrupt(e))?,
            window_started_at: self.window_started_at.0,
            locked_until: self.locked_until.map(|at| at.0),
            level: self.level.try_into().map_err(|e| row.corrupt(e))?,
        })
    }
}

fn id(account: AccountKey) -> Id {
    Id(Uuid::from_bytes(*account.as_bytes()))
}

/// No network has this form.
fn scope_text(scope: Option<Network>) -> String {
    scope.map(|network| network.to_string()).unwrap_or_default()
}

#[async_trait]
impl SignInAttempts for SqlWork {
    async fn lock(
        &mut self,
        account: AccountKey,
        scope: Option<Network>,
        now: Timestamp,
    ) -> Result<Attempts, StoreError> {
        // The row is created if there is none, because a row that does not exist can't be locked.
        let lock = diesel::insert_into(sign_in_attempts::table)
            .values(AttemptsRow::new(account, scope, &Attempts::none(), now))
            .on_conflict((sign_in_attempts::account, sign_in_attempts::scope))
            .do_update()
            .set(sign_in_attempts::touched_at.eq(excluded(sign_in_attempts::touched_at)))
            .returning(AttemptsRow::as_returning())
            .kept();
        let row = lock.get_result(self.conn()).await;
        self.settle(row)?.read()
    }

    async fn save(
        &mut self,
        account: AccountKey,
        scope: Option<Network>,
        attempts: &Attempts,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let AttemptsRow { account, scope, failures, window_started_at, locked_until, level, touched_at } =
            AttemptsRow::new(account, scope, attempts, now);
        let changes = (
            sign_in_attempts::failures.eq(failures),
            sign_in_attempts::window_started_at.eq(window_started_at),
            sign_in_attempts::locked_until.eq(locked_until),
            sign_in_attempts::level.eq(level),
            sign_in_attempts::touched_at.eq(touched_at),
        );
        let row = sign_in_attempts::table.find((account, scope.as_str()));
        let saved = diesel::update(row).set(changes).kept().execute(self.conn()).await;
        exactly_one(self.settle(saved)?, "sign_in_attempts", &account.0)
    }

    async fn clear(&mut self, account: AccountKey, scope: Option<Network>) -> Result<(), StoreError> {
        let row = sign_in_attempts::table.find((id(account), scope_text(scope)));
        let cleared = diesel::delete(row).execute(self.conn()).await;
        // No row is a valid result: there was nothing to delete.
        self.settle(cleared).map(|_| ())
    }

    async fn clear_all(&mut self, account: AccountKey) -> Result<usize, StoreError> {
        let rows = sign_in_attempts::table.filter(sign_in_attempts::account.eq(id(account)));
        let cleared = diesel::delete(rows).execute(self.conn()).await;
        self.settle(cleared)
    }

    async fn note_network(&mut self, user: UserId, network: Network, at: Timestamp) -> Result<(), StoreError> {
        let row = (
            known_networks::user_id.eq(Id::from(user)),
            known_networks::network.eq(network.to_string()),
            known_networks::last_seen_at.eq(At(at)),
        );
        let noted = diesel::insert_into(known_networks::table)
            .values(row)
            .on_conflict((known_networks::user_id, known_networks::network))
            .do_update()
            .set(known_networks::last_seen_at.eq(excluded(known_networks::last_seen_at)))
            .kept()
            .execute(self.conn())
            .await;
        exactly_one(self.settle(noted)?, "known_networks", &user)
    }

    async fn knows_network(
        &mut self,
        account: AccountKey,
        network: Network,
        since: Timestamp,
    ) -> Result<bool, StoreError> {
        let row = known_networks::table.find((id(account), network.to_string()));
        let seen = row.filter(known_networks::last_seen_at.ge(At(since))).count().get_result::<i64>(self.conn()).await;
        Ok(self.settle(seen)? == 1)
    }

    async fn networks_of(&mut self, user: UserId) -> Result<Vec<(Network, Timestamp)>, StoreError> {
        let rows = known_networks::table
            .filter(known_networks::user_id.eq(Id::from(user)))
            .order(known_networks::network)
            .select((known_networks::network, known_networks::last_seen_at));
        let rows = rows.load::<(String, At)>(self.conn()).await;
        let row = TableRow { table: "known_networks", row: &user };
        self.settle(rows)?.into_iter().map(|(network, At(at))| Ok((row.read(&network)?, at))).collect()
    }

    async fn purge(&mut self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let counts = self.purge_rows(UNTOUCHED, before, limit).await?;
        let networks = self.purge_rows(UNSEEN, before, limit - counts).await?;
        Ok(counts + networks)
    }
}

const UNTOUCHED: &str = "DELETE FROM sign_in_attempts WHERE (account, scope) IN \
    (SELECT account, scope FROM sign_in_attempts WHERE touched_at < $1 ORDER BY touched_at LIMIT $2)";
const UNSEEN: &str = "DELETE FROM known_networks WHERE (user_id, network) IN \
    (SELECT user_id, network FROM known_networks WHERE last_seen_at < $1 ORDER BY last_seen_at LIMIT $2)";
