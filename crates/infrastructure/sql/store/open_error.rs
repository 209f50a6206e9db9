use doorward_ports::outbound::{SchemaError, StoreError};
use std::error::Error;

/// Why no connection could be opened, and what the operator should do.
#[derive(Debug, thiserror::Error)]
#[error("no connection to the database could be opened")]
pub struct OpenError {
    pub cure: &'static str,
    #[source]
    pub source: Box<dyn Error + Send + Sync>,
}

impl OpenError {
    pub fn new(cure: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { cure, source: source.into() }
    }
}

impl From<OpenError> for SchemaError {
    fn from(OpenError { cure, source }: OpenError) -> Self {
        Self::Unavailable { cure, source }
    }
}

impl From<OpenError> for StoreError {
    fn from(error: OpenError) -> Self {
        Self::Unavailable(error.into())
    }
}
