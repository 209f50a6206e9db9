use redis::RedisError;

/// Why a connection is given up, or could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error("{0}")]
    Redis(#[from] RedisError),
    #[error("the connection was closed")]
    Closed,
    #[error("it did not answer in time")]
    NoAnswer,
    #[error("nothing was heard for too long")]
    Silence,
    #[error("no sentinel knows a master of that name")]
    NoMaster,
}
