//! The store behind a URL: accounts, roles, sessions, sign-in attempts and the audit log, on SQLite or PostgreSQL.
//!
//! This crate reads the scheme of the URL and selects `doorward-sqlite` or `doorward-postgres`; each is a feature. The
//! queries are written once, in the folder `store/` of this crate. Both crates compile it with `#[path]`, so they build
//! in parallel and are independent. `store/mod.rs` lists their differences, which are in the `backend.rs` of each. No
//! type of diesel is public: a store implements ports.
//!
//! It is not a cache (a unit of work never reads from one), and contains no rules: the use cases decide what may be
//! done.
//!
//! * **To add a column**: add a migration with the same name in `migrations/postgres` and `migrations/sqlite`, the
//!   column in `store/schema.rs`, and the row struct beside its queries. The convention tests compare both catalogues.
//! * **To add a query**: add a method to the port, its claim in the conformance suite of `doorward-testkit`, and the
//!   statement in the file of its table. `self.conn()` lends the connection and `self.settle(answer)` checks the
//!   result; a statement that is not settled costs the pool its connection. The plan tests then check how both
//!   databases run it. Read by a key with `get_result`, not with `first`: `first` adds a limit, and SQLite prepares a
//!   statement with a limit again each time. A frequent change is `kept()` prepared.
//! * **To add an error that an operator can fix**: add a line in `diagnose` of the database, with the cure.
#![warn(missing_docs)]

#[cfg(not(any(feature = "sqlite", feature = "postgres")))]
compile_error!("choose a database: the feature `sqlite`, `postgres`, or both");

use doorward_ports::outbound::{
    DatabaseSurvey, MigrationReport, OpenedStore, RevocationBus, SchemaError, StoreObserver,
};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;

/// Why a URL is not a database URL, and what to write instead.
#[derive(Debug, thiserror::Error)]
pub enum UrlError {
    /// Its scheme is neither of the two.
    #[error("the database URL must begin with sqlite:// (a file, as in sqlite://data/doorward.db) or postgres://")]
    Scheme,
    /// The URL belongs to a database that this program does not contain.
    #[error("this program was built without {database}: use a build with the feature `{feature}`, or another database")]
    LeftOut {
        /// Its name.
        database: &'static str,
        /// The feature that adds it.
        feature: &'static str,
    },
    /// The scheme is that of SQLite, but the rest is not valid.
    #[cfg(feature = "sqlite")]
    #[error(transparent)]
    Sqlite(#[from] doorward_sqlite::UrlError),
    /// The scheme is that of PostgreSQL, but the rest is not valid.
    #[cfg(feature = "postgres")]
    #[error(transparent)]
    Postgres(#[from] doorward_postgres::UrlError),
}

/// How to open a store.
#[derive(Clone)]
pub struct Opening {
    /// The largest number of connections: all connections on PostgreSQL, the readers on SQLite (which has one writer).
    pub pool_size: usize,
    /// How long to wait for a connection, and for a lock.
    pub timeout: Duration,
    /// The runtime that owns the connections, so that they outlive the thread that needed them; commits finish there
    /// too.
    pub backend: Handle,
    /// The bus for revocations, after their commit.
    pub bus: Arc<dyn RevocationBus>,
    /// The observer of durations and audit lines.
    pub observer: Arc<dyn StoreObserver>,
}

/// The same for one of the two crates, each of which compiles the shared store itself.
macro_rules! opening {
    ($database:ident, $opening:expr) => {{
        let Opening { pool_size, timeout, backend, bus, observer } = $opening;
        $database::Opening { pool_size, timeout, backend, bus, observer }
    }};
}

/// A database URL.
pub enum Database {
    /// An SQLite file.
    #[cfg(feature = "sqlite")]
    Sqlite(doorward_sqlite::File),
    /// A PostgreSQL server.
    #[cfg(feature = "postgres")]
    Postgres(Box<doorward_postgres::Server>),
}

impl Database {
    /// Parses `sqlite://data/doorward.db` or `postgres://…`. Opens nothing.
    ///
    /// `sqlite://FILE?max_pages=N` lets the file grow to at most N pages (of 4096 bytes). A PostgreSQL URL may contain
    /// `sslmode` (`disable`, `prefer`, `require`, `verify-full`) and `sslrootcert=FILE`; the default of `sslmode` is
    /// `disable` for this machine and `prefer` for other machines. `require` checks the certificate like `verify-full`;
    /// `prefer` does not check it, so it protects only against eavesdropping.
    ///
    /// # Errors
    /// If it is not a database URL, or its certificate file can't be read.
    pub fn parse(url: &str) -> Result<Self, UrlError> {
        if let Some(file) = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")) {
            return sqlite(file);
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return postgres(url);
        }
        Err(UrlError::Scheme)
    }

    /// Opens the store. Connections are opened when they are first needed.
    #[must_use]
    pub fn open(&self, opening: Opening) -> OpenedStore {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(file) => file.open(opening!(doorward_sqlite, opening)),
            #[cfg(feature = "postgres")]
            Self::Postgres(server) => server.open(opening!(doorward_postgres, opening)),
        }
    }

    /// Updates the schema to the version of this binary. Creates the SQLite file (0600, in a folder with 0700) if there
    /// is none. If several processes do it at once, they take turns, and the later ones find nothing to do.
    ///
    /// # Errors
    /// [`SchemaError::Newer`] if a later version of Doorward has changed the database; then nothing is changed.
    pub async fn migrate(&self) -> Result<MigrationReport, SchemaError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(file) => file.migrate().await,
            #[cfg(feature = "postgres")]
            Self::Postgres(server) => server.migrate().await,
        }
    }

    /// The names of the migrations that [`Self::migrate`] would apply. Changes nothing.
    ///
    /// # Errors
    /// As [`Self::migrate`].
    pub async fn pending(&self) -> Result<Vec<String>, SchemaError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(file) => file.pending().await,
            #[cfg(feature = "postgres")]
            Self::Postgres(server) => server.pending().await,
        }
    }

    /// Checks the database, and changes nothing.
    ///
    /// # Errors
    /// [`SchemaError::Unavailable`] if it can't be reached.
    pub async fn survey(&self) -> Result<DatabaseSurvey, SchemaError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => Ok(DatabaseSurvey { postgres: None, keeps_prepared_statements: true, clock: None }),
            #[cfg(feature = "postgres")]
            Self::Postgres(server) => server.survey().await,
        }
    }
}

#[cfg(feature = "sqlite")]
fn sqlite(file: &str) -> Result<Database, UrlError> {
    Ok(Database::Sqlite(doorward_sqlite::File::parse(file)?))
}

#[cfg(not(feature = "sqlite"))]
fn sqlite(_: &str) -> Result<Database, UrlError> {
    Err(UrlError::LeftOut { database: "SQLite", feature: "sqlite" })
}

#[cfg(feature = "postgres")]
fn postgres(url: &str) -> Result<Database, UrlError> {
    Ok(Database::Postgres(Box::new(doorward_postgres::Server::parse(url)?)))
}

#[cfg(not(feature = "postgres"))]
fn postgres(_: &str) -> Result<Database, UrlError> {
    Err(UrlError::LeftOut { database: "PostgreSQL", feature: "postgres" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_of_another_database_is_refused_with_the_cure() {
        for url in ["", "mysql://x", "data/doorward.db", "redis://127.0.0.1"] {
            let Err(refusal) = Database::parse(url) else { panic!("{url} is taken") };
            assert!(refusal.to_string().contains("sqlite://data/doorward.db"), "{refusal}");
        }
    }

    #[test]
    #[cfg(feature = "sqlite")]
    fn a_database_in_memory_is_refused() {
        for url in ["sqlite://", "sqlite://:memory:", "sqlite::memory:"] {
            let refusal = Database::parse(url).err();
            assert!(matches!(refusal, Some(UrlError::Sqlite(doorward_sqlite::UrlError::NoFile))), "{url}");
        }
    }

    #[test]
    #[cfg(feature = "postgres")]
    fn a_refusal_tells_no_password() {
        let Err(refusal) = Database::parse("postgres://ann:s3cret@host:port/db") else {
            panic!("the port is no number")
        };
        assert!(!refusal.to_string().contains("s3cret"), "{refusal}");
    }

    #[test]
    #[cfg(not(all(feature = "sqlite", feature = "postgres")))]
    fn a_database_that_was_left_out_is_refused_by_its_name() {
        let (url, name) = if cfg!(feature = "sqlite") {
            ("postgres://localhost/db", "PostgreSQL")
        } else {
            ("sqlite://data/doorward.db", "SQLite")
        };
        let Err(refusal) = Database::parse(url) else { panic!("{url} is taken") };
        assert!(refusal.to_string().contains(&format!("built without {name}")), "{refusal}");
    }
}
