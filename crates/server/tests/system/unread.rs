//! Clients that don't read what they asked for, and requests that don't end.
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::connection::{connected, ended, kept, reluctant};
use crate::place::{ADMIN, Kind, PASSWORD, Place};
use crate::server::{Server, pause, wait_until};

const PUBLIC: [&str; 5] =
    ["/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css", "/openapi.json", "/.well-known/jwks.json", "/health/live"];

fn place() -> Place {
    rlimit::increase_nofile_limit(u64::MAX).expect("the limit on open files can be raised");
    let place = Place::on(Kind::Sqlite).with_known_admin().set("DOORWARD_HTTP__WRITE_TIMEOUT", "3s");
    place.set("DOORWARD_HTTP__KEEP_ALIVE", "3s")
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")
}

/// All documents are made, and the allocator has what it needs for others.
fn warmed() -> (Place, Server) {
    let place = place();
    let server = place.start();
    for path in PUBLIC {
        server.client.get(path).send().expect_status(200);
    }
    (place, server)
}

/// How long the slowest of many took, who ask for one thing after the other.
fn slowest(client: Client, until: &AtomicBool) -> Duration {
    let mut slowest = Duration::ZERO;
    while !until.load(Ordering::Relaxed) {
        let begun = Instant::now();
        client.get("/.well-known/jwks.json").send().expect_status(200);
        slowest = slowest.max(begun.elapsed());
    }
    slowest
}

#[test]
fn two_thousand_clients_that_read_nothing_cost_little_and_are_cut() {
    const COUNT: usize = 2_000;
    let (_place, server) = warmed();
    let (to, done) = (server.client.address, AtomicBool::new(false));
    let before = server.resident_kib();
    let files = server.open_files();
    std::thread::scope(|scope| {
        let others = scope.spawn(|| slowest(server.client, &done));
        let unread: Vec<_> = (0..COUNT).map(|one| reluctant(to, &get(PUBLIC[one % PUBLIC.len()]))).collect();
        let mut most = 0;
        wait_until("they are cut", || {
            most = most.max(server.resident_kib());
            server.open_files() <= files + 4
        });
        let cost = most.saturating_sub(before) / 1024;
        assert!(cost <= 60, "{COUNT} connections cost {cost} MiB");
        drop(unread);
        done.store(true, Ordering::Relaxed);
        let waited = others.join().expect("they are answered");
        assert!(waited < Duration::from_secs(5), "somebody else waited {waited:?}");
    });
    wait_until("the memory is given back", || server.resident_kib() <= before + 10 * 1024);
}

/// Takes a little now and then, and far less than a client that wants the answer.
#[test]
fn a_client_that_reads_on_is_served_to_the_end() {
    let (_place, server) = warmed();
    let path = PUBLIC[0];
    let whole = server.client.get(path).send().expect_status(200).body.len();
    let mut connection = reluctant(server.client.address, &get(path));
    let (mut read, begun) = (0, Instant::now());
    let mut part = vec![0; 64 * 1024];
    // Longer than a client may take nothing.
    while begun.elapsed() < Duration::from_secs(8) {
        read += connection.read(&mut part).expect("it is not cut");
        pause(Duration::from_millis(300));
    }
    while read < whole {
        let count = connection.read(&mut part).expect("it is not cut");
        assert!(count > 0, "ended after {read} of {whole} bytes");
        read += count;
    }
}

/// Sends on and on, without reading, until it is cut; answers how much it could send, and what it was answered.
fn send_on(to: SocketAddr, head: &str, part: &[u8]) -> (usize, Duration, String) {
    let mut connection = connected(to, head);
    connection.set_write_timeout(Some(Duration::from_secs(20))).expect("it is a time");
    let (mut sent, begun) = (0, Instant::now());
    let outcome = loop {
        match connection.write(part) {
            Ok(count) => sent += count,
            Err(error) => break error,
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "it was never cut, after {sent} bytes");
    };
    assert!([ErrorKind::ConnectionReset, ErrorKind::BrokenPipe].contains(&outcome.kind()), "{outcome}");
    (sent, begun.elapsed(), answer(connection))
}

/// What came before the connection was reset, if the kernel has kept it.
fn answer(mut connection: TcpStream) -> String {
    let mut received = Vec::new();
    let _ = connection.read_to_end(&mut received);
    String::from_utf8_lossy(&received).into_owned()
}

/// What is on its way between two sockets of one machine, for which nobody has asked.
const ON_ITS_WAY: usize = 8 * 1024 * 1024;

#[test]
fn a_body_without_an_end_is_not_read_on_after_its_answer() {
    let (_place, server) = warmed();
    let to = server.client.address;
    let json = "Host: x\r\nContent-Type: application/json\r\n";
    let chunked = "Transfer-Encoding: chunked\r\n\r\n";
    let chunk = [format!("{:x}\r\n", 32 * 1024).into_bytes(), vec![b' '; 32 * 1024], b"\r\n".to_vec()].concat();
    for (head, part) in [
        (format!("POST /api/v1/auth/login HTTP/1.1\r\n{json}{chunked}"), chunk.as_slice()),
        (format!("GET /health/live HTTP/1.1\r\n{json}{chunked}"), &chunk),
        (format!("POST /api/v1/auth/login HTTP/1.1\r\n{json}Content-Length: 10000000000\r\n\r\n"), &[b' '; 32 * 1024]),
        (format!("GET /nowhere HTTP/1.1\r\n{json}Content-Length: 10000000000\r\n\r\n"), &[b' '; 32 * 1024]),
    ] {
        let (sent, took, answer) = send_on(to, &head, part);
        assert!(sent < ON_ITS_WAY, "{head}: {sent} bytes were taken in {took:?}");
        assert!(took < Duration::from_secs(5), "{head}: cut after {took:?}");
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 "), "{head}: {answer}");
    }
    let body = serde_json::json!({"identifier": ADMIN, "password": PASSWORD});
    server.client.post("/api/v1/auth/login", &body).send().expect_status(200);
}

/// RFC 9112 §9.6: what it sent meanwhile must not cost a client the answer.
#[test]
fn who_sends_a_little_more_than_is_read_gets_the_answer_and_no_other() {
    let (_place, server) = warmed();
    let head = "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    let body = " ".repeat(100 * 1024);
    for request in [
        format!("{head}Content-Length: {}\r\n\r\n{body}{}", body.len(), get("/health/live")),
        format!("{head}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n", body.len()),
    ] {
        let begun = Instant::now();
        let answer = ended(connected(server.client.address, &request));
        assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
        assert!(answer.to_lowercase().contains("connection: close"), "{answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "another request was served: {answer}");
        assert!(begun.elapsed() < Duration::from_secs(5), "it was closed after {:?}", begun.elapsed());
    }
}

/// A body in chunks that comes whole costs the connection nothing.
#[test]
fn a_request_in_chunks_is_followed_by_another_on_the_same_connection() {
    let (_place, server) = warmed();
    let body = format!(r#"{{"identifier":"{ADMIN}","password":"{PASSWORD}"}}"#);
    let request = format!(
        "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n\
         {:x}\r\n{body}\r\n0\r\n\r\n",
        body.len()
    );
    let mut connection = kept(server.client.address, "");
    for _ in 0..3 {
        connection.write_all(request.as_bytes()).expect("the server reads");
        let answer = crate::connection::answered(&mut connection);
        assert!(answer.starts_with("HTTP/1.1 200 ") && !answer.contains("connection: close"), "{answer}");
    }
}
