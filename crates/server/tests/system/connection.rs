//! One connection to the server, byte by byte.
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use rustix::net::{self, AddressFamily, SocketType};

/// The server gives the head of a request ten seconds.
pub const LONGEST: Duration = Duration::from_secs(10);
/// What a busy machine may take longer, for reading a thousand connections one after the other, too.
pub const LEEWAY: Duration = Duration::from_secs(15);
/// A request that needs nothing.
pub const LIVE: &str = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n";

pub fn connected(to: SocketAddr, sent: &str) -> TcpStream {
    let mut connection = TcpStream::connect(to).expect("the server accepts");
    connection.set_read_timeout(Some(LONGEST + LEEWAY)).expect("it is a time");
    connection.write_all(sent.as_bytes()).expect("the server reads");
    connection
}

/// One that can hold little of what it does not read.
pub fn reluctant(to: SocketAddr, sent: &str) -> TcpStream {
    let socket = net::socket(AddressFamily::INET, SocketType::STREAM, None).expect("there are enough descriptors");
    net::sockopt::set_socket_recv_buffer_size(&socket, 2048).expect("it is a size");
    net::connect(&socket, &to).expect("the server accepts");
    let mut connection = TcpStream::from(socket);
    connection.set_read_timeout(Some(LONGEST + LEEWAY)).expect("it is a time");
    connection.write_all(sent.as_bytes()).expect("the server reads");
    connection
}

/// One that has had an answer, and goes on with this.
pub fn kept(to: SocketAddr, sent: &str) -> TcpStream {
    let mut connection = connected(to, LIVE);
    let answer = answered(&mut connection);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    connection.write_all(sent.as_bytes()).expect("the server reads");
    connection
}

/// The next answer, with a body that is as long as it says.
#[track_caller]
pub fn answered(connection: &mut TcpStream) -> String {
    let mut received = Vec::new();
    while !received.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        connection.read_exact(&mut byte).expect("it is answered");
        received.extend(byte);
    }
    let head = String::from_utf8(received).expect("a head is text").to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().expect("it is a number"))];
    connection.read_exact(&mut body).expect("the body comes whole");
    head.replacen("http", "HTTP", 1) + &String::from_utf8(body).expect("it is text")
}

/// What came before the server ended the connection.
#[track_caller]
pub fn ended(mut connection: TcpStream) -> String {
    let mut received = Vec::new();
    match connection.read_to_end(&mut received) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        Err(error) => panic!("not cut: {error}"),
    }
    String::from_utf8_lossy(&received).into_owned()
}
