use crate::pace::Pace;
use crate::trouble::Trouble;
use crate::wire::Wire;
use redis::aio::MultiplexedConnection;
use redis::cluster::{ClusterClient, ClusterClientBuilder};
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, ErrorKind, IntoConnectionInfo, ProtocolVersion,
    RedisError, TlsCertificates, Value,
};
use std::sync::Arc;

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

    /// Whether it can be understood, as [`Redis::start`](crate::Redis::start) will ask. Connects to nothing.
    ///
    /// # Errors
    /// As there.
    pub fn check(self) -> Result<(), AddressRefused> {
        Place::of(self, Pace::default()).map(drop)
    }
}

/// An address of Redis that can't be used.
#[derive(Debug, thiserror::Error)]
#[error("the address of Redis can't be used: {0}")]
pub struct AddressRefused(#[from] RedisError);

/// An [`Address`] that was understood.
pub(crate) struct Place {
    /// The servers, the cluster's nodes, or what is told by sentinels with its host and port replaced.
    nodes: Vec<ConnectionInfo>,
    kind: Kind,
    authorities: Option<Vec<u8>>,
    pace: Pace,
}

enum Kind {
    Single,
    Cluster(Box<ClusterClient>),
    Sentinels { sentinels: Vec<Client>, master: String },
}

impl Place {
    pub(crate) fn of(address: Address<'_>, pace: Pace) -> Result<Arc<Self>, AddressRefused> {
        let nodes = nodes(address.url)?;
        let authorities = address.authorities.map(<[u8]>::to_vec);
        let kind = match address.sentinels {
            Some(sentinels) => Kind::Sentinels {
                sentinels: clients(&nodes, sentinels, authorities.as_deref())?,
                master: sentinels.master.to_owned(),
            },
            None if nodes.len() > 1 => Kind::Cluster(Box::new(cluster(&nodes, authorities.as_deref(), &pace)?)),
            None => Kind::Single,
        };
        let place = Self { nodes, kind, authorities, pace };
        // Says at the start, and not at the first try, that authorities can't be read or are of no use.
        place.client(place.nodes[0].clone())?;
        Ok(Arc::new(place))
    }

    /// One server at which to publish and to listen. In a cluster any will do, since it passes messages on; another one at
    /// each attempt.
    pub(crate) async fn server(&self, attempt: u32) -> Result<Client, Trouble> {
        if let Kind::Sentinels { sentinels, master } = &self.kind {
            return self.master(sentinels, master).await;
        }
        let turn = usize::try_from(attempt).unwrap_or_default() % self.nodes.len();
        Ok(self.client(self.nodes[turn].clone())?)
    }

    /// A connection to all that is stored there.
    pub(crate) async fn connect(&self) -> Result<Wire, Trouble> {
        let opening = async {
            match &self.kind {
                Kind::Cluster(cluster) => Ok(Wire::Cluster(cluster.get_async_connection().await?)),
                Kind::Single | Kind::Sentinels { .. } => {
                    Ok(Wire::One(open(&self.server(0).await?, self.limits()).await?))
                }
            }
        };
        // The limits hold for single steps: a name that is looked up, or a TLS handshake, has none.
        tokio::time::timeout(self.pace.answer * 2, opening).await.unwrap_or(Err(Trouble::NoAnswer))
    }

    /// How long each step of opening a connection, and each answer on it, may take.
    pub(crate) fn limits(&self) -> AsyncConnectionConfig {
        AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.pace.answer))
            .set_response_timeout(Some(self.pace.answer))
    }

    /// Asks one sentinel after the other, as the Redis documentation ("Guidelines for Redis clients with support for Redis
    /// Sentinel") says; one that has not heard of the change yet names a server that denies being the master.
    async fn master(&self, sentinels: &[Client], name: &str) -> Result<Client, Trouble> {
        let mut last = Trouble::NoMaster;
        for sentinel in sentinels {
            match self.told_by(sentinel, name).await {
                Ok(client) => return Ok(client),
                Err(trouble) => last = trouble,
            }
        }
        Err(last)
    }

    async fn told_by(&self, sentinel: &Client, name: &str) -> Result<Client, Trouble> {
        let mut asked = open(sentinel, self.limits()).await?;
        let mut question = redis::cmd("SENTINEL");
        question.arg("GET-MASTER-ADDR-BY-NAME").arg(name);
        let Some((host, port)) = question.query_async::<Option<(String, u16)>>(&mut asked).await? else {
            return Err(Trouble::NoMaster);
        };
        let addr = moved(self.nodes[0].addr(), host, port);
        let client = self.client(self.nodes[0].clone().set_addr(addr))?;
        let mut server = open(&client, self.limits()).await?;
        let role: Vec<Value> = redis::cmd("ROLE").query_async(&mut server).await?;
        let is_master = matches!(role.first(), Some(Value::BulkString(role)) if role == b"master");
        is_master.then_some(client).ok_or(Trouble::NoMaster)
    }

    fn client(&self, node: ConnectionInfo) -> Result<Client, RedisError> {
        client(node, self.authorities.as_deref())
    }
}

/// The addresses, each with the user, password and database of the first.
fn nodes(url: &str) -> Result<Vec<ConnectionInfo>, RedisError> {
    let nodes: Vec<_> = url.split(',').map(IntoConnectionInfo::into_connection_info).collect::<Result<_, _>>()?;
    let kind = |node: &ConnectionInfo| std::mem::discriminant(node.addr());
    if nodes.iter().any(|node| kind(node) != kind(&nodes[0])) {
        return Err(refused("some addresses are with TLS and some without"));
    }
    let settings = nodes[0].redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    Ok(nodes.into_iter().map(|node| node.set_redis_settings(settings.clone())).collect())
}

fn clients(
    nodes: &[ConnectionInfo],
    sentinels: Sentinels<'_>,
    authorities: Option<&[u8]>,
) -> Result<Vec<Client>, RedisError> {
    let settings = redis::RedisConnectionInfo::default().set_protocol(ProtocolVersion::RESP3);
    let settings = match sentinels.password {
        Some(password) => settings.set_password(password),
        None => settings,
    };
    nodes.iter().map(|node| client(node.clone().set_redis_settings(settings.clone()), authorities)).collect()
}

fn cluster(nodes: &[ConnectionInfo], authorities: Option<&[u8]>, pace: &Pace) -> Result<ClusterClient, RedisError> {
    if nodes[0].redis_settings().db() != 0 {
        return Err(refused("a cluster has no numbered databases"));
    }
    let builder = ClusterClientBuilder::new(nodes.to_vec())
        .use_protocol(ProtocolVersion::RESP3)
        .connection_timeout(pace.answer)
        .response_timeout(pace.answer)
        // For a slot that has moved; whoever waits for longer has given up.
        .retries(2);
    let builder = match authorities {
        Some(pem) => builder.certs(certificates(pem)),
        None => builder,
    };
    builder.build()
}

fn client(node: ConnectionInfo, authorities: Option<&[u8]>) -> Result<Client, RedisError> {
    match authorities {
        Some(pem) => Client::build_with_tls(node, certificates(pem)),
        None => Client::open(node),
    }
}

fn refused(why: &'static str) -> RedisError {
    (ErrorKind::InvalidClientConfig, why).into()
}

fn certificates(pem: &[u8]) -> TlsCertificates {
    TlsCertificates { client_tls: None, root_cert: Some(pem.to_owned()) }
}

async fn open(client: &Client, limits: AsyncConnectionConfig) -> Result<MultiplexedConnection, RedisError> {
    client.get_multiplexed_async_connection_with_config(&limits).await
}

/// The same kind of address at another place.
fn moved(addr: &ConnectionAddr, host: String, port: u16) -> ConnectionAddr {
    match addr {
        ConnectionAddr::TcpTls { insecure, tls_params, .. } => {
            ConnectionAddr::TcpTls { host, port, insecure: *insecure, tls_params: tls_params.clone() }
        }
        _ => ConnectionAddr::Tcp(host, port),
    }
}
