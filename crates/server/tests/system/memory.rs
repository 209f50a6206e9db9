//! Memory that the server needed once, and needs no more.
use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::connection::connected;
use crate::place::{Kind, Place};
use crate::server::{Server, pause, wait_until};

/// The longest body that is read, and most of it sent.
const HEAD: &str =
    "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 65536\r\n\r\n";
const SENT: usize = 60 * 1024;

const COUNT: usize = 900;
const MIB: usize = 1024;

/// As many bodies as that, of which the end never comes.
fn unfinished(server: &Server) -> Vec<TcpStream> {
    let one = |_| {
        let mut connection = connected(server.client.address, HEAD);
        connection.write_all(&[b' '; SENT]).expect("the server reads");
        connection
    };
    (0..COUNT).map(one).collect()
}

#[test]
fn memory_is_returned_within_ten_seconds_after_a_peak() {
    rlimit::increase_nofile_limit(u64::MAX).expect("the limit on open files can be raised");
    let place = Place::on(Kind::Sqlite).with_known_admin();
    let server = place.start();
    // The first peak brings code into memory, and what the server makes once for so many; then the job has run.
    drop(unfinished(&server));
    pause(Duration::from_secs(7));
    let before = server.resident_kib();
    let bodies = unfinished(&server);
    wait_until("the bodies are in memory", || server.resident_kib() > before + 60 * MIB);
    drop(bodies);
    let ended = Instant::now();
    wait_until("the memory is returned", || server.resident_kib() <= before + 10 * MIB);
    assert!(ended.elapsed() <= Duration::from_secs(10), "it took {:?}", ended.elapsed());
}
