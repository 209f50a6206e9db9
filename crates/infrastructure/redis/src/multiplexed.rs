use redis::aio::MultiplexedConnection;
use redis::cluster_async::ClusterConnection;
use redis::{Cmd, FromRedisValue, RedisResult};

/// A connection with many commands in progress at once: to one server, or to all nodes of a cluster.
#[derive(Clone)]
pub(crate) enum Multiplexed {
    Server(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl Multiplexed {
    pub(crate) async fn query<T: FromRedisValue>(&mut self, command: &Cmd) -> RedisResult<T> {
        match self {
            Self::Server(connection) => command.query_async(connection).await,
            Self::Cluster(connection) => command.query_async(connection).await,
        }
    }
}

impl From<MultiplexedConnection> for Multiplexed {
    fn from(connection: MultiplexedConnection) -> Self {
        Self::Server(connection)
    }
}

impl From<ClusterConnection> for Multiplexed {
    fn from(connection: ClusterConnection) -> Self {
        Self::Cluster(connection)
    }
}
