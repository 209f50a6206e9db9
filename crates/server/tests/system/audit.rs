//! The audit log of real servers: sealed while they run and when they stop, by several nodes at once, and verified from
//! outside.
use std::process::Output;

use rustix::process::Signal;
use serde_json::Value;

use crate::place::{Kind, PASSWORD, Place};
use crate::server::wait_until;

on_both_databases! {
    lines_are_sealed_while_it_runs_and_when_it_stops;
}

fn audit(place: &Place, arguments: &[&str]) -> Output {
    place.command(&[&["audit"], arguments].concat()).output().expect("the binary can be started")
}

#[track_caller]
fn json(answer: &Output) -> Value {
    serde_json::from_slice(&answer.stdout).unwrap_or_else(|error| panic!("{error}: {answer:?}"))
}

fn unsealed(place: &Place) -> Value {
    json(&audit(place, &["verify", "--output", "json"]))["unsealed"].clone()
}

fn lines_are_sealed_while_it_runs_and_when_it_stops(kind: Kind) {
    let place = Place::on(kind);
    let server = place.start();
    server.client.register("ann@example.com", PASSWORD);
    wait_until("its lines are sealed", || unsealed(&place) == 0);
    let head = audit(&place, &["head"]);
    let file = place.folder().join("head.json");
    std::fs::write(&file, &head.stdout).expect("a file can be written");
    server.client.register("bob@example.com", PASSWORD);
    server.client.sign_in("bob@example.com", PASSWORD);
    server.signal(Signal::TERM);
    let (status, _, log) = server.ended();
    assert_eq!(status.code(), Some(0), "{log}");
    let verified = audit(&place, &["verify", "--head", "head.json", "--output", "json"]);
    let verdict = json(&verified);
    assert!(verified.status.success(), "{verdict}");
    assert_eq!((&verdict["status"], &verdict["unsealed"]), (&"intact".into(), &0.into()));
    assert!(verdict["intact_to"].as_i64() >= json(&head)["seq"].as_i64().map(|seq| seq + 2), "{verdict}");
    let said = audit(&place, &["verify"]);
    let sentence = format!("lines 1 to {} are intact; 0 not sealed yet\n", verdict["intact_to"]);
    assert_eq!(String::from_utf8_lossy(&said.stdout), sentence);
}

/// The head of a longer log, as after the database was replaced by an older copy.
#[test]
fn a_log_that_is_shorter_than_a_saved_head_fails_the_command() {
    let (place, other) = (Place::on(Kind::Sqlite), Place::on(Kind::Sqlite));
    for (place, accounts) in [(&place, 1), (&other, 3)] {
        let server = place.start();
        (0..accounts).for_each(|n| drop(server.client.register(&format!("{n}@example.com"), PASSWORD)));
        server.signal(Signal::TERM);
        server.ended();
    }
    let head = audit(&other, &["head"]);
    std::fs::write(place.folder().join("head.json"), &head.stdout).expect("a file can be written");
    let failed = audit(&place, &["verify", "--head", "head.json", "--output", "json"]);
    let verdict = json(&failed);
    assert_eq!((failed.status.code(), &verdict["status"]), (Some(1), &"bad".into()), "{verdict}");
    assert!(["tail_cut", "head_mismatch"].contains(&verdict["first_bad"]["fault"].as_str().unwrap_or_default()));
    std::fs::write(place.folder().join("head.json"), "{}").expect("a file can be written");
    let refused = audit(&place, &["verify", "--head", "head.json"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("head.json"), "{refused:?}");
}

#[test]
fn two_nodes_continue_one_chain() {
    let place = Place::on(Kind::Postgres);
    // They share the sealing key.
    let data = place.data().display().to_string();
    let place = place.set("DOORWARD_STORAGE__DATA_DIR", &data);
    let other = place.another();
    let (server, second) = (place.start(), other.start());
    std::thread::scope(|scope| {
        for (node, client) in [server.client, second.client].into_iter().enumerate() {
            scope.spawn(move || {
                (0..20).for_each(|n| drop(client.register(&format!("n{node}-{n}@example.com"), PASSWORD)));
            });
        }
    });
    wait_until("all lines are sealed", || unsealed(&place) == 0);
    let verdict = json(&audit(&other, &["verify", "--output", "json"]));
    assert_eq!(verdict["status"], "intact", "{verdict}");
    assert!(verdict["intact_to"].as_i64() >= Some(40), "{verdict}");
}
