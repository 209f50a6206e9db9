//! Connections that are kept between requests: they cost little, and go on as if they had not rested.
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::connection::{LIVE, answered, connected, ended, kept};
use crate::place::{ADMIN, Kind, PASSWORD, Place};
use crate::server::{Server, pause, wait_until};

fn sign_in() -> String {
    let body = format!(r#"{{"identifier":"{ADMIN}","password":"{PASSWORD}"}}"#);
    let length = body.len();
    format!(
        "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

/// A server that lets connections rest, for there are many.
fn crowded() -> (Place, Server, Vec<TcpStream>) {
    let place = Place::on(Kind::Sqlite).with_known_admin().set("DOORWARD_HTTP__WORKERS", "1");
    let server = place.start();
    let crowd = (0..100).map(|_| kept(server.client.address, "")).collect();
    (place, server, crowd)
}

fn send(connection: &mut TcpStream, part: &str) {
    connection.write_all(part.as_bytes()).expect("the server reads");
}

#[track_caller]
fn expect_ok(connection: &mut TcpStream, what: &str) {
    let answer = answered(connection);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{what}: {answer}");
}

/// Long enough for the server to find that nothing more comes.
fn rest() {
    pause(Duration::from_millis(100));
}

#[test]
fn requests_come_whole_after_a_rest_however_they_are_cut() {
    let (_place, server, _crowd) = crowded();
    let mut connection = connected(server.client.address, "");
    for request in [LIVE.to_owned(), sign_in(), LIVE.replace("\r\n", "\n")] {
        for cut in [0, 1, 20, request.len() - 15, request.len() - 3, request.len() - 1] {
            rest();
            let (one, other) = request.split_at(cut);
            send(&mut connection, one);
            rest();
            send(&mut connection, other);
            expect_ok(&mut connection, &format!("{request} cut at {cut}"));
        }
    }
}

/// RFC 9112 §9.3.2: what came behind a request is not lost, though its answer is long sent.
#[test]
fn a_request_that_began_behind_another_is_answered_when_its_rest_comes() {
    let (_place, server, _crowd) = crowded();
    let mut connection = connected(server.client.address, "");
    for first in [LIVE.to_owned(), sign_in(), format!("\r\n{LIVE}")] {
        for second in [LIVE.to_owned(), sign_in()] {
            let head = second.find("\r\n\r\n").expect("it has a head") + 3;
            for cut in [1, 20, head] {
                send(&mut connection, &format!("{first}{}", &second[..cut]));
                expect_ok(&mut connection, &format!("{first} before {second} cut at {cut}"));
                rest();
                send(&mut connection, &second[cut..]);
                expect_ok(&mut connection, &format!("{second} cut at {cut} after {first}"));
                rest();
            }
        }
    }
}

#[test]
fn idle_connections_are_closed_after_the_time_that_is_set() {
    let place = Place::on(Kind::Sqlite).set("DOORWARD_HTTP__KEEP_ALIVE", "2s").set("DOORWARD_HTTP__WORKERS", "1");
    let server = place.start();
    let begun = Instant::now();
    let idle: Vec<_> = (0..200).map(|_| kept(server.client.address, "")).collect();
    for connection in idle {
        assert_eq!(ended(connection), "");
    }
    let took = begun.elapsed();
    assert!(took > Duration::from_secs(2) && took < Duration::from_secs(10), "closed after {took:?}");
}

#[test]
fn a_connection_that_is_to_be_closed_after_its_answer_is_closed_at_once() {
    let (_place, server, _crowd) = crowded();
    let closing = LIVE.replace("Host: x", "Host: x\r\nConnection: close");
    for request in [closing.as_str(), "GET /health/live HTTP/1.0\r\n\r\n"] {
        let begun = Instant::now();
        let answer = ended(kept(server.client.address, request));
        assert!(answer.contains(" 200 OK\r\n"), "{answer}");
        assert!(begun.elapsed() < Duration::from_secs(5), "closed after {:?}", begun.elapsed());
    }
}

#[test]
fn a_client_that_has_gone_is_not_kept() {
    let (_place, server, _crowd) = crowded();
    let idle: Vec<_> = (0..50).map(|_| kept(server.client.address, "")).collect();
    let held = server.open_files();
    assert!(held > 50);
    drop(idle);
    wait_until("their sockets are closed", || server.open_files() <= held - 50);
}

/// actix-http alone would take more than 16 KiB for each.
#[test]
fn a_thousand_idle_connections_cost_less_than_4_kib_each() {
    const COUNT: usize = 1_000;
    let (_place, server, _crowd) = crowded();
    let before = server.resident_kib();
    let idle: Vec<_> = (0..COUNT).map(|_| kept(server.client.address, "")).collect();
    let each = server.resident_kib().saturating_sub(before) / COUNT;
    assert!(each < 4, "{each} KiB each");
    for mut connection in idle {
        send(&mut connection, LIVE);
        expect_ok(&mut connection, "an idle one");
    }
}

#[test]
fn a_server_that_stops_does_not_wait_for_idle_connections() {
    let (_place, server, crowd) = crowded();
    let used = kept(server.client.address, "");
    let mut unused = connected(server.client.address, "");
    rest();
    let begun = Instant::now();
    server.signal(Signal::TERM);
    for connection in crowd.into_iter().chain([used]) {
        assert_eq!(ended(connection), "");
    }
    assert_eq!(unused.read(&mut [0; 1]).expect("it is closed"), 0);
    let (status, _, log) = server.ended();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}
