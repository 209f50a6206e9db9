use super::*;
use doorward_domain::{AuditHash, AuditOutcome};
use doorward_ports::outbound::AuditDestination;
use doorward_testkit::syslog::{Message, Receiver};
use doorward_testkit::{a_user, an_event};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio_rustls::TlsAcceptor;

fn line(seq: i64) -> SealedEvent {
    let mut event = an_event(&a_user("ann"));
    if seq % 2 == 0 {
        event.outcome = AuditOutcome::Failure;
    }
    SealedEvent { seq, link: AuditHash::from_stored(&[7; 32]), event }
}

fn lines(numbers: std::ops::RangeInclusive<i64>) -> Vec<SealedEvent> {
    numbers.map(line).collect()
}

/// As JSON, with a character that is not ASCII.
fn rendered(line: &SealedEvent) -> String {
    format!("{{\"seq\":{},\"user_agent\":\"Fl\u{f6}te \u{1f600}\"}}", line.seq)
}

fn long(line: &SealedEvent) -> String {
    format!("{{\"seq\":{},\"details\":\"{}\"}}", line.seq, "x".repeat(100_000))
}

fn address_of(address: SocketAddr) -> Address {
    Address { host: address.ip().to_string(), port: address.port() }
}

fn numbers(messages: &[Message]) -> Vec<i64> {
    messages.iter().map(|message| message.elements["doorward@32473"]["seq"].parse().unwrap()).collect()
}

/// What a message of syslog says of its line.
fn is_about(message: &Message, line: &SealedEvent) {
    let severity = if line.seq % 2 == 0 { 4 } else { 6 };
    assert_eq!((message.facility, message.severity), (13, severity));
    assert_eq!((message.app.as_str(), message.id.as_str()), ("doorward", "session.sign_in"));
    assert_eq!(
        (&message.timestamp, &message.process),
        (&line.event.occurred_at.to_string(), &std::process::id().to_string())
    );
    assert_eq!(message.elements["doorward@32473"]["link"], "07".repeat(32));
    let sent: serde_json::Value = serde_json::from_str(&message.text).unwrap();
    let expected: serde_json::Value = serde_json::from_str(&rendered(line)).unwrap();
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn rfc_5425_and_rfc_6587_lines_arrive_over_tcp_in_their_order() {
    let receiver = Receiver::start();
    let stream = Stream::tcp(address_of(receiver.address()), rendered);
    let all = lines(1..=1_000);
    for part in all.chunks(300) {
        stream.deliver(part).await.unwrap();
    }
    let received = receiver.received();
    assert_eq!(numbers(&received), (1..=1_000).collect::<Vec<_>>());
    received.iter().zip(&all).for_each(|(message, line)| is_about(message, line));
}

#[tokio::test]
async fn a_line_of_any_length_arrives_over_tcp() {
    let receiver = Receiver::start();
    Stream::tcp(address_of(receiver.address()), long).deliver(&lines(1..=2)).await.unwrap();
    assert_eq!(receiver.received()[1].text, long(&line(2)));
}

/// It dies with a part of the lines, at each place of a message, and is started again. What it has read, it may have lost.
#[tokio::test]
async fn lines_that_a_killed_receiver_has_not_read_are_not_delivered() {
    let all = lines(1..=50);
    for bytes in [0, 1, 100, 555, 5_000] {
        let dying = Receiver::listening("127.0.0.1:0".parse().unwrap(), bytes);
        let stream = Stream::tcp(address_of(dying.address()), rendered);
        let error = stream.deliver(&all).await.unwrap_err().to_string();
        assert!(error.contains(&dying.address().to_string()), "{error}");
        let address = dying.address();
        drop(dying);
        stream.deliver(&all).await.unwrap_err();
        let living = Receiver::listening(address, usize::MAX);
        stream.deliver(&all).await.unwrap();
        assert_eq!(numbers(&living.received()), (1..=50).collect::<Vec<_>>());
    }
}

/// Encrypts for the receiver. Returns the port, and its authority as PEM.
async fn encrypted(receiver: &Receiver) -> (Address, String) {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let acceptor = TlsAcceptor::from(Arc::new(config.with_single_cert(vec![cert.der().clone()], key).unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = Address { host: "localhost".to_owned(), port: listener.local_addr().unwrap().port() };
    let behind = receiver.address();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A client that does not trust the certificate ends the handshake.
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            if let Ok(mut plain) = TcpStream::connect(behind).await {
                // A receiver that dies ends the connection.
                tokio::spawn(async move { copy_bidirectional(&mut stream, &mut plain).await });
            }
        }
    });
    (address, cert.pem())
}

#[tokio::test(flavor = "multi_thread")]
async fn rfc_5425_lines_arrive_over_tls_at_a_receiver_with_a_certificate() {
    let receiver = Receiver::start();
    let (address, authority) = encrypted(&receiver).await;
    let stream = Stream::tls(address.clone(), Some(authority.as_bytes()), rendered).unwrap();
    stream.deliver(&lines(1..=400)).await.unwrap();
    stream.deliver(&lines(401..=500)).await.unwrap();
    assert_eq!(numbers(&receiver.received()), (1..=500).collect::<Vec<_>>());
    let distrusting = Stream::tls(address, None, rendered).unwrap();
    let error = doorward_ports::Causes(&distrusting.deliver(&lines(1..=1)).await.unwrap_err()).to_string();
    assert!(error.contains("certificate"), "{error}");
    assert_eq!(receiver.received().len(), 500);
}

/// RFC 5425 §4.4: only the last message of TLS says that all was read.
#[tokio::test(flavor = "multi_thread")]
async fn lines_that_a_killed_receiver_has_not_read_are_not_delivered_over_tls() {
    let dying = Receiver::listening("127.0.0.1:0".parse().unwrap(), 555);
    let (address, authority) = encrypted(&dying).await;
    let stream = Stream::tls(address, Some(authority.as_bytes()), rendered).unwrap();
    stream.deliver(&lines(1..=5_000)).await.unwrap_err();
    let address = dying.address();
    drop(dying);
    let living = Receiver::listening(address, usize::MAX);
    stream.deliver(&lines(1..=500)).await.unwrap();
    assert_eq!(numbers(&living.received()), (1..=500).collect::<Vec<_>>());
}

#[test]
fn what_can_not_authenticate_a_receiver_is_refused() {
    let address = |host: &str| Address { host: host.to_owned(), port: 1 };
    let refused = |host, pem| Stream::tls(address(host), pem, rendered).err().unwrap();
    assert!(matches!(refused("h", Some(b"no certificate".as_slice())), ReceiverError::Authorities(_)));
    assert!(matches!(refused("a_b..c", None), ReceiverError::Name(_)));
}

#[tokio::test]
async fn rfc_5426_each_line_is_a_datagram() {
    let receiver = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let udp = Udp::new(address_of(receiver.local_addr().unwrap()), rendered);
    let all = lines(1..=20);
    udp.deliver(&all).await.unwrap();
    let mut datagram = vec![0; 70_000];
    for line in &all {
        let length = receiver.recv(&mut datagram).await.unwrap();
        is_about(&Message::parse(std::str::from_utf8(&datagram[..length]).unwrap()).unwrap(), line);
    }
    Udp::new(address_of(receiver.local_addr().unwrap()), long).deliver(&lines(21..=21)).await.unwrap();
    let length = receiver.recv(&mut datagram).await.unwrap();
    let cut = Message::parse(std::str::from_utf8(&datagram[..length]).unwrap()).unwrap();
    assert_eq!((numbers(&[cut]), length), (vec![21], 65_000));
}

#[tokio::test]
async fn a_receiver_over_udp_that_is_not_there_is_noticed() {
    let address = UdpSocket::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let udp = Udp::new(address_of(address), rendered);
    // The first datagram is answered by the system, which the second one hears.
    udp.deliver(&lines(1..=2)).await.unwrap_err();
}

fn content(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn expected(numbers: std::ops::RangeInclusive<i64>) -> String {
    numbers.map(|seq| rendered(&line(seq)) + "\n").collect()
}

#[tokio::test]
async fn lines_are_appended_to_a_file_that_only_its_owner_reads() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.ndjson");
    File::new(path.clone(), rendered).deliver(&lines(1..=2)).await.unwrap();
    let again = File::new(path.clone(), rendered);
    again.deliver(&lines(3..=3)).await.unwrap();
    again.deliver(&lines(4..=5)).await.unwrap();
    assert_eq!(content(&path), expected(1..=5));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_file_that_was_renamed_or_deleted_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let (path, old) = (folder.path().join("audit.ndjson"), folder.path().join("audit.ndjson.1"));
    let file = File::new(path.clone(), rendered);
    file.deliver(&lines(1..=2)).await.unwrap();
    std::fs::rename(&path, &old).unwrap();
    file.deliver(&lines(3..=4)).await.unwrap();
    assert_eq!((content(&old), content(&path)), (expected(1..=2), expected(3..=4)));
    std::fs::remove_file(&path).unwrap();
    file.deliver(&lines(5..=5)).await.unwrap();
    assert_eq!(content(&path), expected(5..=5));
}

/// A power failure, or a full disk, in the middle of a line; also of one that is longer than what is read at once.
#[tokio::test]
async fn a_line_without_an_end_is_removed_before_the_next_one() {
    for torn in ["{\"seq\":3,\"us", &"x".repeat(200_000), ""] {
        for whole in ["", &expected(1..=2)] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("audit.ndjson");
            std::fs::write(&path, format!("{whole}{torn}")).unwrap();
            File::new(path.clone(), rendered).deliver(&lines(3..=4)).await.unwrap();
            assert_eq!(content(&path), format!("{whole}{}", expected(3..=4)));
        }
    }
}

#[tokio::test]
async fn a_file_that_can_not_be_written_is_an_error_that_names_it_and_works_when_it_can() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("missing/audit.ndjson");
    let file = File::new(path.clone(), rendered);
    let error = doorward_ports::Causes(&file.deliver(&lines(1..=1)).await.unwrap_err()).to_string();
    assert!(error.contains("missing/audit.ndjson") && error.contains("No such file"), "{error}");
    std::fs::create_dir(folder.path().join("missing")).unwrap();
    file.deliver(&lines(1..=1)).await.unwrap();
    assert_eq!(content(&path), expected(1..=1));
}
