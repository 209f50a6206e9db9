use crate::connection::Connection;
use crate::key::key;
use async_trait::async_trait;
use doorward_ports::outbound::{CacheKey, SharedCache};
use doorward_ports::usage::{CallKind, PortCall};
use std::sync::Arc;
use std::time::Duration;

/// Longer than any useful lifetime, and a number that Redis accepts.
const LONGEST: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// Stores in Redis what nodes share for some time.
pub struct RedisCache {
    connection: Arc<Connection>,
}

impl RedisCache {
    pub(crate) const fn over(connection: Arc<Connection>) -> Self {
        Self { connection }
    }
}

#[async_trait]
impl SharedCache for RedisCache {
    async fn get(&self, entry: &CacheKey) -> Option<Vec<u8>> {
        let _getting = PortCall::begin(CallKind::Redis, "get");
        self.connection.ask(redis::cmd("GET").arg(name(entry))).await?
    }

    async fn put(&self, entry: &CacheKey, value: Vec<u8>, ttl: Duration) {
        let ttl = u64::try_from(ttl.min(LONGEST).as_millis()).unwrap_or(u64::MAX);
        // Redis has no lifetime of zero.
        let mut command = redis::cmd("SET");
        command.arg(name(entry)).arg(value).arg("PX").arg(ttl.max(1));
        let _putting = PortCall::begin(CallKind::Redis, "put");
        self.connection.ask::<()>(&command).await;
    }
}

fn name(entry: &CacheKey) -> String {
    key(entry.kind, &entry.id)
}
