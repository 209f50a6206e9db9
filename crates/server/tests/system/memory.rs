//! Memory that the server needed once, and needs no more.
use std::io::Write;
use std::time::{Duration, Instant};

use crate::connection::connected;
use crate::place::{Kind, Place};
use crate::server::wait_until;

/// The longest body that is read, and most of it sent.
const HEAD: &str =
    "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 65536\r\n\r\n";
const SENT: usize = 60 * 1024;

#[test]
fn memory_is_returned_within_ten_seconds_after_a_peak() {
    const MIB: usize = 1024;
    rlimit::increase_nofile_limit(u64::MAX).expect("the limit on open files can be raised");
    let server = Place::on(Kind::Sqlite).with_known_admin().start();
    // What the first connections make once.
    let few = (0..50).map(|_| connected(server.client.address, HEAD));
    drop(few.collect::<Vec<_>>());
    let before = server.resident_kib();
    let unfinished: Vec<_> = (0..1_000)
        .map(|_| {
            let mut connection = connected(server.client.address, HEAD);
            connection.write_all(&[b' '; SENT]).expect("the server reads");
            connection
        })
        .collect();
    wait_until("all bodies are in memory", || server.resident_kib() > before + 60 * MIB);
    drop(unfinished);
    let ended = Instant::now();
    wait_until("the memory is returned", || server.resident_kib() <= before + 10 * MIB);
    assert!(ended.elapsed() <= Duration::from_secs(10), "it took {:?}", ended.elapsed());
}
