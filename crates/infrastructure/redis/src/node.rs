use crate::bus::RedisBus;
use crate::cache::RedisCache;
use crate::connection::Connection;
use crate::limiter::RedisLimiter;
use crate::timing::Timing;
use crate::topology::{Address, AddressRefused, Topology};
use doorward_ports::outbound::{HealthProbe, Observer, Random, RateLimiter, RevocationBus};
use std::sync::Arc;

/// All that this node has at one Redis.
pub struct Redis {
    bus: Arc<RedisBus>,
    connection: Arc<Connection>,
}

impl Redis {
    /// Connects once somebody runs [`Self::carry_messages`] and [`Self::keep_connection`]. What other nodes revoke is told
    /// to `local`; what `local` is told never comes back here by itself.
    ///
    /// # Errors
    /// When the address can't be understood, or there are authorities for one without TLS.
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

    /// What tells other nodes of revocations.
    #[must_use]
    pub fn bus(&self) -> Arc<RedisBus> {
        self.bus.clone()
    }

    /// What nodes share for a while.
    #[must_use]
    pub fn cache(&self) -> Arc<RedisCache> {
        Arc::new(RedisCache::over(self.connection.clone()))
    }

    /// What counts for all nodes, or by `alone` while Redis can't be reached.
    #[must_use]
    pub fn limiter(&self, alone: Arc<dyn RateLimiter>, observer: Arc<dyn Observer>) -> Arc<RedisLimiter> {
        Arc::new(RedisLimiter::over(self.connection.clone(), alone, observer))
    }
}

/// One part of the service: it works when other nodes are reached and what is stored can be read and written.
impl HealthProbe for Redis {
    fn component(&self) -> &'static str {
        "redis"
    }

    fn works(&self) -> bool {
        self.bus.is_up() && self.connection.is_up()
    }
}
