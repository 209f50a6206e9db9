//! Whatever requests a connection carries, wherever the network cuts them and however long it waits between the parts, each
//! is answered once, whole and in order: a connection that rests between two requests is not told from one that does not.
//!
//! A client that sends bodies waits for the answer, but for the beginning of a next request: behind several whole ones with
//! bodies, actix-http closes the connection, which RFC 9112 §9.3.2 has clients expect.
use actix_web::rt::System;
use actix_web::{App, HttpRequest, HttpResponse, web};
use doorward_connections::{Options, serve};
use proptest::prelude::*;
use proptest::sample::Index;
use rustix::net::{self, AddressFamily, SocketType};
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// More than a worker has before it lets any rest.
const CROWD: usize = 100;
/// Long enough for the server to find that nothing more comes.
const REST: Duration = Duration::from_millis(3);
const PATIENCE: Duration = Duration::from_secs(20);

/// One server for all cases, and connections that make it let others rest.
static SERVER: LazyLock<(SocketAddr, Vec<TcpStream>)> = LazyLock::new(|| {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    std::thread::spawn(|| System::new().block_on(async { echoing(listener).await.expect("it is never stopped") }));
    (address, (0..CROWD).map(|_| TcpStream::connect(address).expect("the server accepts")).collect())
});

fn echoing(listener: TcpListener) -> actix_web::dev::Server {
    let options = Options {
        workers: 1,
        max_connections: 10 * CROWD,
        max_connections_per_address: 0,
        proxies: Vec::new(),
        max_unsent: usize::MAX,
        keep_alive: Duration::from_secs(60),
        request_timeout: Duration::from_secs(60),
        write_timeout: Duration::from_secs(60),
        shutdown_timeout: Duration::ZERO,
    };
    let app = || App::new().default_service(web::to(echo));
    serve(&options, listener, Arc::new(()), app).expect("the listener can be served")
}

/// Says what it was asked, at a length that the question chooses.
async fn echo(request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let length = request.path().trim_start_matches('/').parse().unwrap_or(0);
    let text = format!("{} {} {} ", request.method(), request.path(), String::from_utf8_lossy(&body));
    HttpResponse::Ok().body(text + &"x".repeat(length))
}

/// A request and the body of its answer.
#[derive(Debug, Clone)]
struct Exchange {
    sent: String,
    answered: String,
}

impl Exchange {
    fn new(method: &str, length: usize, headers: &str, framed: &str, body: &str) -> Self {
        let sent = format!("{method} /{length} HTTP/1.1\r\nHost: x\r\n{headers}\r\n{framed}");
        Self { sent, answered: format!("{method} /{length} {body} {}", "x".repeat(length)) }
    }
}

fn get() -> impl Strategy<Value = Exchange> {
    (0..40_000_usize, prop_oneof![4 => Just(""), 1 => Just("\r\n")]).prop_map(|(length, before)| {
        let plain = Exchange::new("GET", length, "", "", "");
        Exchange { sent: format!("{before}{}", plain.sent), ..plain }
    })
}

fn exchange() -> impl Strategy<Value = Exchange> {
    let body = "[a-z\r\n]{0,40}".prop_map(|text| text.repeat(3));
    let posted = (0..40_usize, body.clone()).prop_map(|(length, body)| {
        Exchange::new("POST", length, &format!("Content-Length: {}\r\n", body.len()), &body, &body)
    });
    let large = (16_000..40_000_usize).prop_map(|size| {
        let body = "y".repeat(size);
        Exchange::new("POST", 1, &format!("Content-Length: {size}\r\n"), &body, &body)
    });
    let chunked = (0..40_usize, body).prop_map(|(length, body)| {
        let chunk = if body.is_empty() { String::new() } else { format!("{:x}\r\n{body}\r\n", body.len()) };
        Exchange::new("PUT", length, "Transfer-Encoding: chunked\r\n", &format!("{chunk}0\r\n\r\n"), &body)
    });
    prop_oneof![4 => get(), 4 => posted, 1 => large, 2 => chunked]
}

/// Where the bytes are cut, and whether the connection then rests.
fn cuts() -> impl Strategy<Value = Vec<(Index, bool)>> {
    prop::collection::vec((any::<Index>(), any::<bool>()), 0..12)
}

fn rest() {
    pause(REST);
}

#[expect(clippy::disallowed_methods, reason = "a network has no virtual clock")]
fn pause(time: Duration) {
    std::thread::sleep(time);
}

fn send(mut connection: &TcpStream, bytes: &[u8], cuts: &[(Index, bool)]) {
    let mut cuts: Vec<_> = cuts.iter().map(|(cut, rests)| (cut.index(bytes.len() + 1), *rests)).collect();
    cuts.sort_unstable();
    let mut from = 0;
    for (cut, rests) in cuts {
        connection.write_all(&bytes[from..cut]).expect("the server reads");
        from = cut;
        if rests {
            rest();
        }
    }
    connection.write_all(&bytes[from..]).expect("the server reads");
}

/// The answers on a connection, one after the other.
struct Answers {
    connection: TcpStream,
    received: Vec<u8>,
}

impl Answers {
    fn next(&mut self) -> String {
        loop {
            if let Some((head, length)) = head(&self.received)
                && self.received.len() >= head + length
            {
                let rest = self.received.split_off(head + length);
                let answer = std::mem::replace(&mut self.received, rest);
                return String::from_utf8(answer[head..].to_vec()).expect("the echo is text");
            }
            let mut part = vec![0; 64 * 1024];
            let count = self.connection.read(&mut part).expect("the answer comes in time");
            assert!(count > 0, "closed after {:?}", String::from_utf8_lossy(&self.received));
            self.received.extend_from_slice(&part[..count]);
        }
    }

    /// What came behind the last one before the server closed.
    fn rest(mut self) -> Vec<u8> {
        self.connection.read_to_end(&mut self.received).expect("the server closes in time");
        self.received
    }
}

/// How long the head of an answer is, and its body, once the head has come whole.
fn head(received: &[u8]) -> Option<(usize, usize)> {
    let mut headers = [httparse::EMPTY_HEADER; 16];
    let mut answer = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = answer.parse(received).expect("a head is one of HTTP") else { return None };
    assert_eq!(answer.code, Some(200));
    let length = answer.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"))?;
    Some((head, std::str::from_utf8(length.value).ok()?.parse().ok()?))
}

fn connect() -> (TcpStream, Answers) {
    answers_on(TcpStream::connect(SERVER.0).expect("the server accepts"))
}

/// One whose kernel takes little of what it does not read.
fn connect_reluctantly() -> (TcpStream, Answers) {
    let socket = net::socket(AddressFamily::INET, SocketType::STREAM, None).expect("there are enough descriptors");
    net::sockopt::set_socket_recv_buffer_size(&socket, 2048).expect("it is a size");
    net::connect(&socket, &SERVER.0).expect("the server accepts");
    answers_on(TcpStream::from(socket))
}

fn answers_on(connection: TcpStream) -> (TcpStream, Answers) {
    connection.set_read_timeout(Some(PATIENCE)).expect("it is a time");
    let reading = connection.try_clone().expect("it is open");
    (connection, Answers { connection: reading, received: Vec::new() })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn each_request_is_answered_once_and_whole_also_when_the_next_has_begun(
        exchanges in prop::collection::vec((exchange(), cuts(), any::<Option<Index>>()), 1..6),
    ) {
        let (connection, mut answers) = connect();
        let mut ahead = 0;
        for (at, (exchange, cuts, begins)) in exchanges.iter().enumerate() {
            let next = exchanges.get(at + 1).map_or("", |(next, _, _)| next.sent.as_str());
            let head = next.find("\r\n\r\n").map_or(0, |end| end + 4);
            let begun = begins.filter(|_| head > 0).map_or(0, |index| index.index(head));
            let bytes = format!("{}{}", &exchange.sent[ahead..], &next[..begun]);
            send(&connection, bytes.as_bytes(), cuts);
            prop_assert_eq!(answers.next(), exchange.answered.as_str());
            ahead = begun;
        }
        connection.shutdown(Shutdown::Write).unwrap();
        prop_assert_eq!(answers.rest(), b"");
    }

    #[test]
    fn requests_without_bodies_are_answered_in_order_however_many_come_at_once(
        exchanges in prop::collection::vec(get(), 1..12),
        cuts in cuts(),
    ) {
        let (connection, mut answers) = connect();
        let sent: String = exchanges.iter().map(|exchange| exchange.sent.as_str()).collect();
        let sending = connection.try_clone().unwrap();
        let sending = std::thread::spawn(move || send(&sending, sent.as_bytes(), &cuts));
        for exchange in &exchanges {
            prop_assert_eq!(answers.next(), exchange.answered.as_str());
        }
        sending.join().unwrap();
        connection.shutdown(Shutdown::Write).unwrap();
        prop_assert_eq!(answers.rest(), b"");
    }
}

/// Its last part may be made, and wait for the client: such a connection is not idle. At which length it waits, the kernel
/// decides; so there are all of them.
#[test]
fn an_answer_whose_end_waits_for_its_client_is_not_cut_off_by_a_rest() {
    let lengths = (8..1024).step_by(8).map(|kib| kib * 1024);
    let waiting: Vec<_> = lengths
        .map(|length| {
            let exchange = Exchange::new("GET", length, "", "", "");
            let (connection, answers) = connect_reluctantly();
            send(&connection, exchange.sent.as_bytes(), &[]);
            (exchange, answers)
        })
        .collect();
    pause(Duration::from_millis(500));
    for (exchange, mut answers) in waiting {
        assert!(answers.next() == exchange.answered, "{} was cut off", exchange.sent);
    }
}
