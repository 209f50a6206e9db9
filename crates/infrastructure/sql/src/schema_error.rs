use crate::UrlError;
use std::error::Error;

/// What migrating did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The migrations that were applied, by name, in their order; empty when the schema was up to date.
    pub applied: Vec<String>,
}

/// Why the schema could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// The URL names no database.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// A later version of Doorward has changed the schema.
    #[error(
        "the database's schema is {found}, and this version of Doorward knows it up to {known}: start the version that was \
         here before, or a later one"
    )]
    Newer {
        /// The latest migration in the database.
        found: String,
        /// The latest one in this binary.
        known: String,
    },
    /// The database could not be reached, opened or locked.
    #[error("the database cannot be opened: {0}")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// A migration failed; it left nothing behind.
    #[error("the database's schema cannot be brought up to date: {0}")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}

impl From<diesel::ConnectionError> for SchemaError {
    fn from(error: diesel::ConnectionError) -> Self {
        Self::Unavailable(error.into())
    }
}

impl From<diesel::result::Error> for SchemaError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<std::io::Error> for SchemaError {
    fn from(error: std::io::Error) -> Self {
        Self::Unavailable(error.into())
    }
}
