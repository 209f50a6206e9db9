use super::address::is_loopback;
use super::resolver::{Resolver, SystemResolver};
use super::{OutgoingError, Reach};
use doorward_tls::{Authorities, AuthoritiesError};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT_ENCODING, CONNECTION, HOST, HeaderValue, LOCATION, USER_AGENT};
use hyper::{Request, Response, Uri};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// The largest number of bytes of an answer.
pub const LONGEST_ANSWER: usize = 1024 * 1024;
/// How much of the head of an answer is read.
const LONGEST_HEAD: usize = 64 * 1024;

/// What a client may do.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// Which addresses it calls besides those of the public internet.
    pub reach: Reach,
    /// How long a request may take, from the name of the host to the end of the answer.
    pub patience: Duration,
    /// Certificate authorities that are trusted besides those of browsers, as PEM.
    pub authorities: Option<&'a [u8]>,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { reach: Reach::default(), patience: Duration::from_secs(5), authorities: None }
    }
}

/// Sends requests. A clone has the same options.
#[derive(Clone)]
pub struct Client {
    resolver: Arc<dyn Resolver>,
    tls: TlsConnector,
    reach: Reach,
    patience: Duration,
}

impl Client {
    /// A client that asks the operating system for addresses.
    ///
    /// # Errors
    /// If the certificate authorities are none.
    pub fn new(options: &Options<'_>) -> Result<Self, AuthoritiesError> {
        Self::with_resolver(options, Arc::new(SystemResolver))
    }

    /// A client with another source of addresses.
    ///
    /// # Errors
    /// If the certificate authorities are none.
    pub fn with_resolver(options: &Options<'_>, resolver: Arc<dyn Resolver>) -> Result<Self, AuthoritiesError> {
        let authorities = options.authorities.map_or(Authorities::OfBrowsers, Authorities::OfBrowsersAnd);
        let tls = TlsConnector::from(Arc::new(doorward_tls::client(authorities)?));
        Ok(Self { resolver, tls, reach: options.reach, patience: options.patience })
    }

    /// Which addresses it calls.
    #[must_use]
    pub const fn reach(&self) -> Reach {
        self.reach
    }

    /// Sends a request to its URL, and reads the whole answer. An answer with an error status is an answer.
    ///
    /// # Errors
    /// [`OutgoingError`]; the request may nevertheless have arrived.
    pub async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, OutgoingError> {
        let sent = tokio::time::timeout(self.patience, self.exchange(request)).await;
        sent.unwrap_or(Err(OutgoingError::Timeout(self.patience)))
    }

    /// Finds the addresses of the host of this URL, and checks each.
    ///
    /// # Errors
    /// [`OutgoingError::Url`], [`OutgoingError::Resolve`], [`OutgoingError::Address`], [`OutgoingError::Timeout`].
    pub async fn locate(&self, url: &Uri) -> Result<Vec<SocketAddr>, OutgoingError> {
        let target = Target::of(url)?;
        let found = tokio::time::timeout(self.patience, self.addresses(&target)).await;
        found.unwrap_or(Err(OutgoingError::Timeout(self.patience)))
    }

    /// Connects to the host of this URL, with TLS, and sends nothing.
    ///
    /// # Errors
    /// As [`send`](Self::send), before a request.
    pub async fn greet(&self, url: &Uri) -> Result<(), OutgoingError> {
        let target = Target::of(url)?;
        let connected = tokio::time::timeout(self.patience, self.connect(&target)).await;
        connected.unwrap_or(Err(OutgoingError::Timeout(self.patience))).map(drop)
    }

    async fn exchange(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, OutgoingError> {
        let target = Target::of(request.uri())?;
        let request = prepared(request, &target)?;
        match self.connect(&target).await? {
            Connection::Plain(stream) => speak(stream, request).await,
            Connection::Encrypted(stream) => speak(stream, request).await,
        }
    }

    async fn connect(&self, target: &Target) -> Result<Connection, OutgoingError> {
        let stream = reached(&self.addresses(target).await?, self.patience).await.map_err(OutgoingError::Connect)?;
        if !target.encrypted {
            return Ok(Connection::Plain(stream));
        }
        let name = ServerName::try_from(target.host.clone()).map_err(|_| OutgoingError::Url)?;
        let stream = self.tls.connect(name, stream).await.map_err(OutgoingError::Tls)?;
        Ok(Connection::Encrypted(Box::new(stream)))
    }

    /// All addresses of the host. One that may not be called refuses the host: nobody who has a use for it publishes
    /// public and private addresses together.
    async fn addresses(&self, target: &Target) -> Result<Vec<SocketAddr>, OutgoingError> {
        let found = self.resolver.resolve(&target.host, target.port).await.map_err(OutgoingError::Resolve)?;
        if found.is_empty() {
            return Err(OutgoingError::Resolve(io::ErrorKind::NotFound.into()));
        }
        if !found.iter().all(|address| self.reach.allows(address.ip())) {
            return Err(OutgoingError::Address);
        }
        if !target.encrypted && !found.iter().all(|address| is_loopback(address.ip())) {
            return Err(OutgoingError::Url);
        }
        Ok(found)
    }
}

enum Connection {
    Plain(TcpStream),
    Encrypted(Box<tokio_rustls::client::TlsStream<TcpStream>>),
}

/// Where a URL leads.
struct Target {
    /// A name or an address, without brackets.
    host: String,
    port: u16,
    encrypted: bool,
    /// The host and the port as the URL has them.
    authority: HeaderValue,
}

impl Target {
    fn of(url: &Uri) -> Result<Self, OutgoingError> {
        let encrypted = match url.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(OutgoingError::Url),
        };
        let authority = url.authority().ok_or(OutgoingError::Url)?;
        if authority.as_str().contains('@') || authority.host().is_empty() {
            return Err(OutgoingError::Url);
        }
        Ok(Self {
            host: authority.host().trim_matches(['[', ']']).to_owned(),
            port: authority.port_u16().unwrap_or(if encrypted { 443 } else { 80 }),
            encrypted,
            authority: HeaderValue::from_str(authority.as_str()).map_err(|_| OutgoingError::Url)?,
        })
    }
}

/// The request as it is sent: its path in place of the URL (RFC 9112 §3.2.1), and the headers of the client.
fn prepared(request: Request<Vec<u8>>, target: &Target) -> Result<Request<Full<Bytes>>, OutgoingError> {
    let (mut parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    parts.uri = path.parse().map_err(|_| OutgoingError::Url)?;
    parts.headers.insert(HOST, target.authority.clone());
    parts.headers.insert(CONNECTION, HeaderValue::from_static("close"));
    // What is compressed could be longer than it looks.
    parts.headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    let agent = HeaderValue::from_static(concat!("doorward/", env!("CARGO_PKG_VERSION")));
    parts.headers.entry(USER_AGENT).or_insert(agent);
    Ok(Request::from_parts(parts, Full::from(body)))
}

/// A connection to the first of these addresses that accepts one. They share the time, so that one that never answers
/// does not use up the time of the others.
async fn reached(addresses: &[SocketAddr], patience: Duration) -> io::Result<TcpStream> {
    let share = patience / u32::try_from(addresses.len()).unwrap_or(u32::MAX).max(1);
    let mut failed = io::Error::from(io::ErrorKind::NotFound);
    for address in addresses {
        match tokio::time::timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => failed = error,
            Err(_) => failed = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(failed)
}

async fn speak<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Response<Vec<u8>>, OutgoingError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let broken = |error: hyper::Error| OutgoingError::Broken(error.into());
    let handshake = http1::Builder::new().max_buf_size(LONGEST_HEAD).handshake(TokioIo::new(stream));
    let (mut sender, connection) = handshake.await.map_err(broken)?;
    let asked = async {
        let answer = sender.send_request(request).await.map_err(broken)?;
        read(answer).await
    };
    tokio::pin!(connection);
    tokio::pin!(asked);
    // Both in this task: when the caller gives up, the connection ends too.
    tokio::select! {
        biased;
        answer = &mut asked => answer,
        ended = &mut connection => {
            ended.map_err(broken)?;
            asked.await
        }
    }
}

async fn read(answer: Response<Incoming>) -> Result<Response<Vec<u8>>, OutgoingError> {
    let (parts, body) = answer.into_parts();
    if parts.status.is_redirection() {
        let location = parts.headers.get(LOCATION).and_then(|url| url.to_str().ok()).map(str::to_owned);
        return Err(OutgoingError::Redirect { status: parts.status, location });
    }
    let body = Limited::new(body, LONGEST_ANSWER).collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() {
            OutgoingError::TooLong(LONGEST_ANSWER)
        } else {
            OutgoingError::Broken(error)
        }
    })?;
    Ok(Response::from_parts(parts, body.to_bytes().to_vec()))
}
