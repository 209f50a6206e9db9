use crate::store::diagnosis::Diagnosis;
use crate::store::open_error::OpenError;
use diesel::ConnectionError;
use diesel::result::{DatabaseErrorKind, Error};
use doorward_ports::outbound::Unique;
use std::io;

const NO_FILE: &str = "make the file and the folder of the database readable and writable for the service's user";

/// The texts of SQLite are the same in every language, and the only thing that diesel passes on
/// (sqlite.org/rescode.html).
const BY_MESSAGE: &[(&str, &str)] = &[
    ("is locked", "another process holds the write lock of the database: end it, or raise database.timeout"),
    ("database or disk is full", "free disk space, or raise max_pages in the database URL"),
    (
        "attempt to write a readonly database",
        "make the file and the folder of the database writable for the service's user",
    ),
    ("unable to open database file", NO_FILE),
    ("disk I/O error", "check the disk of the database, and the log of the system"),
    ("locking protocol", "move the database to a local disk: this file system does not support locks"),
    ("out of memory", "give the service more memory"),
    ("database disk image is malformed", "stop the service and restore the database from a backup"),
    ("file is not a database", "set the database URL to a database of Doorward, or restore it from a backup"),
];

pub fn diagnose(error: &Error) -> Diagnosis {
    match error {
        Error::DatabaseError(DatabaseErrorKind::UniqueViolation, info) => unique(info.message()),
        Error::DatabaseError(DatabaseErrorKind::Unknown, info) => {
            cure_of(info.message()).map_or(Diagnosis::Failed, Diagnosis::Unavailable)
        }
        Error::DatabaseError(DatabaseErrorKind::UnableToSendCommand, _) => {
            Diagnosis::Unavailable("the service is stopping")
        }
        Error::BrokenTransactionManager | Error::RollbackErrorOnCommit { .. } => {
            Diagnosis::Unavailable("check the previous log lines")
        }
        _ => Diagnosis::Failed,
    }
}

fn cure_of(message: &str) -> Option<&'static str> {
    BY_MESSAGE.iter().find(|(part, _)| message.contains(part)).map(|(_, cure)| *cure)
}

/// Why the file could not be opened.
pub fn cannot_open(error: ConnectionError) -> OpenError {
    OpenError::new(cure_of(&error.to_string()).unwrap_or(NO_FILE), error)
}

/// Why the file, its folder, or the lock file of migrations could not be created.
pub fn cannot_make(error: io::Error) -> OpenError {
    OpenError::new(NO_FILE, error)
}

fn unique(message: &str) -> Diagnosis {
    match message.strip_prefix("UNIQUE constraint failed: ") {
        Some("users.email") => Diagnosis::Duplicate(Unique::UserEmail),
        Some("users.username") => Diagnosis::Duplicate(Unique::Username),
        Some("roles.name") => Diagnosis::Duplicate(Unique::Role),
        Some("permissions.name") => Diagnosis::Duplicate(Unique::Permission),
        Some("client_apps.id") => Diagnosis::Duplicate(Unique::ClientApp),
        Some("providers.name") => Diagnosis::Duplicate(Unique::Provider),
        Some("identities.issuer, identities.subject") => Diagnosis::Duplicate(Unique::Identity),
        _ => Diagnosis::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::File;
    use diesel::connection::SimpleConnection;
    use std::time::Duration;

    /// SQLite gives the same error for a file that must not be written.
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
