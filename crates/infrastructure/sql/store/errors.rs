use super::diagnosis::Diagnosis;
use super::open_error::OpenError;
use crate::backend::diagnose;
use deadpool::managed::PoolError;
use doorward_ports::Causes;
use doorward_ports::outbound::StoreError;
use std::fmt::Display;

/// The meaning of an error of a statement for the caller. An error that the operator can fix is logged with its cure;
/// the message of the database contains no values, but its detail would.
pub fn store_error(error: diesel::result::Error) -> StoreError {
    match diagnose(&error) {
        Diagnosis::Unavailable(cure) => {
            tracing::warn!(%error, cure, "the database is unavailable");
            StoreError::Unavailable(error.into())
        }
        Diagnosis::Duplicate(unique) => StoreError::Duplicate(unique),
        Diagnosis::Failed => StoreError::Failed(error.into()),
    }
}

pub fn no_connection(error: PoolError<OpenError>) -> StoreError {
    let PoolError::Backend(error) = error else { return StoreError::Unavailable(error.into()) };
    tracing::warn!(error = %Causes(&*error.source), cure = error.cure, "{error}");
    error.into()
}

pub fn none_free() -> StoreError {
    let cure = "see what keeps the database busy; if this goes on, raise database.pool_size";
    tracing::warn!(cure, "no connection to the database was free in time");
    StoreError::Unavailable("no connection was free in time".into())
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
