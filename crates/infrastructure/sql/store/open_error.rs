use doorward_ports::Causes;
use doorward_ports::outbound::{SchemaError, StoreError};
use std::error::Error;
use std::fmt;

/// Why no connection could be opened, and what the operator should do.
#[derive(Debug)]
pub struct OpenError {
    pub cure: &'static str,
    pub source: Box<dyn Error + Send + Sync>,
}

impl OpenError {
    pub fn new(cure: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { cure, source: source.into() }
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cure, source } = self;
        write!(f, "no connection to the database could be opened: {}; {cure}", Causes(&**source))
    }
}

impl Error for OpenError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
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
