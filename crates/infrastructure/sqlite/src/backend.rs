//! The parts of SQLite that the shared store uses, under the names that `store/mod.rs` lists.
pub use crate::diagnose::diagnose;
pub use crate::exchanges::Exchanges;

use crate::store::{At, Id};
use crate::threads::BackendThreads;
use chrono::{DateTime, Utc};
use diesel::QueryResult;
use diesel::connection::AnsiTransactionManager;
use diesel::deserialize::{self, FromSql};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use doorward_domain::Timestamp;
use std::time::Duration;
use tokio::runtime::Handle;

pub type Conn = SyncConnectionWrapper<diesel::SqliteConnection, BackendThreads>;
pub type Backend = diesel::sqlite::Sqlite;
/// A blocking connection, on which migrations run.
pub type BlockingConn = diesel::SqliteConnection;
pub type IdSql = diesel::sql_types::Binary;
pub type TimeSql = diesel::sql_types::TimestamptzSqlite;
pub type JsonSql = diesel::sql_types::Json;

pub const MIGRATIONS: diesel_migrations::EmbeddedMigrations =
    diesel_migrations::embed_migrations!("../../../migrations/sqlite");
/// Checks whether any migration was ever applied.
pub const HAS_MIGRATIONS: &str =
    "SELECT count(*) AS n FROM sqlite_master WHERE type = 'table' AND name = '__diesel_schema_migrations'";

pub const SYSTEM: &str = "sqlite";
pub const MAY_BE_A_STANDBY: bool = false;
/// A text of two pages. If the file or the disk is full, there is no space for it.
pub const NEEDS_ROOM_SQL: &[&str] = &[
    "INSERT INTO guards (name, n) VALUES (hex(zeroblob(4096)), 0)",
    "DELETE FROM guards WHERE name = hex(zeroblob(4096))",
];

/// Gives audit lines their places. With the `+`, no index serves that condition: SQLite would begin with all lines that have
/// no number, and compare each with all of the argument.
pub const CHAIN_LINES_SQL: &str = "UPDATE audit_events SET seq = v.value ->> 'seq', link = unhex(v.value ->> 'link'), \
    personal_digest = unhex(v.value ->> 'digest') FROM json_each($1) AS v \
    WHERE audit_events.id = unhex(v.value ->> 'id', '-') AND +audit_events.seq IS NULL";

/// Left alone, SQLite expects few lines without a number, looks them up by the number, and sorts all of them for each page.
pub fn unsealed_sql(limit: usize) -> String {
    format!(
        "audit_events.id IN (SELECT id FROM audit_events INDEXED BY audit_events_unsealed WHERE seq IS NULL \
         ORDER BY id LIMIT {limit})"
    )
}

/// diesel-async has no multi-row insert for SQLite, but the blocking connection has. It is one statement for rows with
/// `treat_none_as_default_value = false`; otherwise it would be one for each row, in a savepoint, and a full disk ends
/// the savepoint, so that the error would be another.
macro_rules! insert_rows {
    ($conn:expr, $table:expr, $rows:expr) => {{
        let rows = $rows;
        $conn.spawn_blocking(move |c| diesel::RunQueryDsl::execute(diesel::insert_into($table).values(rows), c)).await
    }};
}

/// Locks the rows of a query that no other transaction has locked: all of them, because there is one writer.
macro_rules! free_rows {
    ($query:expr) => {
        $query
    };
}

pub(crate) use {free_rows, insert_rows};

impl ToSql<IdSql, Backend> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Backend>) -> serialize::Result {
        <[u8] as ToSql<IdSql, Backend>>::to_sql(self.0.as_bytes(), out)
    }
}

impl FromSql<IdSql, Backend> for Id {
    fn from_sql(value: <Backend as diesel::backend::Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let bytes: Vec<u8> = FromSql::<IdSql, Backend>::from_sql(value)?;
        Ok(Self(uuid::Uuid::from_slice(&bytes)?))
    }
}

impl ToSql<TimeSql, Backend> for At {
    /// The text of diesel omits a fraction of zero; this one has a fixed width, so that texts sort like times.
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Backend>) -> serialize::Result {
        let text = self.0.to_string();
        if text.len() != "2026-11-23T09:30:00.000000Z".len() {
            return Err(format!("{text} is not between the years 0 and 9999").into());
        }
        out.set_value(text);
        Ok(serialize::IsNull::No)
    }
}

impl FromSql<TimeSql, Backend> for At {
    fn from_sql(value: <Backend as diesel::backend::Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<Text, Backend>>::from_sql(value)?;
        let time: DateTime<Utc> = DateTime::parse_from_rfc3339(&text)?.into();
        Ok(Self(Timestamp::from(time)))
    }
}

/// The begin of a transaction that may write: it takes the write lock now. A plain BEGIN would take it at the first
/// write, and could fail there.
pub fn begin_write_sql(_timeout: Duration) -> String {
    "BEGIN IMMEDIATE".to_owned()
}

/// The begin of a transaction that reads: its first statement fixes its snapshot.
pub fn begin_snapshot_sql(_timeout: Duration) -> String {
    "BEGIN".to_owned()
}

pub async fn begin(conn: &mut Conn, sql: String) -> QueryResult<()> {
    conn.spawn_blocking(move |c| AnsiTransactionManager::begin_transaction_sql(c, &sql)).await
}

/// Discards a connection whose work was abandoned in the middle.
#[derive(Clone)]
pub struct Abandon;

impl Abandon {
    /// Closing rolls back and frees the write lock. It may use the disk, so it does not run on the thread that
    /// abandoned the work.
    #[expect(clippy::unused_self, reason = "PostgreSQL's needs to know how to reach the server")]
    pub fn abandon(&self, conn: Conn, backend: &Handle) {
        backend.spawn_blocking(move || drop(conn));
    }
}
