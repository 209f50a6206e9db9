//! Whom the store hands its password to. The server here speaks PostgreSQL up to the client's first message over TLS,
//! which names the user, and hangs up.
use doorward_sql::{Database, Opening};
use doorward_sql_testing::opening;
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

/// PostgreSQL's documentation, "SSL Session Encryption": the request, and the answer that TLS may begin.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

fn certificate(host: &str) -> CertifiedKey<KeyPair> {
    generate_simple_self_signed([host.to_owned()]).unwrap()
}

fn server_config(own: &CertifiedKey<KeyPair>) -> Arc<ServerConfig> {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.signing_key.serialize_der()));
    let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    Arc::new(builder.with_single_cert(vec![own.cert.der().clone()], key).unwrap())
}

/// Answers whether a client named its user over TLS.
fn serve_once(own: &CertifiedKey<KeyPair>) -> (u16, JoinHandle<bool>) {
    let (listener, config) = (TcpListener::bind("127.0.0.1:0").unwrap(), server_config(own));
    let port = listener.local_addr().unwrap().port();
    let served = std::thread::spawn(move || {
        let (mut tcp, _) = listener.accept().unwrap();
        tcp.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let mut request = [0; 8];
        tcp.read_exact(&mut request).unwrap();
        assert_eq!(request, SSL_REQUEST);
        tcp.write_all(b"S").unwrap();
        let mut stream = StreamOwned::new(ServerConnection::new(config).unwrap(), tcp);
        let mut first = [0; 256];
        let read = stream.read(&mut first).unwrap_or(0);
        first[..read].windows(3).any(|bytes| bytes == b"ann")
    });
    (port, served)
}

/// Whether the client goes on after it has seen the server's certificate.
async fn trusts(own: &CertifiedKey<KeyPair>, parameters: &str) -> bool {
    let (port, served) = serve_once(own);
    let url = format!("postgres://ann:secret@127.0.0.1:{port}/db?{parameters}");
    let options = Opening { pool_size: 1, timeout: Duration::from_secs(5), ..opening() };
    let opened = Database::parse(&url).unwrap().open(options);
    assert!(opened.store.ping().await.is_err(), "this server answers nothing");
    tokio::task::spawn_blocking(|| served.join().unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_a_certificate_of_the_named_file_is_trusted() {
    let (own, folder) = (certificate("127.0.0.1"), tempfile::tempdir().unwrap());
    let root = folder.path().join("root.pem");
    std::fs::write(&root, own.cert.pem()).unwrap();
    for mode in ["require", "verify-full"] {
        assert!(trusts(&own, &format!("sslmode={mode}&sslrootcert={}", root.display())).await, "{mode}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_any_other_certificate_is_not_trusted_where_tls_is_required() {
    let own = certificate("127.0.0.1");
    for mode in ["require", "verify-full"] {
        assert!(!trusts(&own, &format!("sslmode={mode}")).await, "{mode}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_for_another_host_is_not_trusted() {
    let (own, folder) = (certificate("elsewhere.example.com"), tempfile::tempdir().unwrap());
    let root = folder.path().join("root.pem");
    std::fs::write(&root, own.cert.pem()).unwrap();
    assert!(!trusts(&own, &format!("sslmode=require&sslrootcert={}", root.display())).await);
}

/// libpq's `prefer`: it keeps out who listens, not who stands in between.
#[tokio::test(flavor = "multi_thread")]
async fn any_certificate_will_do_where_tls_is_only_preferred() {
    assert!(trusts(&certificate("elsewhere.example.com"), "sslmode=prefer").await);
}
