use crate::bus::RedisBus;
use crate::cache::RedisCache;
use crate::connection::Connection;
use crate::limiter::RedisLimiter;
use crate::timing::Timing;
use crate::topology::{Address, AddressRefused, Topology};
use doorward_ports::outbound::{HealthProbe, Observer, Random, RateLimiter, RevocationBus};
use std::sync::Arc;

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
}
