use crate::multiplexed::Multiplexed;
use crate::timing::Timing;
use crate::topology::Topology;
use deadpool::managed::{Hook, HookError, Manager, Metrics, Pool, RecycleResult};
use deadpool_redis::Runtime;
use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::{Cmd, RedisError};
use std::sync::Arc;
use std::time::Duration;

/// A manager of connections that can be shared.
pub(crate) trait Connects:
    Manager<Type: ConnectionLike + Clone + Into<Multiplexed>, Error = RedisError> + 'static
{
}

impl Connects for deadpool_redis::Manager {}
impl Connects for Cluster {}
impl Connects for Master {}

/// Opens the shared connection within a time limit, checks it whenever it returns, and replaces one that fails.
pub(crate) fn pool<M: Connects>(manager: M, timing: &Timing, probe: &Cmd) -> Pool<M> {
    Pool::builder(manager)
        .max_size(1)
        .runtime(Runtime::Tokio1)
        // The limits of single steps do not include the lookup of a name, or a TLS handshake.
        .create_timeout(Some(timing.answer * 2))
        .recycle_timeout(Some(timing.answer))
        // A connection that is slower than the wait of a request is useless.
        .post_create(check(probe, timing.patience))
        .post_recycle(check(probe, timing.answer))
        .build()
        .expect("there is a runtime for the time limits")
}

/// Whether it answers, and accepts writes: a replica refuses them, and so does a server that is full or whose disk has
/// failed.
fn check<M: Connects>(probe: &Cmd, limit: Duration) -> Hook<M> {
    let probe = Arc::new(probe.clone());
    Hook::async_fn(move |connection, _| {
        let probe = probe.clone();
        Box::pin(async move {
            let checked = async {
                // In a cluster it is sent to every master.
                redis::cmd("PING").exec_async(connection).await?;
                probe.exec_async(connection).await
            };
            let checked = tokio::time::timeout(limit, checked).await;
            checked.map_err(|_| HookError::message("it did not answer in time"))?.map_err(HookError::Backend)
        })
    })
}

/// It replaces the manager of deadpool-redis, which accepts neither certificate authorities nor time limits.
pub(crate) struct Cluster(pub(crate) ClusterClient);

impl Manager for Cluster {
    type Type = ClusterConnection;
    type Error = RedisError;

    async fn create(&self) -> Result<ClusterConnection, RedisError> {
        self.0.get_async_connection().await
    }

    /// The check of the pool is enough.
    async fn recycle(&self, _: &mut ClusterConnection, _: &Metrics) -> RecycleResult<RedisError> {
        Ok(())
    }
}

/// The master that sentinels name; it replaces the manager of deadpool-redis, as [`Cluster`].
pub(crate) struct Master(pub(crate) Arc<Topology>);

impl Manager for Master {
    type Type = MultiplexedConnection;
    type Error = RedisError;

    async fn create(&self) -> Result<MultiplexedConnection, RedisError> {
        self.0.server(0).await?.get_multiplexed_async_connection_with_config(&self.0.limits()).await
    }

    /// The check of the pool is enough.
    async fn recycle(&self, _: &mut MultiplexedConnection, _: &Metrics) -> RecycleResult<RedisError> {
        Ok(())
    }
}
