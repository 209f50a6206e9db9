//! SIGTERM from a supervisor and SIGINT from Ctrl-C: nothing that runs is cut off, and nothing new is taken.
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use rustix::process::Signal;

use crate::place::{Kind, Place};
use crate::server::{pause, wait_until};

const BODY: &str = r#"{"email":"ann@example.com","password":"copper-violin-marsh-42"}"#;

#[test]
fn sigterm_lets_a_running_request_finish_and_ends_with_0() {
    lets_a_running_request_finish(Signal::TERM);
}

#[test]
fn sigint_lets_a_running_request_finish_and_ends_with_0() {
    lets_a_running_request_finish(Signal::INT);
}

fn lets_a_running_request_finish(signal: Signal) {
    let place = Place::on(Kind::Sqlite);
    let server = place.start();
    let mut slow = TcpStream::connect(place.address()).expect("the server listens");
    let (first, rest) = BODY.split_at(20);
    let length = BODY.len();
    let head = format!(
        "POST /api/v1/auth/register HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    );
    slow.write_all((head + first).as_bytes()).expect("the server takes a request");
    // The worker has the request when it asks for the rest of the body, which nobody outside can see.
    pause(Duration::from_millis(300));
    server.signal(signal);
    wait_until("new requests are refused", || !server.is_ready());
    slow.write_all(rest.as_bytes()).expect("the server still takes the rest");
    let mut answer = String::new();
    slow.read_to_string(&mut answer).expect("the server answers in UTF-8");
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    let (status, _, log) = server.ended();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.trim_end().ends_with("stopped"), "{log}");
}
