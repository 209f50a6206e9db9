//! The parts of PostgreSQL that the shared store uses, under the names that `store/mod.rs` lists.
pub use crate::diagnose::diagnose;
pub use crate::exchanges::Exchanges;

use crate::store::{At, Id};
use crate::tls::Tls;
use diesel::QueryResult;
use diesel::deserialize::{self, FromSql};
use diesel::pg::data_types::PgTimestamp;
use diesel::serialize::{self, Output, ToSql};
use diesel_async::AnsiTransactionManager;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use doorward_domain::Timestamp;
use std::time::Duration;
use tokio::runtime::Handle;

pub type Conn = diesel_async::AsyncPgConnection;
pub type Backend = diesel::pg::Pg;
/// A blocking connection, on which migrations run.
pub type BlockingConn = AsyncConnectionWrapper<Conn>;
pub type IdSql = diesel::sql_types::Uuid;
pub type TimeSql = diesel::sql_types::Timestamptz;
pub type JsonSql = diesel::sql_types::Jsonb;

pub const MIGRATIONS: diesel_migrations::EmbeddedMigrations =
    diesel_migrations::embed_migrations!("../../../migrations/postgres");
/// Checks whether any migration was ever applied.
pub const HAS_MIGRATIONS: &str =
    "SELECT count(*) AS n FROM pg_class WHERE oid = to_regclass('__diesel_schema_migrations')";

/// After a failover, or if a pooler leads elsewhere, existing connections may lead to a standby.
pub const SYSTEM: &str = "postgresql";
pub const MAY_BE_A_STANDBY: bool = true;
/// Each table has its own file, so there is no common file for which the space could be tested.
pub const NEEDS_ROOM_SQL: &[&str] = &[];

/// Gives audit lines their places.
pub const CHAIN_LINES_SQL: &str = "UPDATE audit_events SET seq = v.seq, link = decode(v.link, 'hex'), \
    personal_digest = decode(v.digest, 'hex') \
    FROM json_to_recordset($1::json) AS v (id uuid, seq bigint, link text, digest text) \
    WHERE audit_events.id = v.id AND audit_events.seq IS NULL";

/// The limit is a part of the statement itself.
pub fn unsealed_sql(_limit: usize) -> String {
    "audit_events.seq IS NULL".to_owned()
}

macro_rules! insert_rows {
    ($conn:expr, $table:expr, $rows:expr) => {
        diesel_async::RunQueryDsl::execute(diesel::insert_into($table).values($rows), $conn).await
    };
}

/// Locks the rows of a query that no other transaction has locked, and skips the others.
macro_rules! free_rows {
    ($query:expr) => {
        $query.for_no_key_update().skip_locked()
    };
}

pub(crate) use {free_rows, insert_rows};

impl ToSql<IdSql, Backend> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Backend>) -> serialize::Result {
        <uuid::Uuid as ToSql<IdSql, Backend>>::to_sql(&self.0, out)
    }
}

impl FromSql<IdSql, Backend> for Id {
    fn from_sql(value: <Backend as diesel::backend::Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(FromSql::<IdSql, Backend>::from_sql(value)?))
    }
}

/// PostgreSQL counts its microseconds from 2000-01-01.
const EPOCH_MICROS: i64 = 946_684_800_000_000;

impl ToSql<TimeSql, Backend> for At {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Backend>) -> serialize::Result {
        let micros = self.0.as_micros().checked_sub(EPOCH_MICROS).ok_or("before all time")?;
        <PgTimestamp as ToSql<TimeSql, Backend>>::to_sql(&PgTimestamp(micros), &mut out.reborrow())
    }
}

impl FromSql<TimeSql, Backend> for At {
    fn from_sql(value: <Backend as diesel::backend::Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let PgTimestamp(micros) = FromSql::<TimeSql, Backend>::from_sql(value)?;
        Ok(Self(Timestamp::from_micros(micros.checked_add(EPOCH_MICROS).ok_or("after all time")?)))
    }
}

/// The limits are set in the transaction, not on the connection: behind a transaction pooler, the next transaction has
/// another connection. A node that freezes in a transaction holds its locks no longer than the idle limit.
fn limits(timeout: Duration) -> String {
    let patience = timeout.as_millis().max(1);
    format!(
        "SET LOCAL lock_timeout = {patience}; SET LOCAL statement_timeout = {}; \
         SET LOCAL idle_in_transaction_session_timeout = {}",
        patience * 2,
        patience * 6,
    )
}

/// The begin of a transaction that may write.
pub fn begin_write_sql(timeout: Duration) -> String {
    format!("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; {}", limits(timeout))
}

/// The begin of a transaction that reads: its first statement fixes its snapshot.
pub fn begin_snapshot_sql(timeout: Duration) -> String {
    format!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {}", limits(timeout))
}

pub async fn begin(conn: &mut Conn, sql: String) -> QueryResult<()> {
    AnsiTransactionManager::begin_transaction_sql(conn, &sql).await
}

/// Discards a connection whose work was abandoned in the middle.
#[derive(Clone)]
pub struct Abandon(pub Tls);

impl Abandon {
    /// Closing is not enough: PostgreSQL notices it only when the running statement ends, which may be waiting for a
    /// lock.
    pub fn abandon(&self, conn: Conn, backend: &Handle) {
        let (running, tls) = (conn.cancel_token(), self.0.clone());
        backend.spawn(async move {
            // The answer is not needed: the connection is closed in any case.
            let _ = match tls {
                Tls::Off => running.cancel_query(tokio_postgres::NoTls).await,
                Tls::On(tls) => running.cancel_query(*tls).await,
            };
            drop(conn);
        });
    }
}
