//! What SQLite has of its own; everything else is in `store`, compiled here against these names.
mod exchanges;
mod file;
mod threads;

pub use exchanges::Exchanges;
pub use file::File;

use crate::diagnosis::{Diagnosis, by_message};
use crate::{Report, SchemaError, StoreOptions};
use chrono::{DateTime, Utc};
use diesel::connection::AnsiTransactionManager;
use diesel::deserialize::{self, FromSql};
use diesel::result::{DatabaseErrorKind, Error};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;
use diesel::{Connection as _, QueryResult};
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use doorward_domain::Timestamp;
use doorward_ports::outbound::Unique;
use std::time::Duration;
use store::pool::{Pools, pool};
use threads::BackendThreads;
use tokio::runtime::Handle;

pub type Conn = SyncConnectionWrapper<diesel::SqliteConnection, BackendThreads>;
pub type Backend = diesel::sqlite::Sqlite;
/// A connection that blocks: what migrations run on.
pub type BlockingConn = diesel::SqliteConnection;
pub type IdSql = diesel::sql_types::Binary;
pub type TimeSql = diesel::sql_types::TimestamptzSqlite;
pub type JsonSql = diesel::sql_types::Json;

pub const MIGRATIONS: diesel_migrations::EmbeddedMigrations =
    diesel_migrations::embed_migrations!("../../../migrations/sqlite");
/// Asks whether anything was ever migrated.
pub const HAS_MIGRATIONS: &str =
    "SELECT count(*) AS n FROM sqlite_master WHERE type = 'table' AND name = '__diesel_schema_migrations'";

/// diesel-async has no multi-row insert for SQLite: the blocking connection has.
macro_rules! insert_rows {
    ($conn:expr, $table:expr, $rows:expr) => {{
        let rows = $rows;
        $conn.spawn_blocking(move |c| diesel::RunQueryDsl::execute(diesel::insert_into($table).values(rows), c)).await
    }};
}

/// Of the rows of a query those that nobody else has locked: all of them, since there is one writer.
macro_rules! free_rows {
    ($query:expr) => {
        $query
    };
}

#[path = "store/mod.rs"]
pub mod store;

impl ToSql<IdSql, Backend> for store::Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Backend>) -> serialize::Result {
        <[u8] as ToSql<IdSql, Backend>>::to_sql(self.0.as_bytes(), out)
    }
}

impl FromSql<IdSql, Backend> for store::Id {
    fn from_sql(value: <Backend as diesel::backend::Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let bytes: Vec<u8> = FromSql::<IdSql, Backend>::from_sql(value)?;
        Ok(Self(uuid::Uuid::from_slice(&bytes)?))
    }
}

impl ToSql<TimeSql, Backend> for store::At {
    /// Diesel's own text leaves a fraction of zero out; ours has one width, so that text sorts as time does.
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Backend>) -> serialize::Result {
        let text = self.0.to_string();
        if text.len() != "2026-11-23T09:30:00.000000Z".len() {
            return Err(format!("{text} is not between the years 0 and 9999").into());
        }
        out.set_value(text);
        Ok(serialize::IsNull::No)
    }
}

impl FromSql<TimeSql, Backend> for store::At {
    fn from_sql(value: <Backend as diesel::backend::Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<Text, Backend>>::from_sql(value)?;
        let time: DateTime<Utc> = DateTime::parse_from_rfc3339(&text)?.into();
        Ok(Self(Timestamp::from(time)))
    }
}

/// How a transaction that may write begins: it takes the write lock now. A plain BEGIN would take it at the first write,
/// and could fail there.
pub fn begin_write_sql(_timeout: Duration) -> String {
    "BEGIN IMMEDIATE".to_owned()
}

/// How a transaction that reads begins: what it sees is fixed by its first statement.
pub fn begin_snapshot_sql(_timeout: Duration) -> String {
    "BEGIN".to_owned()
}

pub async fn begin(conn: &mut Conn, sql: String) -> QueryResult<()> {
    conn.spawn_blocking(move |c| AnsiTransactionManager::begin_transaction_sql(c, &sql)).await
}

/// One writer, for SQLite has one write lock: more connections would only wait for it.
pub fn pools(file: &File, options: &StoreOptions, backend: &Handle) -> Pools {
    let (writer, reader, patience) = (file.clone(), file.clone(), options.timeout);
    Pools {
        writers: pool(1, backend, move |threads| connect(writer.clone(), threads, patience, Role::Writer)),
        readers: pool(options.pool_size, backend, move |threads| {
            connect(reader.clone(), threads, patience, Role::Reader)
        }),
    }
}

#[derive(Clone, Copy)]
enum Role {
    Writer,
    Reader,
}

async fn connect(file: File, threads: Handle, patience: Duration, role: Role) -> diesel::ConnectionResult<Conn> {
    let opened = threads.spawn_blocking(move || match role {
        Role::Writer => file.open_writer(patience),
        Role::Reader => file.open_reader(patience),
    });
    let conn = opened.await.map_err(|e| diesel::ConnectionError::BadConnection(e.to_string()))??;
    Ok(SyncConnectionWrapper::with_runtime(conn, BackendThreads(threads)))
}

/// What becomes of a connection whose work was given up in the middle.
#[derive(Clone)]
pub struct Abandon;

impl Abandon {
    /// Closing rolls back and frees the write lock. It may touch the disk, so it is not done on the thread that gave up.
    #[expect(clippy::unused_self, reason = "PostgreSQL's needs to know how to reach the server")]
    pub fn abandon(&self, conn: Conn, backend: &Handle) {
        backend.spawn_blocking(move || drop(conn));
    }
}

/// SQLite's words are the same in every language, and all that diesel passes on (sqlite.org/rescode.html).
const BY_MESSAGE: &[(&str, &str)] = &[
    ("is locked", "another process holds the database's write lock: end it, or raise database.timeout"),
    ("database or disk is full", "free disk space, or raise max_pages where the database URL sets it"),
    ("attempt to write a readonly database", "make the database's file and folder writable for the service's user"),
    (
        "unable to open database file",
        "make the database's file and folder readable and writable for the service's user",
    ),
    ("disk I/O error", "check the disk that holds the database, and the system's log"),
    ("locking protocol", "put the database on a local disk: this file system does not lock files"),
    ("out of memory", "give the service more memory"),
    ("database disk image is malformed", "stop the service and restore the database from a backup"),
    ("file is not a database", "point the database URL at Doorward's own file, or restore it from a backup"),
];

pub fn diagnose(error: &Error) -> Diagnosis {
    match error {
        Error::DatabaseError(DatabaseErrorKind::UniqueViolation, info) => unique(info.message()),
        Error::DatabaseError(DatabaseErrorKind::Unknown, info) => by_message(BY_MESSAGE, info.message()),
        Error::DatabaseError(DatabaseErrorKind::UnableToSendCommand, _) => {
            Diagnosis::Unavailable("the service is stopping")
        }
        Error::BrokenTransactionManager | Error::RollbackErrorOnCommit { .. } => {
            Diagnosis::Unavailable("see the lines before this one")
        }
        _ => Diagnosis::Failed,
    }
}

fn unique(message: &str) -> Diagnosis {
    match message.strip_prefix("UNIQUE constraint failed: ") {
        Some("users.email") => Diagnosis::Duplicate(Unique::UserEmail),
        Some("users.username") => Diagnosis::Duplicate(Unique::Username),
        Some("roles.name") => Diagnosis::Duplicate(Unique::Role),
        Some("permissions.name") => Diagnosis::Duplicate(Unique::Permission),
        Some("client_apps.id") => Diagnosis::Duplicate(Unique::ClientApp),
        _ => Diagnosis::Failed,
    }
}

pub async fn migrate(file: File) -> Result<Report, SchemaError> {
    blocking(move || {
        file.create()?;
        let _turn = file.lock()?;
        let mut conn = file.open_writer(MIGRATION_PATIENCE)?;
        conn.immediate_transaction(store::migrations::apply)
    })
    .await
}

pub async fn pending(file: File) -> Result<Vec<String>, SchemaError> {
    blocking(move || {
        // Where there is no file, an empty database answers, so that none is made.
        let mut conn =
            if file.exists() { file.open_reader(MIGRATION_PATIENCE)? } else { BlockingConn::establish(":memory:")? };
        store::migrations::pending(&mut conn)
    })
    .await
}

/// Long, because another process may be migrating.
const MIGRATION_PATIENCE: Duration = Duration::from_mins(1);

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SchemaError> + Send + 'static,
) -> Result<T, SchemaError> {
    tokio::task::spawn_blocking(work).await.map_err(|e| SchemaError::Failed(e.into()))?
}

#[cfg(test)]
mod tests {
    use super::*;
    use diesel::connection::SimpleConnection;

    /// SQLite says the same of a file that may not be written.
    #[test]
    fn a_reader_cannot_write_and_the_operator_is_told_of_permissions() {
        let folder = tempfile::tempdir().unwrap();
        let file = File::parse(&format!("{}/doorward.db", folder.path().display())).unwrap_or_else(|e| panic!("{e}"));
        file.create().unwrap();
        file.open_writer(Duration::ZERO).unwrap().batch_execute("CREATE TABLE t (n INTEGER)").unwrap();
        let refused = file.open_reader(Duration::ZERO).unwrap().batch_execute("INSERT INTO t VALUES (1)").unwrap_err();
        let Diagnosis::Unavailable(cure) = diagnose(&refused) else { panic!("{refused}") };
        assert!(cure.contains("writable for the service's user"), "{cure}");
    }
}
