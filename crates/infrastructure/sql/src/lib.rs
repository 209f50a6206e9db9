//! The store on PostgreSQL and on SQLite: accounts, roles, sessions, sign-in attempts and the audit log, from one set of
//! queries.
//!
//! `postgres.rs` and `sqlite.rs` say what each database has of its own: its connection, its types, how it begins a
//! transaction, what its errors mean. `store/` holds everything else, once; it is compiled for each of them by `#[path]`
//! and names what differs only as `super::…`. Nothing of diesel shows outside: [`connect`] answers ports.
//!
//! It refuses to be a cache (a unit of work never answers from one) or a place for rules: what may be done to whom is
//! decided by the use cases.
//!
//! * **To add a column**: a migration of the same name in `migrations/postgres` and `migrations/sqlite`, the column in
//!   `store/schema.rs`, and the row struct beside its queries. The convention tests compare both catalogues.
//! * **To add a query**: a method on the port, its claim in the conformance suite of `doorward-testkit`, and the statement
//!   in the file of its table. `self.conn()` lends the connection and `self.settle(answer)` judges what came back; a
//!   statement that is not settled costs the pool its connection. The plan tests then ask both databases how they run it.
//!   What is looked up by a key is asked for by `get_result`, not by `first`: that adds a limit, and SQLite prepares a
//!   statement with a limit anew each time. A change that is made often is `kept()` prepared.
//! * **To add an error that an operator can mend**: a line in `diagnose` of the database, with the cure.
#![expect(clippy::duplicate_mod, reason = "the store is written once and compiled for each database")]
#![warn(missing_docs)]

mod diagnosis;
mod location;
mod postgres;
mod schema_error;
mod sqlite;
#[cfg(feature = "testing")]
pub mod testing;

pub use location::UrlError;
pub use schema_error::{Report, SchemaError};

use doorward_ports::outbound::{
    ClientStates, RevocationBus, RevocationLog, RoleCatalogue, SessionStates, Store, UserDirectory,
};
use location::Location;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;

/// Which database, and how patiently.
#[derive(Clone)]
pub struct StoreOptions {
    /// `sqlite://data/doorward.db` or `postgres://…`.
    ///
    /// `sqlite://FILE?max_pages=N` lets the file grow to N pages (of 4096 bytes) and no further. A PostgreSQL URL may say
    /// `sslmode` (`disable`, `prefer`, `require`, `verify-full`) and `sslrootcert=FILE`; without `sslmode` it is `disable`
    /// for this machine and `prefer` for another. `require` checks the certificate as `verify-full` does; `prefer` checks
    /// none, and so protects from listeners only.
    pub url: String,
    /// How many connections at most: all of them on PostgreSQL, the readers on SQLite (which has one writer).
    pub pool_size: usize,
    /// How long to wait for a connection, and for a lock.
    pub timeout: Duration,
}

/// The ports of an opened store.
#[derive(Clone)]
pub struct Opened {
    /// Units of work.
    pub store: Arc<dyn Store>,
    /// Whether sessions hold, uncached.
    pub session_states: Arc<dyn SessionStates>,
    /// Whether client apps' own tokens hold, uncached.
    pub client_states: Arc<dyn ClientStates>,
    /// Accounts to look at, uncached.
    pub users: Arc<dyn UserDirectory>,
    /// Roles to look at, uncached.
    pub roles: Arc<dyn RoleCatalogue>,
    /// The sequence of revocations.
    pub revocations: Arc<dyn RevocationLog>,
}

/// Opens a store. Connections are made when first needed, on the backend runtime, so that they outlive the thread that
/// asked for them; commits finish there too, and then tell the bus what they revoked.
///
/// # Errors
/// [`UrlError`] when the URL is none of ours, or its certificate file can't be read.
pub fn connect(options: &StoreOptions, backend: Handle, bus: Arc<dyn RevocationBus>) -> Result<Opened, UrlError> {
    Ok(match Location::parse(&options.url)? {
        Location::Sqlite(file) => opened(sqlite::store::SqlStore::new(sqlite::store::Connections {
            pools: sqlite::pools(&file, options, &backend),
            abandon: sqlite::Abandon,
            timeout: options.timeout,
            backend,
            bus,
        })),
        Location::Postgres(server) => opened(postgres::store::SqlStore::new(postgres::store::Connections {
            pools: postgres::pools(&server, options, &backend),
            abandon: server.abandon(),
            timeout: options.timeout,
            backend,
            bus,
        })),
    })
}

fn opened<S>(store: S) -> Opened
where
    S: Store + SessionStates + ClientStates + UserDirectory + RoleCatalogue + RevocationLog + 'static,
{
    let store = Arc::new(store);
    Opened {
        store: store.clone(),
        session_states: store.clone(),
        client_states: store.clone(),
        users: store.clone(),
        roles: store.clone(),
        revocations: store,
    }
}

/// Brings the schema up to what this binary knows. Makes SQLite's file (0600, in a folder of 0700) if there is none. Any
/// number of processes may do it at once: they take turns, and the later ones find nothing to do.
///
/// # Errors
/// [`SchemaError::Newer`] when a later version of Doorward has been here; nothing is changed then.
pub async fn migrate(url: &str) -> Result<Report, SchemaError> {
    match Location::parse(url)? {
        Location::Sqlite(file) => sqlite::migrate(file).await,
        Location::Postgres(server) => postgres::migrate(&server).await,
    }
}

/// What there is to know of a database before one relies on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Survey {
    /// The major version of PostgreSQL; none for SQLite.
    pub postgres: Option<u32>,
    /// Whether a prepared statement is still there in the next transaction. Behind PgBouncer in transaction mode it is from
    /// 1.21 on, with `max_prepared_statements` above 0; without it about half of all queries fail.
    pub keeps_prepared_statements: bool,
}

/// Looks at a database, and changes nothing.
///
/// # Errors
/// [`SchemaError::Unavailable`] when it can't be reached.
pub async fn survey(url: &str) -> Result<Survey, SchemaError> {
    match Location::parse(url)? {
        Location::Sqlite(_) => Ok(Survey { postgres: None, keeps_prepared_statements: true }),
        Location::Postgres(server) => postgres::survey(&server).await,
    }
}

/// Which migrations [`migrate`] would apply, by name. Changes nothing.
///
/// # Errors
/// As [`migrate`].
pub async fn pending(url: &str) -> Result<Vec<String>, SchemaError> {
    match Location::parse(url)? {
        Location::Sqlite(file) => sqlite::pending(file).await,
        Location::Postgres(server) => postgres::pending(&server).await,
    }
}
