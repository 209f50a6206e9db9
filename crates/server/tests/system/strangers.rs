//! What reaches an open port and is no HTTP: scanners, TLS, broken proxies.
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::place::{Kind, Place};

const NO_HTTP: [&[u8]; 6] = [
    b"\x16\x03\x01\x02\x00\x01\x00",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nno header\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
];

#[test]
fn what_is_no_http_is_refused_and_is_no_error_of_ours() {
    let place = Place::on(Kind::Sqlite);
    let server = place.start();
    for bytes in NO_HTTP {
        let mut stream = TcpStream::connect(place.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.write_all(bytes).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 4"), "{:?} is answered {answer:?}", String::from_utf8_lossy(bytes));
    }
    let (_, log) = server.stop();
    assert!(!log.contains("ERROR"), "{log}");
}
