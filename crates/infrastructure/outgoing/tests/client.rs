//! The client against real sockets.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use async_trait::async_trait;
use doorward_outgoing::{Client, LONGEST_ANSWER, Options, OutgoingError, Reach, Request, Resolver};
use doorward_tls::AuthoritiesError;
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

const LOCAL: Reach = Reach { loopback: true, private: false };
const HELLO: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

/// What a server does with each connection.
#[derive(Clone)]
enum Answer {
    /// Sends this once it has read a request.
    With(Vec<u8>),
    /// Sends this, and then nothing more, but keeps the connection.
    ThenStalls(Vec<u8>),
    /// Sends a head, and then bytes without an end.
    Endless,
}

/// A server that counts what comes, and remembers the last request.
struct Server {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    request: Arc<Mutex<String>>,
    authority: String,
}

impl Server {
    async fn plain(answer: Answer) -> Self {
        Self::start(answer, None, String::new()).await
    }

    /// A server with a certificate for this name.
    async fn encrypted(name: &str, answer: Answer) -> Self {
        let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
        let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        let acceptor =
            TlsAcceptor::from(Arc::new(config.with_single_cert(vec![made.cert.der().clone()], key).unwrap()));
        Self::start(answer, Some(acceptor), made.cert.pem()).await
    }

    async fn start(answer: Answer, tls: Option<TlsAcceptor>, authority: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (connections, request) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(String::new())));
        let (count, seen) = (connections.clone(), request.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let (answer, seen, tls) = (answer.clone(), seen.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, answer, &seen).await,
                        // A client that does not trust the certificate ends the handshake.
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, answer, &seen).await;
                            }
                        }
                    }
                });
            }
        });
        Self { address, connections, request, authority }
    }

    fn url(&self) -> String {
        format!("http://{}/path?a=b", self.address)
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    fn request(&self) -> String {
        self.request.lock().unwrap().clone()
    }
}

async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: Answer, seen: &Mutex<String>) {
    let mut head = vec![0; 64 * 1024];
    let length = stream.read(&mut head).await.unwrap_or(0);
    *seen.lock().unwrap() = String::from_utf8_lossy(&head[..length]).into_owned();
    match answer {
        Answer::With(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Answer::ThenStalls(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.read(&mut head).await;
        }
        Answer::Endless => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
            while stream.write_all(&[b'x'; 8192]).await.is_ok() {}
        }
    }
}

/// Gives these answers, one after the other.
struct Names(Mutex<VecDeque<Vec<SocketAddr>>>);

impl Names {
    fn of(answers: &[&[SocketAddr]]) -> Arc<Self> {
        Arc::new(Self(Mutex::new(answers.iter().map(|addresses| addresses.to_vec()).collect())))
    }

    fn left(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

#[async_trait]
impl Resolver for Names {
    async fn resolve(&self, _: &str, _: u16) -> io::Result<Vec<SocketAddr>> {
        self.0.lock().unwrap().pop_front().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

fn client(reach: Reach) -> Client {
    Client::new(&Options { reach, ..Options::default() }).unwrap()
}

async fn get(client: &Client, url: &str) -> Result<String, OutgoingError> {
    let request = Request::get(url).body(Vec::new()).unwrap();
    client.send(request).await.map(|answer| String::from_utf8(answer.into_body()).unwrap())
}

#[tokio::test]
async fn a_request_arrives_and_its_answer_comes_back() {
    let server = Server::plain(Answer::With(b"HTTP/1.1 404 x\r\nContent-Length: 2\r\n\r\nno".to_vec())).await;
    let request = Request::post(server.url()).header("x-key", "v").body(b"body".to_vec()).unwrap();
    let answer = client(LOCAL).send(request).await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.body().as_slice()), (404, &b"no"[..]));
    let seen = server.request();
    assert!(seen.starts_with("POST /path?a=b HTTP/1.1\r\n"), "{seen}");
    for line in ["x-key: v", &format!("host: {}", server.address), "connection: close", "content-length: 4"] {
        assert!(seen.to_lowercase().contains(&format!("\r\n{line}\r\n")), "{line}: {seen}");
    }
}

#[tokio::test]
async fn addresses_of_this_machine_are_refused_before_a_connection() {
    let server = Server::plain(Answer::With(HELLO.into())).await;
    let port = server.address.port();
    for reach in [Reach::default(), Reach { private: true, loopback: false }] {
        for host in
            ["127.0.0.1", "localhost", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "0x7f.1", "2130706433", "127.1"]
        {
            let refused = get(&client(reach), &format!("https://{host}:{port}/")).await.unwrap_err();
            assert!(matches!(refused, OutgoingError::Address | OutgoingError::Resolve(_)), "{host}: {refused:?}");
        }
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn one_private_address_among_public_ones_refuses_the_host() {
    let server = Server::plain(Answer::With(HELLO.into())).await;
    let names = Names::of(&[&["8.8.8.8:443".parse().unwrap(), server.address]]);
    let client = Client::with_resolver(&Options::default(), names).unwrap();
    assert!(matches!(get(&client, "https://provider.example/").await, Err(OutgoingError::Address)));
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn the_checked_address_is_the_one_connected_to() {
    let server = Server::encrypted("provider.example", Answer::With(HELLO.into())).await;
    let inside = Server::plain(Answer::With(HELLO.into())).await;
    let names = Names::of(&[&[server.address], &[inside.address]]);
    let options = Options { reach: LOCAL, authorities: Some(server.authority.as_bytes()), ..Options::default() };
    let client = Client::with_resolver(&options, names.clone()).unwrap();
    assert_eq!(get(&client, "https://provider.example/").await.unwrap(), "hello");
    assert_eq!((names.left(), server.connections(), inside.connections()), (1, 1, 0), "the name was resolved once");
    assert!(server.request().contains("host: provider.example\r\n"));
}

#[tokio::test]
async fn a_certificate_must_be_for_the_host_and_of_a_trusted_authority() {
    let server = Server::encrypted("provider.example", Answer::With(HELLO.into())).await;
    let asked = async |host: &str, authorities: Option<&[u8]>| {
        let options = Options { reach: LOCAL, authorities, ..Options::default() };
        let client = Client::with_resolver(&options, Names::of(&[&[server.address]])).unwrap();
        get(&client, &format!("https://{host}/")).await
    };
    let authority = Some(server.authority.as_bytes());
    assert_eq!(asked("provider.example", authority).await.unwrap(), "hello");
    assert!(matches!(asked("other.example", authority).await, Err(OutgoingError::Tls(_))));
    assert!(matches!(asked("provider.example", None).await, Err(OutgoingError::Tls(_))));
}

#[tokio::test]
async fn plain_http_is_for_this_machine_alone_and_only_where_it_is_allowed() {
    let server = Server::plain(Answer::With(HELLO.into())).await;
    assert_eq!(get(&client(LOCAL), &server.url()).await.unwrap(), "hello");
    assert!(matches!(get(&client(Reach::default()), &server.url()).await, Err(OutgoingError::Address)));
    let everything = Options { reach: Reach { loopback: true, private: true }, ..Options::default() };
    for address in ["8.8.8.8:80", "10.0.0.1:80"] {
        let client = Client::with_resolver(&everything, Names::of(&[&[address.parse().unwrap()]])).unwrap();
        assert!(matches!(get(&client, "http://provider.example/").await, Err(OutgoingError::Url)), "{address}");
    }
}

#[tokio::test]
async fn only_urls_of_hosts_are_called() {
    for url in ["ftp://127.0.0.1/", "/path", "https://ann@127.0.0.1/", "https://ann:x@127.0.0.1/"] {
        assert!(matches!(get(&client(LOCAL), url).await, Err(OutgoingError::Url)), "{url}");
    }
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let other = Server::plain(Answer::With(HELLO.into())).await;
    for status in [301, 302, 303, 307, 308] {
        let head = format!("HTTP/1.1 {status} x\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", other.url());
        let server = Server::plain(Answer::With(head.into())).await;
        let refused = get(&client(LOCAL), &server.url()).await.unwrap_err();
        let OutgoingError::Redirect { status: seen, location } = refused else { panic!("{refused:?}") };
        assert_eq!((seen.as_u16(), location), (status, Some(other.url())));
    }
    assert_eq!(other.connections(), 0);
}

#[tokio::test]
async fn an_answer_has_a_largest_length() {
    let of_length = |length: usize| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
        [head.into_bytes(), vec![b'x'; length]].concat()
    };
    let server = Server::plain(Answer::With(of_length(LONGEST_ANSWER))).await;
    assert_eq!(get(&client(LOCAL), &server.url()).await.unwrap().len(), LONGEST_ANSWER);
    for answer in [Answer::With(of_length(LONGEST_ANSWER + 1)), Answer::Endless] {
        let server = Server::plain(answer).await;
        let refused = get(&client(LOCAL), &server.url()).await.unwrap_err();
        assert!(matches!(refused, OutgoingError::TooLong(LONGEST_ANSWER)), "{refused:?}");
    }
    let head = [b"HTTP/1.1 200 OK\r\nx: ".to_vec(), vec![b'x'; 512 * 1024], b"\r\n\r\n".to_vec()].concat();
    let server = Server::plain(Answer::With(head)).await;
    assert!(matches!(get(&client(LOCAL), &server.url()).await, Err(OutgoingError::Broken(_))));
}

#[tokio::test]
async fn what_stalls_is_given_up_in_time() {
    let patience = Duration::from_millis(200);
    let impatient = Client::new(&Options { reach: LOCAL, patience, ..Options::default() }).unwrap();
    for start in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel"] {
        let server = Server::plain(Answer::ThenStalls(start.into())).await;
        let began = Instant::now();
        let refused = get(&impatient, &server.url()).await.unwrap_err();
        assert!(matches!(refused, OutgoingError::Timeout(_)), "{start:?}: {refused:?}");
        assert!(began.elapsed() >= patience && began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    }
}

#[tokio::test]
async fn an_address_that_refuses_is_followed_by_the_next_one() {
    let server = Server::plain(Answer::With(HELLO.into())).await;
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let options = Options { reach: LOCAL, ..Options::default() };
    let client = Client::with_resolver(&options, Names::of(&[&[closed, server.address], &[closed], &[]])).unwrap();
    assert_eq!(get(&client, "http://provider.example/").await.unwrap(), "hello");
    assert!(matches!(get(&client, "http://provider.example/").await, Err(OutgoingError::Connect(_))));
    assert!(matches!(get(&client, "http://provider.example/").await, Err(OutgoingError::Resolve(_))));
}

#[tokio::test]
async fn an_answer_that_ends_too_early_or_is_no_http_is_broken() {
    for answer in ["", "SSH-2.0-x\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel"] {
        let server = Server::plain(Answer::With(answer.into())).await;
        let refused = get(&client(LOCAL), &server.url()).await.unwrap_err();
        assert!(matches!(refused, OutgoingError::Broken(_)), "{answer:?}: {refused:?}");
    }
}

#[tokio::test]
async fn a_proxy_of_the_environment_is_not_used() {
    const URL: &str = "DOORWARD_OUTGOING_TEST_URL";
    if let Ok(url) = std::env::var(URL) {
        assert_eq!(get(&client(LOCAL), &url).await.unwrap(), "hello");
        return;
    }
    let (server, proxy) = (Server::plain(Answer::With(HELLO.into())).await, Server::plain(Answer::Endless).await);
    let itself = std::env::current_exe().unwrap();
    let mut run = std::process::Command::new(itself);
    run.args(["--exact", "a_proxy_of_the_environment_is_not_used"]).env(URL, server.url());
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        run.env(name, format!("http://{}", proxy.address));
    }
    let ran = tokio::task::spawn_blocking(move || run.output()).await.unwrap().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stdout));
    assert_eq!((server.connections(), proxy.connections()), (1, 0));
}

#[tokio::test]
async fn a_url_can_be_located_and_greeted_without_a_request() {
    let server = Server::encrypted("localhost", Answer::With(HELLO.into())).await;
    let url = format!("https://localhost:{}/", server.address.port()).parse().unwrap();
    let options = Options { reach: LOCAL, authorities: Some(server.authority.as_bytes()), ..Options::default() };
    let names = Names::of(&[&[server.address], &[server.address]]);
    let client = Client::with_resolver(&options, names).unwrap();
    assert_eq!(client.locate(&url).await.unwrap(), [server.address]);
    assert_eq!(server.connections(), 0);
    client.greet(&url).await.unwrap();
    assert_eq!((server.connections(), server.request()), (1, String::new()));
}

#[test]
fn authorities_that_are_none_are_refused() {
    let refusal = |authorities: &[u8]| {
        let options = Options { authorities: Some(authorities), ..Options::default() };
        Client::new(&options).err().unwrap()
    };
    assert!(matches!(refusal(b""), AuthoritiesError::Empty));
    assert!(matches!(refusal(b"x"), AuthoritiesError::Empty));
    let unreadable = refusal(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    assert!(matches!(unreadable, AuthoritiesError::Certificate { number: 1 }));
}
