//! The store behind a URL: accounts, roles, sessions, sign-in attempts and the audit log, on SQLite or PostgreSQL.
//!
//! This crate reads the URL's scheme and hands on to `doorward-sqlite` or `doorward-postgres`, each of which is a feature.
//! The queries are written once, in the folder `store/` beside this one; both crates compile it by `#[path]`, so that they
//! build side by side, and neither knows of the other. What differs between them is named in `store/mod.rs`, and stands in
//! the `backend.rs` of each. Nothing of diesel shows outside: a store answers ports.
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
#![warn(missing_docs)]

#[cfg(not(any(feature = "sqlite", feature = "postgres")))]
compile_error!("choose a database: the feature `sqlite`, `postgres`, or both");

use doorward_ports::outbound::{
    DatabaseSurvey, MigrationReport, OpenedStore, RevocationBus, SchemaError, StoreObserver,
};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;

/// Why a URL names no database, and what to write instead.
#[derive(Debug, thiserror::Error)]
pub enum UrlError {
    /// Neither of the two schemes.
    #[error("the database URL must begin with sqlite:// (a file, as in sqlite://data/doorward.db) or postgres://")]
    Scheme,
    /// The URL of a database that was left out of this program.
    #[error("this program was built without {database}: use a build with the feature `{feature}`, or another database")]
    LeftOut {
        /// Its name.
        database: &'static str,
        /// What brings it in.
        feature: &'static str,
    },
    /// The scheme is SQLite's, and the rest is not.
    #[cfg(feature = "sqlite")]
    #[error(transparent)]
    Sqlite(#[from] doorward_sqlite::UrlError),
    /// The scheme is PostgreSQL's, and the rest is not.
    #[cfg(feature = "postgres")]
    #[error(transparent)]
    Postgres(#[from] doorward_postgres::UrlError),
}

/// How a store is opened.
#[derive(Clone)]
pub struct Opening {
    /// How many connections at most: all of them on PostgreSQL, the readers on SQLite (which has one writer).
    pub pool_size: usize,
    /// How long to wait for a connection, and for a lock.
    pub timeout: Duration,
    /// The runtime that owns the connections, so that they outlive the thread that asked for them; commits finish there too.
    pub backend: Handle,
    /// Who is told of what was revoked, once it is committed.
    pub bus: Arc<dyn RevocationBus>,
    /// Who watches how long things take, and what the audit log is told.
    pub observer: Arc<dyn StoreObserver>,
}

/// The same for one of the two crates, each of which compiles the shared store for itself.
macro_rules! opening {
    ($database:ident, $opening:expr) => {{
        let Opening { pool_size, timeout, backend, bus, observer } = $opening;
        $database::Opening { pool_size, timeout, backend, bus, observer }
    }};
}

/// A database by its URL.
pub enum Database {
    /// A file of SQLite's.
    #[cfg(feature = "sqlite")]
    Sqlite(doorward_sqlite::File),
    /// A server of PostgreSQL's.
    #[cfg(feature = "postgres")]
    Postgres(Box<doorward_postgres::Server>),
}

impl Database {
    /// Reads `sqlite://data/doorward.db` or `postgres://…`. Opens nothing.
    ///
    /// `sqlite://FILE?max_pages=N` lets the file grow to N pages (of 4096 bytes) and no further. A PostgreSQL URL may say
    /// `sslmode` (`disable`, `prefer`, `require`, `verify-full`) and `sslrootcert=FILE`; without `sslmode` it is `disable`
    /// for this machine and `prefer` for another. `require` checks the certificate as `verify-full` does; `prefer` checks
    /// none, and so protects from listeners only.
    ///
    /// # Errors
    /// When the URL is none of ours, or its certificate file can't be read.
    pub fn parse(url: &str) -> Result<Self, UrlError> {
        if let Some(file) = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")) {
            return sqlite(file);
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return postgres(url);
        }
        Err(UrlError::Scheme)
    }

    /// Opens the store. Connections are made when first needed.
    #[must_use]
    pub fn open(&self, opening: Opening) -> OpenedStore {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(file) => file.open(opening!(doorward_sqlite, opening)),
            #[cfg(feature = "postgres")]
            Self::Postgres(server) => server.open(opening!(doorward_postgres, opening)),
        }
    }

    /// Brings the schema up to what this binary knows. Makes SQLite's file (0600, in a folder of 0700) if there is none.
    /// Any number of processes may do it at once: they take turns, and the later ones find nothing to do.
    ///
    /// # Errors
    /// [`SchemaError::Newer`] when a later version of Doorward has been here; nothing is changed then.
    pub async fn migrate(&self) -> Result<MigrationReport, SchemaError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(file) => file.migrate().await,
            #[cfg(feature = "postgres")]
            Self::Postgres(server) => server.migrate().await,
        }
    }

    /// Which migrations [`Self::migrate`] would apply, by name. Changes nothing.
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

    /// Looks at the database, and changes nothing.
    ///
    /// # Errors
    /// [`SchemaError::Unavailable`] when it can't be reached.
    pub async fn survey(&self) -> Result<DatabaseSurvey, SchemaError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => Ok(DatabaseSurvey { postgres: None, keeps_prepared_statements: true }),
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
