//! The meaning of PostgreSQL's errors. They are distinguished by SQLSTATE, as kinds of diesel or in full, and never by
//! their text, whose language depends on the server (`lc_messages`).
use crate::store::diagnosis::Diagnosis;
use diesel::result::{DatabaseErrorKind, Error};
use doorward_ports::outbound::Unique;
use std::error::Error as _;
use std::io::{self, ErrorKind};
use tokio_postgres::error::SqlState;

const UNREACHABLE: &str = "check that PostgreSQL runs, and that the database URL is right";
const CROWDED: &str = "lower database.pool_size, or raise PostgreSQL's max_connections";
const LOCKED: &str =
    "check in pg_stat_activity which session holds the locks; if this continues, raise database.timeout";
const READ_ONLY: &str = "set the database URL to the primary server, and check its default_transaction_read_only";
const TLS: &str = "check that the server uses TLS with a trusted certificate, and check sslmode in the database URL";
/// Errors without a kind in diesel: a timeout of a lock or a statement, a deadlock, a full disk or memory, a server
/// that stops, a standby, a missing privilege. The caller has caused none of them.
const REFUSED: &str = "the text of PostgreSQL contains the reason; check its log, the locks in pg_stat_activity, and the space on its disk";

/// The meaning of an error of a statement.
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
        Some("providers_pkey") => Diagnosis::Duplicate(Unique::Provider),
        Some("identities_issuer_subject_key") => Diagnosis::Duplicate(Unique::Identity),
        _ => Diagnosis::Failed,
    }
}

/// What the operator should do if this prevents opening a connection.
pub fn cure_of_opening(error: &tokio_postgres::Error) -> &'static str {
    if let Some(code) = error.code() {
        return cure_of_refusal(code);
    }
    let Some(cause) = error.source() else { return UNREACHABLE };
    match cause.downcast_ref::<io::Error>() {
        Some(cause) => cure_of_network(cause),
        // The texts of tokio-postgres: the server requires a password, or has no TLS.
        None => "check the user, the password and sslmode in the database URL",
    }
}

fn cure_of_refusal(code: &SqlState) -> &'static str {
    match *code {
        SqlState::INVALID_PASSWORD => "check the user and the password in the database URL",
        SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
            "check that the role in the database URL exists and may log in, and that pg_hba.conf allows it from this machine"
        }
        SqlState::INVALID_CATALOG_NAME => "create the database (CREATE DATABASE), or name another in the database URL",
        SqlState::INSUFFICIENT_PRIVILEGE => "grant the missing privileges to the role in the database URL",
        SqlState::TOO_MANY_CONNECTIONS => CROWDED,
        SqlState::CANNOT_CONNECT_NOW => "wait: PostgreSQL is starting, stopping or recovering",
        SqlState::READ_ONLY_SQL_TRANSACTION => READ_ONLY,
        _ => REFUSED,
    }
}

fn cure_of_network(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::ConnectionRefused => "check that PostgreSQL runs on that host, and listens on that address and port",
        // This is not from the system but from tokio-postgres, which has found a standby.
        ErrorKind::PermissionDenied if error.raw_os_error().is_none() => READ_ONLY,
        _ if error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()).is_some() => TLS,
        // The C library resolves names, and its errors are not those of the system.
        _ if error.raw_os_error().is_none() && error.kind() != ErrorKind::UnexpectedEof => {
            "check the host name in the database URL"
        }
        _ => UNREACHABLE,
    }
}
