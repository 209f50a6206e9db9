use std::process::Command;

use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};

use super::{Ann, says_when_to_return};
use crate::place::{Kind, Place};
use crate::server::{Server, wait_until};

/// A limit on the size of files is a full disk that every machine has, and that root meets too.
fn limit_files_to(server: Pid, bytes: Option<u64>) {
    let limit = Rlimit { current: bytes, maximum: getrlimit(Resource::Fsize).maximum };
    prlimit(Some(server), Resource::Fsize, limit).expect("the limit of one's own child can be set");
}

/// A server to which a file too large is an error and not the end.
fn start(place: &Place) -> Server {
    let binary = env!("CARGO_BIN_EXE_doorward");
    let shell = place.prepared(Command::new("/bin/sh"), &["-c", "trap '' XFSZ; exec \"$0\"", binary]);
    Server::start(shell, place.client())
}

#[test]
fn a_full_disk_refuses_writes_with_503_while_reads_go_on_and_heals() {
    let place = Place::on(Kind::Sqlite);
    let server = start(&place);
    let ann = Ann::on(&server);
    limit_files_to(server.pid(), Some(0));
    let mut refused = Vec::new();
    for _ in 0..5 {
        let answer = ann.writes();
        says_when_to_return(&answer);
        refused.extend(answer.header("x-correlation-id").map(str::to_owned));
        says_when_to_return(&ann.registers("bob@example.com"));
        ann.reads().expect_status(200);
    }
    assert!(server.is_ready(), "it can read");
    assert_eq!(server.client.get("/health").send().expect_status(503).json()["status"], "unhealthy");
    let doctor = "trap '' XFSZ; ulimit -f 0; exec \"$0\" doctor";
    let mut doctor = place.prepared(Command::new("/bin/sh"), &["-c", doctor, env!("CARGO_BIN_EXE_doorward")]);
    let found = doctor.output().expect("the shell can be started");
    let told = String::from_utf8_lossy(&found.stdout).into_owned();
    assert!(told.contains("FAIL  database: it answers, but nothing can be written"), "{told}");
    limit_files_to(server.pid(), None);
    ann.writes().expect_status(200);
    wait_until("it is seen that writing works again", || server.client.get("/health").send().status == 200);
    ann.registers("bob@example.com").expect_status(201);
    let (_, log) = server.stop();
    assert_eq!(refused.len(), 5);
    for correlation_id in refused {
        let lines: Vec<&str> = log.lines().filter(|line| line.contains(&correlation_id)).collect();
        let [failure, request] = lines[..] else { panic!("a failure is told once, beside its request: {lines:#?}") };
        assert!(failure.contains("WARN") && failure.contains("check the disk of the database"), "{failure}");
        assert!(request.contains("INFO") && request.contains("code=\"store_unavailable\""), "{request}");
    }
    let server = place.start();
    Ann { client: server.client, tokens: ann.tokens }.reads().expect_status(200);
}
