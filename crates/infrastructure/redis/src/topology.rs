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

/// The address of Redis, and how to verify and find it. It can contain passwords, so it has no `Debug`.
#[derive(Clone, Copy)]
pub struct Address<'a> {
    /// `redis://[USER:PASSWORD@]HOST[:PORT]`, or `rediss://…` for TLS. Several, separated by commas, are nodes of one
    /// cluster, or sentinels. User, password and database of the first are used for all.
    pub url: &'a str,
    /// The trusted certificate authorities, as PEM; none: those that are compiled in.
    pub authorities: Option<&'a [u8]>,
    /// If the addresses are those of sentinels: which master to ask for.
    pub sentinels: Option<Sentinels<'a>>,
}

/// How to ask sentinels for a master.
#[derive(Clone, Copy)]
pub struct Sentinels<'a> {
    /// Their name of the master.
    pub master: &'a str,
    /// Their own password.
    pub password: Option<&'a str>,
}

impl<'a> Address<'a> {
    /// One server, or the nodes of a cluster, without own authorities.
    #[must_use]
    pub const fn at(url: &'a str) -> Self {
        Self { url, authorities: None, sentinels: None }
    }

    /// Checks that it is valid for [`Redis::new`](crate::Redis::new). Connects to nothing.
    ///
    /// # Errors
    /// As [`Redis::new`](crate::Redis::new).
    pub fn check(self) -> Result<(), AddressRefused> {
        Topology::of(self, Timing::default()).map(drop)
    }
}

/// An address of Redis that is not valid.
#[derive(Debug, thiserror::Error)]
#[error("the address of Redis can't be used: {0}")]
pub struct AddressRefused(#[from] RedisError);

/// A valid [`Address`].
pub(crate) struct Topology {
    /// The server, the nodes of the cluster, or the sentinels, each with the trusted authorities.
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

    /// The client of the only server.
    pub(crate) fn manager(&self) -> Result<Manager, RedisError> {
        Manager::new_with_config(self.nodes[0].clone(), self.limits())
    }

    /// A server at which to publish and to listen; with sentinels, the master. In a cluster, any node works, because it
    /// passes messages on; another one at each attempt.
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

/// Adds the authorities to the address, where every client finds them. Refused if they are of no use, or can't be read.
fn believing(node: ConnectionInfo, authorities: Option<&[u8]>) -> Result<ConnectionInfo, RedisError> {
    match authorities {
        Some(pem) => Ok(Client::build_with_tls(node, certificates(pem))?.get_connection_info().clone()),
        None => Ok(node),
    }
}

/// Asks sentinels for the master, as in the Redis documentation ("Guidelines for Redis clients with support for Redis
/// Sentinel"): a server that says that it is not the master is left.
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
        // For a slot that has moved; a request that waits longer has given up.
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
