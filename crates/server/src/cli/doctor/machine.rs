use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use doorward_domain::Password;
use doorward_ports::outbound::{AccountKey, PasswordHasher};
use rlimit::Resource;

use super::Finding;
use crate::failure::Failure;
use crate::wiring;
use doorward_settings::Settings;

const ADDRESS: &str = "address";
const OPEN_FILES: &str = "open files";
const HASHING: &str = "password hashing";
const PATIENCE: Duration = Duration::from_secs(1);
/// Each connection is an open file, also each connection to the database.
const FEW_FILES: u64 = 4096;
/// After this time, people think that a click did nothing.
const SLOW_HASH: Duration = Duration::from_secs(1);

/// Checks that the server can listen, or already does.
pub(super) fn address(settings: &Settings) -> Finding {
    let bind = settings.http.bind;
    match TcpListener::bind(bind) {
        Ok(_) => Finding::ok(ADDRESS, format!("{bind} is free")),
        Err(error) if error.kind() == ErrorKind::AddrInUse && is_doorward(bind) => {
            Finding::ok(ADDRESS, format!("a Doorward server answers at {bind}"))
        }
        Err(error) if error.kind() == ErrorKind::AddrInUse => Finding::warn(
            ADDRESS,
            format!("another program uses {bind}"),
            "stop that program, or set http.bind to another address",
        ),
        Err(error) => Finding::fail(
            ADDRESS,
            format!("the server can't listen on {bind}: {error}"),
            "set http.bind to another address; ports below 1024 need a privilege",
        ),
    }
}

/// Any web server could answer; only Doorward sends a correlation id.
fn is_doorward(bind: SocketAddr) -> bool {
    let answer = answer_of(reachable(bind)).unwrap_or_default().to_lowercase();
    answer.starts_with("http/1.1 200") && answer.contains("\r\nx-correlation-id:")
}

/// An address that can be called, also if the server listens on all addresses.
fn reachable(bind: SocketAddr) -> SocketAddr {
    let mut address = bind;
    match bind {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

fn answer_of(address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut head = Vec::new();
    stream.take(4096).read_to_end(&mut head)?;
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// Checks the hard limit, to which the server raises the soft limit at its start.
pub(super) fn open_files(_: &Settings) -> Finding {
    match Resource::NOFILE.get() {
        Ok((_, most)) if most < FEW_FILES => Finding::warn(
            OPEN_FILES,
            format!("this process may have {most} open files, and each connection needs one"),
            "raise the limit: `ulimit -Hn`, or LimitNOFILE= of a systemd unit",
        ),
        Ok((_, most)) => Finding::ok(OPEN_FILES, format!("this process may have {most} open files")),
        Err(error) => Finding::warn(
            OPEN_FILES,
            format!("the system does not report the limit: {error}"),
            "check it with `ulimit -n`",
        ),
    }
}

/// Measures how long one sign-in uses a core.
pub(super) fn hashing(settings: &Settings) -> Finding {
    let cost = settings.passwords.bcrypt_cost;
    match time_of_a_hash(settings) {
        Ok(took) if took > SLOW_HASH => Finding::warn(
            HASHING,
            format!("a hash with cost {cost} takes {} ms on this machine", took.as_millis()),
            "lower passwords.bcrypt_cost, or use faster cores",
        ),
        Ok(took) => {
            Finding::ok(HASHING, format!("a hash with cost {cost} takes {} ms on this machine", took.as_millis()))
        }
        Err(failure) => Finding::of(HASHING, &failure),
    }
}

fn time_of_a_hash(settings: &Settings) -> Result<Duration, Failure> {
    let hasher = wiring::hasher(settings, std::sync::Arc::new(()))?;
    let password = Password::new("a password of nobody".to_owned()).expect("it is neither empty nor too long");
    let backend = wiring::backend()?;
    let begun = Instant::now();
    backend.block_on(hasher.hash(AccountKey::from_bytes([0; 16]), &password)).map_err(doorward_ports::Error::from)?;
    Ok(begun.elapsed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_every_address_is_called_on_this_machine() {
        for (bind, called) in
            [("0.0.0.0:80", "127.0.0.1:80"), ("[::]:80", "[::1]:80"), ("192.0.2.1:80", "192.0.2.1:80")]
        {
            assert_eq!(reachable(bind.parse().unwrap()), called.parse().unwrap());
        }
    }

    #[test]
    fn another_web_server_is_not_taken_for_ours() {
        let other = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = other.local_addr().unwrap();
        let answering = std::thread::spawn(move || {
            let (mut stream, _) = other.accept().unwrap();
            let mut request = [0; 16];
            stream.read_exact(&mut request).unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
        });
        assert!(!is_doorward(address));
        answering.join().unwrap();
    }
}
