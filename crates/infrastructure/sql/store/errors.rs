use super::diagnosis::Diagnosis;
use super::open_error::OpenError;
use crate::backend::diagnose;
use deadpool::managed::PoolError;
use doorward_ports::outbound::StoreError;
use std::error::Error;
use std::fmt::{self, Display};

/// What the database said, and what the operator should do. Nothing is logged here: whoever answers for the failure logs
/// it, once. The message of the database contains no values, but its detail would.
#[derive(Debug)]
struct Outage {
    cure: &'static str,
    source: diesel::result::Error,
}

impl Display for Outage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.source, self.cure)
    }
}

impl Error for Outage {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.source)
    }
}

/// The meaning of an error of a statement for the caller.
pub fn store_error(error: diesel::result::Error) -> StoreError {
    match diagnose(&error) {
        Diagnosis::Unavailable(cure) => StoreError::Unavailable(Outage { cure, source: error }.into()),
        Diagnosis::Duplicate(unique) => StoreError::Duplicate(unique),
        Diagnosis::Failed => StoreError::Failed(error.into()),
    }
}

pub fn no_connection(error: PoolError<OpenError>) -> StoreError {
    match error {
        PoolError::Backend(error) => error.into(),
        other => StoreError::Unavailable(other.into()),
    }
}

pub fn none_free() -> StoreError {
    let told = "no connection was free in time; see what keeps the database busy, and if this continues, raise \
                database.pool_size";
    StoreError::Unavailable(told.into())
}

pub fn not_writable() -> StoreError {
    StoreError::Unavailable("nothing could be written a moment ago".into())
}

pub fn void() -> StoreError {
    StoreError::Failed("a unit of work whose statement failed can't be committed".into())
}

/// Checks that an UPDATE or DELETE has changed exactly its row.
pub fn exactly_one(touched: usize, table: &'static str, row: &dyn Display) -> Result<(), StoreError> {
    if touched == 1 {
        return Ok(());
    }
    Err(StoreError::Failed(format!("{touched} rows of {table} are {row}, instead of one").into()))
}
