//! Clients that mean to hold the service up. Each is cut in time, and whoever comes meanwhile is answered.
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::client::Client;
use crate::connection::{LEEWAY, LONGEST, connected, ended, kept};
use crate::place::{ADMIN, Kind, PASSWORD, Place};
use crate::server::wait_until;

const BODY_TO_COME: &str =
    "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{";

fn place() -> Place {
    rlimit::increase_nofile_limit(u64::MAX).expect("the limit on open files can be raised");
    let place = Place::on(Kind::Sqlite).with_known_admin().set("DOORWARD_HTTP__KEEP_ALIVE", "2s");
    place.set("DOORWARD_HTTP__REQUEST_TIMEOUT", "4s")
}

fn many(to: SocketAddr, count: usize, sent: &str) -> Vec<TcpStream> {
    (0..count).map(|_| connected(to, sent)).collect()
}

/// More than the machine holds for one who does not fetch it.
const GREED: usize = 400;

/// How many answers are got by one that asks for a lot at once, and reads none of it until it should have been cut.
fn answers_to_the_greedy(to: SocketAddr) -> usize {
    let mut connection = connected(to, &"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n".repeat(GREED));
    let client = connection.local_addr().expect("it is connected");
    wait_until("it is cut", || !is_established(to, client));
    let mut received = Vec::new();
    // Cut with more to come, it is reset.
    let _ = connection.read_to_end(&mut received);
    received.windows(12).filter(|bytes| bytes == b"HTTP/1.1 200").count()
}

/// Whether the server holds its end of the connection, as the kernel says.
fn is_established(server: SocketAddr, client: SocketAddr) -> bool {
    let connections = std::fs::read_to_string("/proc/net/tcp").expect("the kernel tells its connections");
    let ends = [server, client].map(|end| format!(":{:04X}", end.port()));
    connections.lines().any(|line| {
        let mut words = line.split_whitespace().skip(1);
        ends.iter().all(|end| words.next().is_some_and(|word| word.ends_with(end))) && words.next() == Some("01")
    })
}

/// Signs in and asks for things, over and over; answers how long the slowest took.
fn honest(client: Client, until: &AtomicBool) -> Duration {
    let mut slowest = Duration::ZERO;
    while !until.load(Ordering::Relaxed) {
        let begun = Instant::now();
        let tokens = client.sign_in(ADMIN, PASSWORD);
        client.get("/api/v1/users").bearer(crate::client::access(&tokens)).send().expect_status(200);
        slowest = slowest.max(begun.elapsed());
    }
    slowest
}

#[test]
fn clients_that_stall_are_cut_and_nobody_else_waits_for_them() {
    let place = place();
    let server = place.start();
    let (to, done) = (server.client.address, AtomicBool::new(false));
    std::thread::scope(|scope| {
        let honest = scope.spawn(|| honest(server.client, &done));
        let greedy = scope.spawn(move || answers_to_the_greedy(to));
        let begun = Instant::now();
        let bodies = many(to, 100, BODY_TO_COME);
        let heads = many(to, 200, "GET /health/live HTTP/1.1\r\nHost: x\r\nX-Slow: ");
        let silent = many(to, 1_000, "");
        let second_heads: Vec<_> = (0..200).map(|_| kept(to, "GET /health/live HTTP/1.1\r\nX-Slow: ")).collect();
        let idle: Vec<_> = (0..1_000).map(|_| kept(to, "")).collect();
        for answer in bodies.into_iter().map(ended) {
            assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("\"code\":\"request_timeout\""), "{answer}");
        }
        for answer in heads.into_iter().map(ended) {
            assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        }
        for connection in silent.into_iter().chain(second_heads).chain(idle) {
            ended(connection);
        }
        let took = begun.elapsed();
        let fetched = greedy.join().expect("it was accepted");
        done.store(true, Ordering::Relaxed);
        let slowest = honest.join().expect("every honest request was answered");
        assert!((1..GREED).contains(&fetched), "{fetched} answers were kept for one who does not fetch them");
        assert!(took < LONGEST * 2 + LEEWAY, "the last was cut after {took:?}");
        assert!(slowest < Duration::from_secs(5), "an honest client waited {slowest:?}");
    });
}

/// 431, RFC 6585 §5.
#[test]
fn a_head_that_is_too_long_or_has_too_many_lines_is_refused() {
    let place = place();
    let server = place.start();
    let to = server.client.address;
    let long = format!("GET /health/live HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "a".repeat(200 * 1024));
    let lines: String = (0..200).map(|number| format!("X-Line-{number}: x\r\n")).collect();
    let many_lines = format!("GET /health/live HTTP/1.1\r\nHost: x\r\n{lines}\r\n");
    let endless = format!("GET /{} HTTP/1.1\r\n", "a".repeat(200 * 1024));
    for (head, what) in [(long, "a long line"), (many_lines, "many lines"), (endless, "a long path")] {
        let mut connection = TcpStream::connect(to).expect("the server accepts");
        connection.set_read_timeout(Some(LONGEST)).expect("it is a time");
        // The server need not read it to its end: its answer counts.
        let _ = connection.write_all(head.as_bytes());
        let answer = ended(connection);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431 "), "{what}: {answer}");
    }
    server.client.get("/health/ready").send().expect_status(200);
}

#[test]
fn connections_beyond_the_limit_wait_until_others_have_gone() {
    let place = place().set("DOORWARD_HTTP__MAX_CONNECTIONS", "8").set("DOORWARD_HTTP__WORKERS", "1");
    let server = place.start();
    let idle: Vec<_> = (0..8).map(|_| kept(server.client.address, "")).collect();
    let begun = Instant::now();
    let body = json!({"identifier": ADMIN, "password": PASSWORD});
    server.client.post("/api/v1/auth/login", &body).send().expect_status(200);
    assert!(begun.elapsed() > Duration::from_secs(1), "it was let in beside 8 others after {:?}", begun.elapsed());
    for connection in idle {
        ended(connection);
    }
}
