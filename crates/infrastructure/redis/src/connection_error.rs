use deadpool_redis::{HookError, PoolError};
use redis::RedisError;

/// Why a connection is given up, or could not be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectionError {
    #[error("{0}")]
    Redis(#[from] RedisError),
    #[error("the connection was closed")]
    Closed,
    #[error("it did not answer in time")]
    NoAnswer,
    #[error("nothing was heard for too long")]
    Silence,
}

impl From<PoolError> for ConnectionError {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => Self::Redis(error),
            _ => Self::NoAnswer,
        }
    }
}
