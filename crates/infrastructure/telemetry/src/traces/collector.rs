//! The connection to a collector: OTLP over HTTP/1.1, with TLS for `https`.
use super::message::ExportResponse;
use super::{CollectorOptions, TracingError};
use doorward_ports::Secret;
use doorward_tls::Authorities;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use prost::Message;
use rustls::pki_types::ServerName;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio_rustls::TlsConnector;

/// How long one export may take, with the connection.
const PATIENCE: Duration = Duration::from_secs(5);
/// The answer to an export has a few bytes.
const LONGEST_ANSWER: usize = 64 * 1024;

type Sender = SendRequest<Full<Bytes>>;

/// Where and how traces are sent.
pub struct Collector {
    uri: Uri,
    host: String,
    port: u16,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    headers: HeaderMap,
    /// It is kept open for the next export.
    connection: Mutex<Option<Sender>>,
}

/// Why traces did not arrive. Its text contains no header.
#[derive(Debug, thiserror::Error)]
pub enum NotSent {
    /// No connection, or no answer.
    #[error("the collector can't be reached: {0}")]
    Unreachable(String),
    /// The collector asks for another attempt (OTLP, "OTLP/HTTP Response").
    #[error("the collector is not ready: it answered {0}")]
    Busy(StatusCode),
    /// The collector will not take them at another attempt either.
    #[error("the collector refused the traces: it answered {0}")]
    Refused(StatusCode),
}

impl NotSent {
    /// Whether another attempt may succeed.
    pub const fn is_temporary(&self) -> bool {
        !matches!(self, Self::Refused(_))
    }

    fn unreachable(error: &(dyn std::error::Error + 'static)) -> Self {
        Self::Unreachable(doorward_ports::Causes(error).to_string())
    }
}

impl Collector {
    /// Sends to `/v1/traces` below this URL. Nothing is connected yet.
    pub fn new(options: &CollectorOptions<'_>) -> Result<Self, TracingError> {
        let CollectorOptions { endpoint, headers, authorities } = *options;
        let uri: Uri =
            format!("{}/v1/traces", endpoint.trim_end_matches('/')).parse().map_err(|_| TracingError::Url)?;
        let host = uri.host().ok_or(TracingError::Url)?.trim_matches(['[', ']']).to_owned();
        let is_https = uri.scheme_str() == Some("https");
        let tls = if is_https {
            let config = doorward_tls::client(Authorities::of(authorities))?;
            Some((TlsConnector::from(Arc::new(config)), name_of(&host)?))
        } else {
            None
        };
        let port = uri.port_u16().unwrap_or(if is_https { 443 } else { 80 });
        let headers = all_headers(&uri, headers)?;
        Ok(Self { host, port, tls, headers, uri, connection: Mutex::default() })
    }

    /// Sends an export. Returns the number of spans that the collector has refused of it.
    pub async fn send(&self, export: Vec<u8>) -> Result<usize, NotSent> {
        let sent = tokio::time::timeout(PATIENCE, self.exchange(export)).await;
        sent.unwrap_or_else(|_| Err(NotSent::Unreachable(format!("no answer within {PATIENCE:?}"))))
    }

    async fn exchange(&self, export: Vec<u8>) -> Result<usize, NotSent> {
        let mut kept = self.connection.lock().await;
        let mut sender = match still_open(kept.take()).await {
            Some(sender) => sender,
            None => self.connect().await?,
        };
        let answer = sender.send_request(self.request(export)).await.map_err(|error| NotSent::unreachable(&error))?;
        let rejected = read(answer).await;
        *kept = Some(sender);
        rejected
    }

    fn request(&self, export: Vec<u8>) -> Request<Full<Bytes>> {
        let mut request = Request::post(self.uri.path()).body(Full::from(export)).expect("the path is one of a URI");
        request.headers_mut().clone_from(&self.headers);
        request
    }

    async fn connect(&self) -> Result<Sender, NotSent> {
        let unreachable = |error: std::io::Error| NotSent::unreachable(&error);
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await.map_err(unreachable)?;
        match &self.tls {
            None => speak(stream).await,
            Some((tls, name)) => speak(tls.connect(name.clone(), stream).await.map_err(unreachable)?).await,
        }
    }
}

async fn still_open(kept: Option<Sender>) -> Option<Sender> {
    let mut sender = kept?;
    sender.ready().await.ok().map(|()| sender)
}

async fn speak(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Result<Sender, NotSent> {
    let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(|error| NotSent::unreachable(&error))?;
    tokio::spawn(async move {
        // An error of the connection is the answer to the request that runs, or nobody's.
        let _ = connection.await;
    });
    Ok(sender)
}

async fn read(answer: Response<Incoming>) -> Result<usize, NotSent> {
    let status = answer.status();
    let body = Limited::new(answer.into_body(), LONGEST_ANSWER).collect().await;
    let body = body.map_err(|error| NotSent::unreachable(&*error))?.to_bytes();
    match status {
        _ if status.is_success() => {
            // A collector that answers in another form has taken all.
            let answer = ExportResponse::decode(body).unwrap_or_default();
            Ok(answer.partial_success.map_or(0, |partial| usize::try_from(partial.rejected_spans).unwrap_or(0)))
        }
        StatusCode::TOO_MANY_REQUESTS
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => Err(NotSent::Busy(status)),
        _ => Err(NotSent::Refused(status)),
    }
}

fn all_headers(uri: &Uri, given: &[(String, Secret)]) -> Result<HeaderMap, TracingError> {
    let mut headers = HeaderMap::new();
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    headers.insert(HOST, HeaderValue::from_str(authority).map_err(|_| TracingError::Url)?);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"));
    headers.insert(USER_AGENT, HeaderValue::from_static(concat!("doorward/", env!("CARGO_PKG_VERSION"))));
    for (name, value) in given {
        let refuse = || TracingError::Header(name.clone());
        let mut value = HeaderValue::from_str(value.expose()).map_err(|_| refuse())?;
        value.set_sensitive(true);
        headers.insert(HeaderName::from_bytes(name.as_bytes()).map_err(|_| refuse())?, value);
    }
    Ok(headers)
}

fn name_of(host: &str) -> Result<ServerName<'static>, TracingError> {
    ServerName::try_from(host.to_owned()).map_err(|_| TracingError::Url)
}
