use crate::store::parameters;
use diesel::connection::SimpleConnection;
use diesel::result::Error;
use diesel::{Connection, ConnectionError, ConnectionResult, SqliteConnection};
use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Why a URL is not an SQLite URL.
#[derive(Debug, thiserror::Error)]
pub enum UrlError {
    /// It has no path, or is in memory, where connections would not share data.
    #[error("the database URL must contain a file, such as sqlite://data/doorward.db")]
    NoFile,
    /// An unknown parameter, or an invalid value.
    #[error("the parameter {name} in the database URL {problem}")]
    Parameter {
        /// Its name.
        name: String,
        /// The problem.
        problem: &'static str,
    },
}

/// An SQLite file.
#[derive(Clone)]
pub struct File {
    path: PathBuf,
    /// The largest number of its pages.
    max_pages: Option<u32>,
}

impl File {
    /// Parses the part after `sqlite://`.
    ///
    /// # Errors
    /// If it contains no file, or an unknown parameter.
    pub fn parse(rest: &str) -> Result<Self, UrlError> {
        let (path, parameters) = parameters::split(rest);
        if path.is_empty() || path == ":memory:" {
            return Err(UrlError::NoFile);
        }
        // SQLite treats a name that begins with `file:` as a URI.
        let mut file = Self { path: Path::new(".").join(path), max_pages: None };
        for (name, value) in parameters {
            let problem = match (name, value.parse()) {
                ("max_pages", Ok(pages)) => {
                    file.max_pages = Some(pages);
                    continue;
                }
                ("max_pages", Err(_)) => "must be a number of pages",
                _ => "is unknown; a SQLite URL may have max_pages",
            };
            return Err(UrlError::Parameter { name: name.to_owned(), problem });
        }
        Ok(file)
    }

    pub(crate) fn exists(&self) -> bool {
        self.path.exists()
    }

    /// Creates the file, and its folders, for this user only; SQLite gives its other files the same mode.
    ///
    /// An existing file is not even opened: closing it would drop every lock of this process on it
    /// (sqlite.org/howtocorrupt.html §2.2).
    pub(crate) fn create(&self) -> io::Result<()> {
        if let Some(folder) = self.path.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        }
    }

    /// Waits until no other process migrates, and makes others wait until the result is dropped. It is a separate file,
    /// because SQLite's first switch to WAL does not wait for locks.
    pub(crate) fn lock(&self) -> io::Result<std::fs::File> {
        let mut name = self.path.clone().into_os_string();
        name.push("-migrate");
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(name)?;
        file.lock()?;
        Ok(file)
    }

    pub(crate) fn open_writer(&self, patience: Duration) -> ConnectionResult<SqliteConnection> {
        let limit = self.max_pages.map(|pages| format!("PRAGMA max_page_count = {pages};")).unwrap_or_default();
        self.establish(
            patience,
            &format!("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; {limit}"),
        )
    }

    pub(crate) fn open_reader(&self, patience: Duration) -> ConnectionResult<SqliteConnection> {
        self.establish(patience, "PRAGMA query_only = ON;")
    }

    /// The timeout comes first: the other pragmas may already have to wait.
    fn establish(&self, patience: Duration, pragmas: &str) -> ConnectionResult<SqliteConnection> {
        if !self.exists() {
            // SQLite would create an empty file, readable for everybody.
            return Err(ConnectionError::BadConnection(format!("there is no file {}", self.path.display())));
        }
        let mut conn = SqliteConnection::establish(&self.path.to_string_lossy())?;
        conn.batch_execute(&format!("PRAGMA busy_timeout = {}; {pragmas}", patience.as_millis()))
            .map_err(|e: Error| ConnectionError::CouldntSetupConfiguration(e))?;
        Ok(conn)
    }
}
