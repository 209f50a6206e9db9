//! Over a real connection: what shows only on the wire.
use crate::world::World;
use actix_web::HttpServer;
use actix_web::dev::ServerHandle;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// REST on a free port, until it is dropped.
pub struct Served {
    address: SocketAddr,
    handle: ServerHandle,
}

impl Served {
    pub fn begin(world: &World) -> Self {
        let rest = world.rest();
        let server = HttpServer::new(move || rest.service()).workers(1).disable_signals();
        let server = server.bind(("127.0.0.1", 0)).unwrap();
        let address = server.addrs()[0];
        let running = server.run();
        let handle = running.handle();
        actix_web::rt::spawn(running);
        Self { address, handle }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sends these bytes and reads until the server closes the connection.
    pub async fn exchange(&self, sent: &str) -> String {
        let mut connection = TcpStream::connect(self.address).await.unwrap();
        connection.write_all(sent.as_bytes()).await.unwrap();
        let mut received = Vec::new();
        let read = connection.read_to_end(&mut received);
        tokio::time::timeout(Duration::from_secs(20), read).await.expect("the server answers and closes").unwrap();
        String::from_utf8(received).unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Asking is enough: the runtime of the test ends with it.
        drop(self.handle.stop(false));
    }
}

fn post(more: &str) -> String {
    format!(
        "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n{more}"
    )
}

#[actix_web::test]
async fn a_body_that_never_comes_is_408() {
    let served = Served::begin(&World::with(|options| options.request_timeout = Duration::from_millis(400)));
    let answer = served.exchange(&post("Content-Length: 10\r\n\r\n{")).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("\"code\":\"request_timeout\""), "{answer}");
}

#[actix_web::test]
async fn a_chunked_body_over_the_limit_is_413() {
    let served = Served::begin(&World::new());
    let chunk = format!("10001\r\n{}\r\n0\r\n\r\n", "a".repeat(0x10001));
    let answer = served.exchange(&post(&format!("Transfer-Encoding: chunked\r\n\r\n{chunk}"))).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("\"code\":\"payload_too_large\""), "{answer}");
}

#[actix_web::test]
async fn head_tells_the_length_and_sends_no_body() {
    let served = Served::begin(&World::new());
    let get = served.exchange("GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    let head = served.exchange("HEAD /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert!(get.ends_with("{\"status\":\"alive\"}"), "{get}");
    assert!(head.ends_with("\r\n\r\n"), "{head}");
    assert!(head.to_ascii_lowercase().contains("content-length: 18"), "{head}");
}

#[actix_web::test]
async fn a_panic_costs_its_request_and_not_the_worker() {
    let world = World::new();
    world.fake.panic_when_asked();
    let served = Served::begin(&world);
    let ask = "GET /api/v1/users/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ann-token\r\n";
    let both = served.exchange(&format!("{ask}\r\n{ask}Connection: close\r\n\r\n")).await;
    assert_eq!(both.matches("HTTP/1.1 500 ").count(), 2, "{both}");
    assert_eq!(both.matches("\"code\":\"internal\"").count(), 2, "{both}");
    assert_eq!(both.to_ascii_lowercase().matches("x-correlation-id: fresh-correlation-id").count(), 2, "{both}");
}

#[actix_web::test]
async fn a_request_that_is_not_http_is_answered_with_400_and_closed() {
    let served = Served::begin(&World::new());
    for junk in ["nonsense\r\n\r\n", "GET /\u{0} HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nBad Header: x\r\n\r\n"] {
        let answer = served.exchange(junk).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{junk:?}: {answer}");
    }
}
