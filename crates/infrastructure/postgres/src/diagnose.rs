use crate::store::diagnosis::{Diagnosis, by_message};
use diesel::result::{DatabaseErrorKind, Error};
use doorward_ports::outbound::Unique;

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
