use crate::bus::RedisBus;
use crate::cache::RedisCache;
use crate::connection::Connection;
use crate::limiter::RedisLimiter;
use crate::timing::Timing;
use crate::topology::{Address, AddressRefused, Topology};
use doorward_ports::outbound::{ConnectionPools, HealthProbe, Observer, PoolState, Random, RateLimiter, RevocationBus};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

/// Everything that this node has at one Redis.
pub struct Redis {
    bus: Arc<RedisBus>,
    connection: Arc<Connection>,
}

impl Redis {
    /// Connects in the background, on this runtime, for as long as any part of it lives. Revocations of other nodes are
    /// published to `local`; those of `local` never come back here.
    ///
    /// # Errors
    /// If the address is not valid, or there are authorities for one without TLS.
    pub fn new(
        address: Address<'_>,
        timing: Timing,
        local: Arc<dyn RevocationBus>,
        random: Arc<dyn Random>,
    ) -> Result<Self, AddressRefused> {
        let topology = Topology::of(address, timing)?;
        let connection = Arc::new(Connection::to(&topology, timing, random.clone())?);
        Ok(Self { bus: RedisBus::at(topology, timing, local, random), connection })
    }

    /// Publishes what this node revokes and hears what the others do, for ever. Run by one task at a time; whoever gives it
    /// up, or panics in it, may run it again.
    pub async fn carry_messages(&self) {
        self.bus.run().await;
    }

    /// Keeps a connection to what is stored, for ever. Run by one task at a time; whoever gives it up, or panics in it, may
    /// run it again.
    pub async fn keep_connection(&self) {
        self.connection.keep().await;
    }

    /// Opens a connection and checks that Redis answers and accepts writes; returns how long the check took.
    ///
    /// # Errors
    /// If it does not.
    pub async fn check(&self) -> Result<Duration, Box<dyn Error + Send + Sync>> {
        Ok(self.connection.check().await?)
    }

    /// The bus for revocations to other nodes.
    #[must_use]
    pub fn bus(&self) -> Arc<RedisBus> {
        self.bus.clone()
    }

    /// The cache that nodes share.
    #[must_use]
    pub fn cache(&self) -> Arc<RedisCache> {
        Arc::new(RedisCache::over(self.connection.clone()))
    }

    /// The rate limiter for all nodes, or `alone` while Redis can't be reached.
    #[must_use]
    pub fn limiter(&self, alone: Arc<dyn RateLimiter>, observer: Arc<dyn Observer>) -> Arc<RedisLimiter> {
        Arc::new(RedisLimiter::over(self.connection.clone(), alone, observer))
    }
}

/// A component of the health report: it works if other nodes can be reached, and stored data can be read and written.
impl HealthProbe for Redis {
    fn component(&self) -> &'static str {
        "redis"
    }

    fn works(&self) -> bool {
        self.bus.is_up() && self.connection.is_up()
    }

    fn took(&self) -> Duration {
        self.connection.took()
    }

    fn effect(&self) -> String {
        "Requests are answered as usual. This node counts rate limits alone and does not share its cache, and revocations \
         reach the other nodes within one second, and not at once."
            .to_owned()
    }
}

/// One connection, which all requests share: it is in use while Redis is reached, and nobody ever waits for it.
impl ConnectionPools for Redis {
    fn pools(&self) -> Vec<PoolState> {
        let in_use = usize::from(self.connection.is_up());
        vec![PoolState { pool: "redis", in_use, idle: 0, max: 1, waiting: 0 }]
    }
}
