//! Clients that attack through a proxy, a real nginx that keeps its connections to Doorward: what one of them sends must not
//! reach a request of another.
use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::client::Client;
use crate::connection::{connected, ended};
use crate::metrics::scraped;
use crate::nginx;
use crate::place::{ADMIN, Kind, PASSWORD, Place, Port};
use crate::readers::joined;
use crate::server::Server;

const JSON: &str = "Host: x\r\nContent-Type: application/json\r\n";
/// More than what is read of a refused body, and than what the kernel holds of it.
const ENDLESS: usize = 64 * 1024 * 1024;
const ROUNDS: usize = 6;

struct World {
    doorward: Server,
    nginx: Server,
    own: Place,
    _place: Place,
    _port: Port,
    _folder: TempDir,
}

/// With few connections to Doorward, so that they are used again and again, and bodies that are passed on as they come.
fn start() -> World {
    let own = Place::on(Kind::Sqlite);
    let place = Place::on(Kind::Sqlite).with_known_admin().set("DOORWARD_HTTP__TRUSTED_PROXIES", "127.0.0.1");
    let place = place.set("DOORWARD_METRICS__BIND", &own.address().to_string());
    let (doorward, port) = (place.start(), Port::take());
    let folder = tempfile::tempdir().expect("a folder can be made");
    let client = Client { address: ([127, 0, 0, 1], port.number).into() };
    let servers = format!(
        "upstream doorward {{ server {}; keepalive 4; }}\n\
         server {{\n\
         listen {};\n\
         client_max_body_size 0;\n\
         lingering_close off;\n\
         location / {{\n\
         proxy_pass http://doorward;\n\
         proxy_http_version 1.1;\n\
         proxy_request_buffering off;\n\
         proxy_set_header Connection \"\";\n\
         proxy_set_header X-Forwarded-For $remote_addr;\n\
         }}\n\
         }}",
        place.address(),
        client.address,
    );
    let nginx = nginx::start(&servers, client, folder.path());
    World { doorward, nginx, own, _place: place, _port: port, _folder: folder }
}

/// Sends a body that does not end, until nginx takes no more; answers how much it took, and what came back.
fn send_on(to: Client, head: &str, part: &[u8]) -> (usize, String) {
    let mut connection = connected(to.address, head);
    connection.set_write_timeout(Some(Duration::from_secs(20))).expect("it is a time");
    let mut sent = 0;
    while sent < ENDLESS {
        match connection.write(part) {
            Ok(count) => sent += count,
            Err(_) => break,
        }
    }
    (sent, ended(connection))
}

/// Signs in and reads, over and over; answers how long the slowest took. Each request must get its own answer.
fn honest(client: Client, asked: &AtomicUsize, until: &AtomicBool) -> Duration {
    let mut slowest = Duration::ZERO;
    while !until.load(Ordering::Relaxed) {
        let begun = Instant::now();
        let tokens = client.sign_in(ADMIN, PASSWORD);
        client.get("/api/v1/users/me").bearer(crate::client::access(&tokens)).send().expect_status(200);
        client.get("/.well-known/jwks.json").send().expect_status(200);
        slowest = slowest.max(begun.elapsed());
        asked.fetch_add(1, Ordering::Relaxed);
    }
    slowest
}

#[test]
fn an_endless_body_through_nginx_is_refused_and_reaches_no_request_of_another() {
    let world = start();
    let (through, over, asked) = (world.nginx.client, AtomicBool::new(false), AtomicUsize::new(0));
    let chunked = [format!("{:x}\r\n", 32 * 1024).into_bytes(), vec![b' '; 32 * 1024], b"\r\n".to_vec()].concat();
    // If this came to be read as a request, it would be answered by 404 on a connection that others use.
    let smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1_000).into_bytes();
    std::thread::scope(|scope| {
        let honest = scope.spawn(|| honest(through, &asked, &over));
        // Until others have come through at the same time, however busy the machine is.
        let goes_on = |round: &usize| *round < ROUNDS || asked.load(Ordering::Relaxed) < ROUNDS;
        for round in (0..).take_while(goes_on) {
            for (head, part) in [
                (format!("POST /api/v1/auth/login HTTP/1.1\r\n{JSON}Transfer-Encoding: chunked\r\n\r\n"), &chunked),
                (format!("POST /api/v1/auth/login HTTP/1.1\r\n{JSON}Content-Length: 10000000000\r\n\r\n"), &smuggled),
                (format!("GET /health/live HTTP/1.1\r\n{JSON}Content-Length: 10000000000\r\n\r\n"), &smuggled),
            ] {
                let (sent, answer) = send_on(through, &head, part);
                assert!(sent < ENDLESS, "{round} {head}: {sent} bytes were taken");
                assert!(answer.matches("HTTP/1.1 ").count() <= 1, "{round} {head}: {answer}");
                assert!(!answer.contains("/smuggled"), "{round} {head}: {answer}");
            }
        }
        over.store(true, Ordering::Relaxed);
        let slowest = joined(honest);
        assert!(slowest < Duration::from_secs(5), "an honest client waited {slowest:?}");
    });
    let shown = scraped(world.own.client());
    let lost = "http_server_request_duration_seconds_count{method=\"GET\",route=\"_OTHER\",status=\"404\"}";
    assert_eq!(shown.value(lost).to_string(), "0", "a part of a body was read as a request");
    let kept = shown.value("doorward_http_connections_open");
    assert!(kept >= 1.0, "nginx keeps no connection");
    let (_, log) = world.doorward.stop();
    assert!(!log.contains("ERROR"), "{log}");
}
