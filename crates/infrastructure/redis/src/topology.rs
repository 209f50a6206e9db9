use crate::timing::Timing;
use deadpool_redis::Manager;
use redis::cluster::{ClusterClient, ClusterClientBuilder};
use redis::sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType};
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, ErrorKind, IntoConnectionInfo, ProtocolVersion,
    RedisError, TlsCertificates, TlsMode,
};
use std::sync::Arc;
use tokio::sync::Mutex;

/// Where Redis is, and whom to believe that it is the one.
#[derive(Debug, Clone, Copy)]
pub struct Address<'a> {
    /// `redis://[USER:PASSWORD@]HOST[:PORT]`, or `rediss://…` for TLS. Several, separated by commas, are nodes of one
    /// cluster, or the sentinels that know where the master is. User, password and database are those of the first.
    pub url: &'a str,
    /// The certificate authorities to believe, as PEM; none: those that are compiled in.
    pub authorities: Option<&'a [u8]>,
    /// When the addresses are those of sentinels: whom to ask them for.
    pub sentinels: Option<Sentinels<'a>>,
}

/// What to ask sentinels for, and how.
#[derive(Debug, Clone, Copy)]
pub struct Sentinels<'a> {
    /// The name that they know the master by.
    pub master: &'a str,
    /// Their own password.
    pub password: Option<&'a str>,
}

impl<'a> Address<'a> {
    /// One server, or the nodes of a cluster, without any authorities of one's own.
    #[must_use]
    pub const fn at(url: &'a str) -> Self {
        Self { url, authorities: None, sentinels: None }
    }

    /// Whether it can be understood, as [`Redis::new`](crate::Redis::new) will ask. Connects to nothing.
    ///
    /// # Errors
    /// As there.
    pub fn check(self) -> Result<(), AddressRefused> {
        Topology::of(self, Timing::default()).map(drop)
    }
}

/// An address of Redis that can't be used.
#[derive(Debug, thiserror::Error)]
#[error("the address of Redis can't be used: {0}")]
pub struct AddressRefused(#[from] RedisError);

/// An [`Address`] that was understood.
pub(crate) struct Topology {
    /// The server, the nodes of the cluster, or the sentinels, each with the authorities to believe.
    nodes: Vec<ConnectionInfo>,
    kind: Kind,
    timing: Timing,
}

pub(crate) enum Kind {
    Server,
    Cluster(Box<ClusterClient>),
    Sentinels(Box<Mutex<SentinelClient>>),
}

impl Topology {
    pub(crate) fn of(address: Address<'_>, timing: Timing) -> Result<Arc<Self>, AddressRefused> {
        let nodes = nodes(address.url, address.authorities)?;
        let kind = match address.sentinels {
            Some(asked) => Kind::Sentinels(Box::new(Mutex::new(sentinels(&nodes, asked, address.authorities)?))),
            None if nodes.len() > 1 => Kind::Cluster(Box::new(cluster(&nodes, address.authorities, &timing)?)),
            None => Kind::Server,
        };
        Ok(Arc::new(Self { nodes, kind, timing }))
    }

    pub(crate) const fn kind(&self) -> &Kind {
        &self.kind
    }

    /// What connects to the one server.
    pub(crate) fn manager(&self) -> Result<Manager, RedisError> {
        Manager::new_with_config(self.nodes[0].clone(), self.limits())
    }

    /// One server at which to publish and to listen; of sentinels, the master. In a cluster any will do, since it passes
    /// messages on; another one at each attempt.
    pub(crate) async fn server(&self, attempt: u32) -> Result<Client, RedisError> {
        if let Kind::Sentinels(client) = &self.kind {
            return client.lock().await.async_get_client().await;
        }
        let turn = usize::try_from(attempt).unwrap_or_default() % self.nodes.len();
        Client::open(self.nodes[turn].clone())
    }

    /// How long each step of opening a connection, and each answer on it, may take.
    pub(crate) fn limits(&self) -> AsyncConnectionConfig {
        AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.timing.answer))
            .set_response_timeout(Some(self.timing.answer))
    }
}

/// The addresses, each with the user, password and database of the first.
fn nodes(url: &str, authorities: Option<&[u8]>) -> Result<Vec<ConnectionInfo>, RedisError> {
    let nodes: Vec<_> = url.split(',').map(IntoConnectionInfo::into_connection_info).collect::<Result<_, _>>()?;
    let kind = |node: &ConnectionInfo| std::mem::discriminant(node.addr());
    if nodes.iter().any(|node| kind(node) != kind(&nodes[0])) {
        return Err(refused("some addresses are with TLS and some without"));
    }
    let settings = nodes[0].redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    let node = |node: ConnectionInfo| believing(node.set_redis_settings(settings.clone()), authorities);
    nodes.into_iter().map(node).collect()
}

/// With the authorities in its address, where whatever connects there finds them. Refused where they are of no use, or
/// can't be read.
fn believing(node: ConnectionInfo, authorities: Option<&[u8]>) -> Result<ConnectionInfo, RedisError> {
    match authorities {
        Some(pem) => Ok(Client::build_with_tls(node, certificates(pem))?.get_connection_info().clone()),
        None => Ok(node),
    }
}

/// What asks sentinels for the master, as the Redis documentation ("Guidelines for Redis clients with support for Redis
/// Sentinel") says: a server that denies being the master is left.
fn sentinels(
    nodes: &[ConnectionInfo],
    asked: Sentinels<'_>,
    authorities: Option<&[u8]>,
) -> Result<SentinelClient, RedisError> {
    let (first, settings) = (nodes[0].addr(), nodes[0].redis_settings());
    let addresses = nodes.iter().map(|node| node.addr().clone());
    let mut builder = SentinelClientBuilder::new(addresses, asked.master, SentinelServerType::Master)?
        .set_client_to_sentinel_protocol(ProtocolVersion::RESP3)
        .set_client_to_redis_protocol(ProtocolVersion::RESP3)
        .set_client_to_redis_db(settings.db());
    if let Some(password) = asked.password {
        builder = builder.set_client_to_sentinel_password(password);
    }
    if let Some(username) = settings.username() {
        builder = builder.set_client_to_redis_username(username);
    }
    if let Some(password) = settings.password() {
        builder = builder.set_client_to_redis_password(password);
    }
    if matches!(first, ConnectionAddr::TcpTls { .. }) {
        builder = builder.set_client_to_redis_tls_mode(TlsMode::Secure);
    }
    if let Some(pem) = authorities {
        builder = builder.set_client_to_redis_certificates(certificates(pem));
    }
    builder.build()
}

fn cluster(nodes: &[ConnectionInfo], authorities: Option<&[u8]>, timing: &Timing) -> Result<ClusterClient, RedisError> {
    if nodes[0].redis_settings().db() != 0 {
        return Err(refused("a cluster has no numbered databases"));
    }
    let builder = ClusterClientBuilder::new(nodes.to_vec())
        .use_protocol(ProtocolVersion::RESP3)
        .connection_timeout(timing.answer)
        .response_timeout(timing.answer)
        // For a slot that has moved; whoever waits for longer has given up.
        .retries(2);
    let builder = match authorities {
        Some(pem) => builder.certs(certificates(pem)),
        None => builder,
    };
    builder.build()
}

fn refused(why: &'static str) -> RedisError {
    (ErrorKind::InvalidClientConfig, why).into()
}

fn certificates(pem: &[u8]) -> TlsCertificates {
    TlsCertificates { client_tls: None, root_cert: Some(pem.to_owned()) }
}
