//! Clients that don't read what they asked for, and requests that don't end.
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::client::{Client, access};
use crate::connection::{connected, ended, kept, reluctant};
use crate::metrics::scraped;
use crate::place::{ADMIN, Kind, PASSWORD, Place};
use crate::readers::{joined, p99, p99_while};
use crate::server::{Server, pause, wait_until};

const PUBLIC: [&str; 5] =
    ["/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css", "/openapi.json", "/.well-known/jwks.json", "/health/live"];
/// As many as a page of a list has at most.
const LISTED: usize = 100;
const COUNT: usize = 2_000;
/// Of these, those that ask for more than the kernel takes for one that does not read.
const MORE: usize = 120;

fn place() -> Place {
    rlimit::increase_nofile_limit(u64::MAX).expect("the limit on open files can be raised");
    let place = Place::on(Kind::Sqlite).with_known_admin().set("DOORWARD_HTTP__WRITE_TIMEOUT", "3s");
    place.set("DOORWARD_HTTP__KEEP_ALIVE", "3s")
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")
}

/// A page of a list as long as one can be; its caller is signed in.
fn list(token: &str) -> String {
    get("/api/v1/users?limit=100").replace("Host: x", &format!("Host: x\r\nAuthorization: Bearer {token}"))
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

/// As [`warmed`], with a list of [`LISTED`] accounts; answers the token of somebody who may read it, and the requests of
/// clients that don't read.
fn listed() -> (Place, Server, String, Vec<String>) {
    let (place, server) = warmed();
    let tokens = server.client.sign_in(ADMIN, PASSWORD);
    let token = access(&tokens).to_owned();
    for one in 0..LISTED {
        let account = json!({"email": format!("one-of-many-{one}@example.com"), "full_name": format!("One of many, number {one}")});
        server.client.post("/api/v1/users", &account).bearer(&token).send().expect_status(201);
    }
    let requests: Vec<_> = PUBLIC.iter().map(|path| get(path)).chain([list(&token)]).collect();
    // All at once, so that the database has opened its connections, which keep memory of their own.
    let page = || server.client.get("/api/v1/users?limit=100").bearer(&token).send().expect_status(200).body.len();
    let pages = std::thread::scope(|scope| {
        let pages: Vec<_> = (0..64).map(|_| scope.spawn(page)).collect();
        pages.into_iter().map(joined).min()
    });
    assert!(pages > Some(20 * 1024), "{pages:?} bytes are no long list");
    (place, server, token, requests)
}

/// With the one that asks.
fn open_connections(server: &Server) -> f64 {
    scraped(server.client).value("doorward_http_connections_open")
}

#[test]
fn two_thousand_clients_that_leave_lists_and_documents_unread_cost_little_and_are_cut() {
    let (_place, server, _token, requests) = listed();
    let to = server.client.address;
    let before = server.resident_kib();
    // The kernel takes one answer whole for most of them; for some it has to wait.
    let sent = |one: usize| requests[one % requests.len()].repeat(if one < MORE { 6 } else { 1 });
    let unread: Vec<_> = (0..COUNT).map(|one| reluctant(to, &sent(one))).collect();
    let (opened, mut most) = (Instant::now(), 0);
    wait_until("they are cut", || {
        most = most.max(server.resident_kib());
        open_connections(&server) <= 1.0
    });
    let (took, cost) = (opened.elapsed(), most.saturating_sub(before) / 1024);
    drop(unread);
    println!("{COUNT} connections cost {cost} MiB, and were cut within {took:?}");
    assert!(cost <= 60, "{COUNT} connections cost {cost} MiB");
    assert!(took < Duration::from_secs(15), "the last was cut after {took:?}");
    let cut = scraped(server.client).value("doorward_http_connections_cut_total{reason=\"write_timeout\"}");
    assert!(cut >= (MORE / requests.len()) as f64, "{cut} were cut because they read nothing");
}

/// What a busy machine, which runs the clients too, may add to a request.
const BUSY: Duration = Duration::from_millis(50);

#[test]
fn while_two_thousand_clients_read_nothing_others_are_answered_as_before() {
    let (_place, server, token, requests) = listed();
    let (client, to) = (server.client, server.client.address);
    let calm = p99(client, &token, Duration::from_secs(3));
    let is_over = AtomicBool::new(false);
    let stormy = std::thread::scope(|scope| {
        let readers = scope.spawn(|| p99_while(client, &token, &|| !is_over.load(Ordering::Relaxed)));
        let unread: Vec<_> = (0..COUNT).map(|one| reluctant(to, &requests[one % requests.len()])).collect();
        wait_until("they are cut", || open_connections(&server) <= 16.0);
        is_over.store(true, Ordering::Relaxed);
        drop(unread);
        joined(readers)
    });
    println!("one in a hundred requests took {calm:?}, and meanwhile {stormy:?}");
    assert!(stormy <= 2 * calm + BUSY, "requests took {stormy:?}, and {calm:?} before");
}

#[test]
fn what_waits_for_all_clients_is_bounded_and_shown() {
    let (place, server, token, _) = listed();
    drop(server);
    let server = place.set("DOORWARD_HTTP__MAX_UNSENT", "64KiB").set("DOORWARD_HTTP__WRITE_TIMEOUT", "60s").start();
    // For each more than the 4 MiB that the kernel takes at most, and at its end lists, which no other answer shares.
    let many = get(PUBLIC[0]).repeat(2) + &list(&token).repeat(120);
    let unread: Vec<_> = (0..16).map(|_| reluctant(server.client.address, &many)).collect();
    let of = |series: &str| scraped(server.client).value(&format!("doorward_http_{series}"));
    let mut most = 0.0_f64;
    wait_until("some are cut, and others wait", || {
        most = most.max(of("unsent_bytes"));
        most > 0.0 && of("connections_cut_total{reason=\"unsent_bytes\"}") >= 8.0
    });
    assert!(most < 256.0 * 1024.0, "{most} bytes waited");
    let page = server.client.get("/api/v1/users?limit=100").bearer(&token).send().expect_status(200);
    assert_eq!(page.json()["items"].as_array().map(Vec::len), Some(LISTED));
    drop(unread);
    wait_until("nothing waits", || of("unsent_bytes").to_string() == "0");
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
