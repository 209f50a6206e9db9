/// How many connections a pool has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolState {
    /// The stable name of the pool, used as the value of a label.
    pub pool: &'static str,
    /// The connections that are in use, or being opened for somebody who waits.
    pub in_use: usize,
    /// The open connections that nobody uses.
    pub idle: usize,
    /// The largest number of connections.
    pub max: usize,
    /// How many callers wait for a connection.
    pub waiting: usize,
}

/// The pools of connections of an adapter, for metrics.
pub trait ConnectionPools: Send + Sync {
    /// The current state of each pool: always the same pools, in the same order. Uses nothing outside this process, and
    /// answers at once.
    fn pools(&self) -> Vec<PoolState>;
}
