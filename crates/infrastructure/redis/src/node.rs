use crate::bus::RedisBus;
use crate::cache::RedisCache;
use crate::connection::Connection;
use crate::limiter::RedisLimiter;
use crate::timing::Timing;
use crate::topology::{Address, AddressRefused, Topology};
use doorward_ports::outbound::{HealthProbe, Observer, Random, RateLimiter, RevocationBus};
use std::sync::Arc;
use tokio::runtime::Handle;

/// All that this node has at one Redis.
pub struct Redis {
    bus: Arc<RedisBus>,
    connection: Arc<Connection>,
}

impl Redis {
    /// Connects in the background, on that runtime, for as long as anything of it lives. What other nodes revoke is told
    /// to `local`; what `local` is told never comes back here by itself.
    ///
    /// # Errors
    /// When the address can't be understood, or there are authorities for one without TLS.
    pub fn start(
        address: Address<'_>,
        timing: Timing,
        local: Arc<dyn RevocationBus>,
        random: Arc<dyn Random>,
        runtime: &Handle,
    ) -> Result<Self, AddressRefused> {
        let topology = Topology::of(address, timing)?;
        let connection = Arc::new(Connection::start(&topology, timing, random.clone(), runtime)?);
        Ok(Self { bus: RedisBus::start(topology, timing, local, random, runtime), connection })
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
