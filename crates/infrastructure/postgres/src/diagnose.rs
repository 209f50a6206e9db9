//! What PostgreSQL's errors mean. They are told apart by SQLSTATE, in diesel's kinds or in full, and never by their words,
//! which are in whatever language the server speaks (`lc_messages`).
use crate::store::diagnosis::Diagnosis;
use diesel::result::{DatabaseErrorKind, Error};
use doorward_ports::outbound::Unique;
use std::error::Error as _;
use std::io::{self, ErrorKind};
use tokio_postgres::error::SqlState;

const UNREACHABLE: &str = "see that PostgreSQL runs and that the database URL leads to it";
const CROWDED: &str = "lower database.pool_size, or raise PostgreSQL's max_connections";
const LOCKED: &str = "see in pg_stat_activity who holds the locks; if this goes on, raise database.timeout";
const READ_ONLY: &str = "point the database URL at the primary server, and see its default_transaction_read_only";
const TLS: &str = "see that the server speaks TLS with a certificate that is trusted, and sslmode in the database URL";
/// What diesel has no kind for: a lock or a statement that took too long, a deadlock, a disk or memory that is full, a
/// server that stops, a standby, a missing privilege. None of it is the fault of whoever asked.
const REFUSED: &str =
    "PostgreSQL's own words say why; see its log, pg_stat_activity for locks, and the room on its disk";

/// What the error of a statement means.
pub fn diagnose(error: &Error) -> Diagnosis {
    use DatabaseErrorKind as Kind;
    match error {
        Error::DatabaseError(Kind::UniqueViolation, info) => unique(info.constraint_name()),
        Error::DatabaseError(Kind::ReadOnlyTransaction, _) => Diagnosis::Unavailable(READ_ONLY),
        Error::DatabaseError(Kind::UnableToSendCommand | Kind::ClosedConnection, _)
        | Error::BrokenTransactionManager
        | Error::RollbackErrorOnCommit { .. } => Diagnosis::Unavailable(UNREACHABLE),
        Error::DatabaseError(Kind::SerializationFailure, _) => Diagnosis::Unavailable(LOCKED),
        Error::DatabaseError(Kind::Unknown, _) => Diagnosis::Unavailable(REFUSED),
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

/// What an operator should do when no connection can be opened because of this.
pub fn cure_of_opening(error: &tokio_postgres::Error) -> &'static str {
    if let Some(code) = error.code() {
        return cure_of_refusal(code);
    }
    let Some(cause) = error.source() else { return UNREACHABLE };
    match cause.downcast_ref::<io::Error>() {
        Some(cause) => cure_of_network(cause),
        // What tokio-postgres says itself: that the server asks for a password or speaks no TLS.
        None => "see the user, the password and sslmode in the database URL",
    }
}

fn cure_of_refusal(code: &SqlState) -> &'static str {
    match *code {
        SqlState::INVALID_PASSWORD => "see the user and the password in the database URL",
        SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
            "see that the role of the database URL exists and may log in, and that pg_hba.conf admits it from this machine"
        }
        SqlState::INVALID_CATALOG_NAME => "create the database (CREATE DATABASE), or name another in the database URL",
        SqlState::INSUFFICIENT_PRIVILEGE => "grant the role of the database URL what it lacks",
        SqlState::TOO_MANY_CONNECTIONS => CROWDED,
        SqlState::CANNOT_CONNECT_NOW => "wait: PostgreSQL is starting, stopping or recovering",
        SqlState::READ_ONLY_SQL_TRANSACTION => READ_ONLY,
        _ => REFUSED,
    }
}

fn cure_of_network(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::ConnectionRefused => "see that PostgreSQL runs there, and listens on that address and port",
        // Not the system's word but that of tokio-postgres: it found a standby.
        ErrorKind::PermissionDenied if error.raw_os_error().is_none() => READ_ONLY,
        _ if error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()).is_some() => TLS,
        // Names are resolved by the C library, whose errors are none of the system's.
        _ if error.raw_os_error().is_none() && error.kind() != ErrorKind::UnexpectedEof => {
            "see the name of the host in the database URL"
        }
        _ => UNREACHABLE,
    }
}
