//! What PostgreSQL has of its own; everything else is in `store`, compiled here against these names.
mod server;
mod survey;
mod tls;

pub use server::Server;
pub use survey::survey;

use crate::diagnosis::{Diagnosis, by_message};
use crate::{Report, SchemaError, StoreOptions};
use diesel::QueryResult;
use diesel::deserialize::{self, FromSql};
use diesel::pg::data_types::PgTimestamp;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::serialize::{self, Output, ToSql};
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::{AnsiTransactionManager, SimpleAsyncConnection};
use doorward_domain::{Session, SessionId, Timestamp};
use doorward_ports::outbound::{Exchange, StoreError, Unique, WriteWork};
use std::time::Duration;
use store::pool::{Pools, pool};
use tls::Tls;
use tokio::runtime::Handle;

pub type Conn = diesel_async::AsyncPgConnection;
pub type Backend = diesel::pg::Pg;
/// A connection that blocks: what migrations run on.
pub type BlockingConn = AsyncConnectionWrapper<Conn>;
pub type IdSql = diesel::sql_types::Uuid;
pub type TimeSql = diesel::sql_types::Timestamptz;
pub type JsonSql = diesel::sql_types::Jsonb;

pub const MIGRATIONS: diesel_migrations::EmbeddedMigrations =
    diesel_migrations::embed_migrations!("../../../migrations/postgres");
/// Asks whether anything was ever migrated.
pub const HAS_MIGRATIONS: &str =
    "SELECT count(*) AS n FROM pg_class WHERE oid = to_regclass('__diesel_schema_migrations')";

macro_rules! insert_rows {
    ($conn:expr, $table:expr, $rows:expr) => {
        diesel_async::RunQueryDsl::execute(diesel::insert_into($table).values($rows), $conn).await
    };
}

/// Of the rows of a query those that nobody else has locked, locked.
macro_rules! free_rows {
    ($query:expr) => {
        $query.for_no_key_update().skip_locked()
    };
}

#[path = "store/mod.rs"]
pub mod store;

impl ToSql<IdSql, Backend> for store::Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Backend>) -> serialize::Result {
        <uuid::Uuid as ToSql<IdSql, Backend>>::to_sql(&self.0, out)
    }
}

impl FromSql<IdSql, Backend> for store::Id {
    fn from_sql(value: <Backend as diesel::backend::Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(FromSql::<IdSql, Backend>::from_sql(value)?))
    }
}

/// PostgreSQL counts its microseconds from 2000-01-01.
const EPOCH_MICROS: i64 = 946_684_800_000_000;

impl ToSql<TimeSql, Backend> for store::At {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Backend>) -> serialize::Result {
        let micros = self.0.as_micros().checked_sub(EPOCH_MICROS).ok_or("before all time")?;
        <PgTimestamp as ToSql<TimeSql, Backend>>::to_sql(&PgTimestamp(micros), &mut out.reborrow())
    }
}

impl FromSql<TimeSql, Backend> for store::At {
    fn from_sql(value: <Backend as diesel::backend::Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let PgTimestamp(micros) = FromSql::<TimeSql, Backend>::from_sql(value)?;
        Ok(Self(Timestamp::from_micros(micros.checked_add(EPOCH_MICROS).ok_or("after all time")?)))
    }
}

/// The limits are set in the transaction, not on the connection: behind a transaction pooler the next one's connection is
/// another. A node that freezes in the middle holds its locks no longer than the idle limit.
fn limits(timeout: Duration) -> String {
    let patience = timeout.as_millis().max(1);
    format!(
        "SET LOCAL lock_timeout = {patience}; SET LOCAL statement_timeout = {}; \
         SET LOCAL idle_in_transaction_session_timeout = {}",
        patience * 2,
        patience * 6,
    )
}

/// How a transaction that may write begins.
pub fn begin_write_sql(timeout: Duration) -> String {
    format!("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; {}", limits(timeout))
}

/// How a transaction that reads begins: what it sees is fixed by its first statement.
pub fn begin_snapshot_sql(timeout: Duration) -> String {
    format!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {}", limits(timeout))
}

pub async fn begin(conn: &mut Conn, sql: String) -> QueryResult<()> {
    AnsiTransactionManager::begin_transaction_sql(conn, &sql).await
}

/// One pool for both.
pub fn pools(server: &Server, options: &StoreOptions, backend: &Handle) -> Pools {
    let (server, patience) = (server.clone(), options.timeout);
    let writers = pool(options.pool_size, backend, move |_| {
        let server = server.clone();
        async move { server.open(patience).await }
    });
    Pools { readers: writers.clone(), writers }
}

/// Exchanges of refresh tokens: each by itself, for they do not wait for each other here.
pub struct Exchanges(store::Connections);

impl Exchanges {
    pub fn over(connections: &store::Connections) -> Self {
        Self(connections.clone())
    }

    pub async fn exchange(&self, id: SessionId, exchange: &Exchange) -> Result<Option<Session>, StoreError> {
        let mut work = self.0.write().await?;
        let session = work.exchange(id, exchange).await?;
        work.commit().await?;
        Ok(session)
    }
}

/// What becomes of a connection whose work was given up in the middle.
#[derive(Clone)]
pub struct Abandon(Tls);

impl Abandon {
    /// Closing is not enough: PostgreSQL notices only when the running statement, which may be waiting for a lock, is done.
    pub fn abandon(&self, conn: Conn, backend: &Handle) {
        let (running, tls) = (conn.cancel_token(), self.0.clone());
        backend.spawn(async move {
            // The answer is of no use: the connection is closed either way.
            let _ = match tls {
                Tls::Off => running.cancel_query(tokio_postgres::NoTls).await,
                Tls::On(tls) => running.cancel_query(*tls).await,
            };
            drop(conn);
        });
    }
}

const UNREACHABLE: &str = "see that PostgreSQL runs and that the database URL leads to it";
const CROWDED: &str = "lower database.pool_size, or raise PostgreSQL's max_connections";
const DISK: &str = "free disk space on PostgreSQL's machine";
const LOCKED: &str = "see in pg_stat_activity who holds the locks; if this goes on, raise database.timeout";

/// Diesel-async passes PostgreSQL's words on and not its codes, so this knows English ones only: the server's `lc_messages`
/// should be English or C.
const BY_MESSAGE: &[(&str, &str)] = &[
    ("terminating connection", UNREACHABLE),
    ("the database system is", UNREACHABLE),
    ("server closed the connection", UNREACHABLE),
    ("connection slots", CROWDED),
    ("too many clients", CROWDED),
    ("too many connections", CROWDED),
    ("query_wait_timeout", CROWDED),
    ("No space left on device", DISK),
    ("could not extend file", DISK),
    ("could not write", DISK),
    ("out of memory", "give PostgreSQL more memory"),
    ("out of shared memory", "raise PostgreSQL's max_locks_per_transaction"),
    ("canceling statement", LOCKED),
    ("deadlock detected", LOCKED),
    ("could not serialize access", LOCKED),
    ("could not obtain lock", LOCKED),
    ("pgbouncer", UNREACHABLE),
];

pub fn diagnose(error: &Error) -> Diagnosis {
    use DatabaseErrorKind as Kind;
    match error {
        Error::DatabaseError(Kind::UniqueViolation, info) => unique(info.constraint_name()),
        Error::DatabaseError(Kind::ReadOnlyTransaction, _) => Diagnosis::Unavailable(
            "point the database URL at the primary server, and see its default_transaction_read_only",
        ),
        Error::DatabaseError(Kind::UnableToSendCommand | Kind::ClosedConnection, _) => {
            Diagnosis::Unavailable(UNREACHABLE)
        }
        Error::DatabaseError(Kind::SerializationFailure, _) => Diagnosis::Unavailable(LOCKED),
        Error::DatabaseError(Kind::Unknown, info) => by_message(BY_MESSAGE, info.message()),
        Error::BrokenTransactionManager | Error::RollbackErrorOnCommit { .. } => Diagnosis::Unavailable(UNREACHABLE),
        _ => Diagnosis::Failed,
    }
}

fn unique(constraint: Option<&str>) -> Diagnosis {
    match constraint {
        Some("users_email_key") => Diagnosis::Duplicate(Unique::UserEmail),
        Some("users_username_key") => Diagnosis::Duplicate(Unique::Username),
        Some("roles_pkey") => Diagnosis::Duplicate(Unique::Role),
        Some("permissions_pkey") => Diagnosis::Duplicate(Unique::Permission),
        Some("client_apps_pkey") => Diagnosis::Duplicate(Unique::ClientApp),
        _ => Diagnosis::Failed,
    }
}

/// Names our lock among the advisory ones of the database: "doorward" in ASCII.
const MIGRATION_LOCK: i64 = 0x646f_6f72_7761_7264;
/// Long, because another process may be migrating.
const MIGRATION_PATIENCE: Duration = Duration::from_mins(1);

/// The lock is held by a transaction of a second connection: a session's lock would stray behind a transaction pooler.
pub async fn migrate(server: &Server) -> Result<Report, SchemaError> {
    let mut turn = server.open(MIGRATION_PATIENCE).await?;
    let wait = format!(
        "BEGIN; SET LOCAL lock_timeout = {}; SELECT pg_advisory_xact_lock({MIGRATION_LOCK})",
        MIGRATION_PATIENCE.as_millis()
    );
    turn.batch_execute(&wait).await.map_err(|e| SchemaError::Unavailable(e.into()))?;
    let report = blocking(server, store::migrations::apply).await;
    drop(turn);
    report
}

pub async fn pending(server: &Server) -> Result<Vec<String>, SchemaError> {
    blocking(server, store::migrations::pending).await
}

async fn blocking<T: Send + 'static>(
    server: &Server,
    work: impl FnOnce(&mut BlockingConn) -> Result<T, SchemaError> + Send + 'static,
) -> Result<T, SchemaError> {
    let conn = server.open(MIGRATION_PATIENCE).await?;
    let done = tokio::task::spawn_blocking(move || work(&mut AsyncConnectionWrapper::from(conn))).await;
    done.map_err(|e| SchemaError::Failed(e.into()))?
}
