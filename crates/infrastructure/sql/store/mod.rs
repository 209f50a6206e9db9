//! The store, written once and compiled by `doorward-sqlite` and by `doorward-postgres`, each as its own `crate::store`.
//!
//! The differences between the two databases are named `crate::backend::…`, and nothing else:
//!
//! | name | what it is |
//! | --- | --- |
//! | `Conn`, `Backend` | the connection of diesel-async, and diesel's word for the database |
//! | `BlockingConn` | a connection that migrations run on |
//! | `IdSql`, `TimeSql`, `JsonSql` | the types of columns; [`Id`] and [`At`] are written to the first two there |
//! | `begin`, `begin_write_sql`, `begin_snapshot_sql` | how a transaction begins |
//! | `SYSTEM` | the name of the database system, in traces |
//! | `MAY_BE_A_STANDBY` | whether a connection may lead to a server that takes no writes, and a new one to another |
//! | `NEEDS_ROOM_SQL` | what needs more room on the disk, for a moment |
//! | `CHAIN_LINES_SQL` | how audit lines get their places, from one argument of JSON |
//! | `insert_rows!`, `free_rows!` | an insert of several rows; the rows of a query that nobody else has locked |
//! | `Exchanges` | how refresh tokens are exchanged: together, or each by itself |
//! | `Abandon` | what becomes of a connection whose work was given up in the middle |
//! | `diagnose` | what an error means |
//! | `MIGRATIONS`, `HAS_MIGRATIONS` | the migrations, and whether any was ever applied |
mod attempts;
mod audit;
mod audit_chain;
mod audit_readers;
mod authorization_attempts;
mod client_apps;
mod columns;
pub mod diagnosis;
mod errors;
mod factors;
mod identities;
mod kept;
mod leases;
mod lookups;
mod mail_tokens;
pub mod migrations;
pub mod open_error;
mod outbox;
pub mod parameters;
mod pending_sign_ins;
pub mod pool;
mod provider_sessions;
mod providers;
mod revocations;
mod roles;
mod schema;
mod sealed_values;
mod sealing_keys;
mod session_states;
mod sessions;
mod signing_keys;
mod statements;
mod users;
mod watch;
mod work;

pub use columns::{At, Id};
pub use work::SqlWork;

use crate::backend::{self, Abandon, Exchanges};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use doorward_domain::{Session, SessionId};
use doorward_ports::outbound::{
    ConnectionPools, Exchange, Guard, PoolState, ReadWork, RevocationBus, Store, StoreError, StoreObserver,
    StoreOperation, WriteWork,
};
use pool::{Object, Pool, Pools};
use schema::guards;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use watch::Watch;

/// How to open a store.
pub struct Opening {
    /// The largest number of connections.
    pub pool_size: usize,
    /// How long to wait for a connection, and for a lock.
    pub timeout: Duration,
    /// The runtime that owns the connections.
    pub backend: Handle,
    /// The bus for revocations, after their commit.
    pub bus: Arc<dyn RevocationBus>,
    /// The observer.
    pub observer: Arc<dyn StoreObserver>,
}

/// The source of units of work.
#[derive(Clone)]
pub struct Connections {
    pub pools: Pools,
    pub timeout: Duration,
    pub around: Arc<Around>,
}

/// What every unit of work needs besides its connection.
pub struct Around {
    pub abandon: Abandon,
    pub backend: Handle,
    pub bus: Arc<dyn RevocationBus>,
    pub observer: Arc<dyn StoreObserver>,
}

impl Connections {
    pub fn new(pools: Pools, abandon: Abandon, opening: Opening) -> Self {
        let Opening { timeout, backend, bus, observer, .. } = opening;
        Self { pools, timeout, around: Arc::new(Around { abandon, backend, bus, observer }) }
    }

    fn watch(&self, operation: StoreOperation) -> Watch {
        Watch::begin(&self.around.observer, operation)
    }

    /// Work that could not begin has done nothing. Connections that are as old as its own lead to the same server,
    /// which is gone or accepts no writes: so it begins on a new one.
    pub async fn write(&self) -> Result<Box<SqlWork>, StoreError> {
        let writers = &self.pools.writers;
        let begun = self.single(writers).await?.begun(backend::begin_write_sql(self.timeout)).await;
        if begun.is_ok() || !backend::MAY_BE_A_STANDBY {
            return begun.map(Box::new);
        }
        writers.manager().give_up_all_of_now();
        let begun = self.single(writers).await?.begun(backend::begin_write_sql(self.timeout)).await;
        begun.map(Box::new)
    }

    async fn checkout(&self, pool: &Pool) -> Result<Object, StoreError> {
        match tokio::time::timeout(self.timeout, pool.get()).await {
            Ok(Ok(conn)) => Ok(conn),
            Ok(Err(error)) => Err(errors::no_connection(error)),
            Err(_) => Err(errors::none_free()),
        }
    }

    async fn single(&self, pool: &Pool) -> Result<SqlWork, StoreError> {
        let conn = self.checkout(pool).await?;
        Ok(SqlWork::new(conn, self.around.clone()))
    }

    async fn reader(&self) -> Result<SqlWork, StoreError> {
        self.single(&self.pools.readers).await
    }

    async fn ask(&self) -> Result<(), StoreError> {
        let mut work = if backend::MAY_BE_A_STANDBY { self.write().await? } else { Box::new(self.reader().await?) };
        // It reads a row, because SQLite answers `SELECT 1` without reading its file.
        let guard = guards::table.find(Guard::Bootstrap.as_str()).select(guards::n);
        let answer = guard.get_result::<i64>(work.conn()).await;
        work.settle(answer).map(|_| ())
    }

    async fn write_something(&self) -> Result<(), StoreError> {
        let mut work = self.write().await?;
        for sql in backend::NEEDS_ROOM_SQL.iter().chain([&WRITE_SQL]) {
            let written = diesel::sql_query(*sql).execute(work.conn()).await;
            work.settle(written)?;
        }
        work.finish().await
    }

    async fn in_time(&self, answer: impl Future<Output = Result<(), StoreError>>) -> Result<(), StoreError> {
        tokio::time::timeout(self.timeout, answer).await.unwrap_or_else(|_| Err(errors::none_free()))
    }
}

/// The shortest time between two tests of writing.
const TRY_EVERY: Duration = Duration::from_secs(5);

/// Increments a row that exists only for this test.
const WRITE_SQL: &str =
    "INSERT INTO guards (name, n) VALUES ('health', 1) ON CONFLICT (name) DO UPDATE SET n = guards.n + 1";

/// The store on this database.
pub struct SqlStore {
    connections: Connections,
    exchanges: Exchanges,
    /// The time and the result of the last test of writing.
    tried: tokio::sync::Mutex<Option<(Instant, bool)>>,
}

impl SqlStore {
    /// One test at a time: other calls wait for its result.
    async fn try_write_now_and_then(&self) -> Result<(), StoreError> {
        let mut tried = self.tried.lock().await;
        if let Some((at, works)) = *tried
            && at.elapsed() < TRY_EVERY
        {
            return if works { Ok(()) } else { Err(errors::not_writable()) };
        }
        let answer = self.connections.write_something().await;
        *tried = Some((Instant::now(), answer.is_ok()));
        answer
    }

    pub fn new(connections: Connections) -> Self {
        Self { exchanges: Exchanges::over(&connections), connections, tried: tokio::sync::Mutex::default() }
    }
}

#[async_trait]
impl Store for SqlStore {
    async fn write(&self) -> Result<Box<dyn WriteWork>, StoreError> {
        let opening = self.connections.watch(StoreOperation::OpenWrite);
        let mut work = self.connections.write().await?;
        work.watch = Some(opening.then(StoreOperation::Write));
        Ok(work)
    }

    async fn read(&self) -> Result<Box<dyn ReadWork>, StoreError> {
        let opening = self.connections.watch(StoreOperation::OpenRead);
        let mut work = self.connections.reader().await?;
        work.watch = Some(opening.then(StoreOperation::Read));
        Ok(Box::new(work))
    }

    async fn snapshot(&self) -> Result<Box<dyn ReadWork>, StoreError> {
        let opening = self.connections.watch(StoreOperation::OpenSnapshot);
        let sql = backend::begin_snapshot_sql(self.connections.timeout);
        let mut work = self.connections.reader().await?.begun(sql).await?;
        work.watch = Some(opening.then(StoreOperation::Snapshot));
        Ok(Box::new(work))
    }

    async fn exchange(&self, id: SessionId, exchange: &Exchange) -> Result<Option<Session>, StoreError> {
        let _exchanging = self.connections.watch(StoreOperation::Exchange);
        self.exchanges.exchange(id, exchange).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        let _asking = self.connections.watch(StoreOperation::Ping);
        self.connections.in_time(self.connections.ask()).await
    }

    async fn try_write(&self) -> Result<(), StoreError> {
        self.connections.in_time(self.try_write_now_and_then()).await
    }
}

impl ConnectionPools for SqlStore {
    fn pools(&self) -> Vec<PoolState> {
        self.connections.pools.states()
    }
}
