//! The audit log of real servers: sealed while they run and when they stop, by several nodes at once, and verified from
//! outside.
use std::process::Output;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use crate::client::{Client, access};
use crate::database::sql;
use crate::place::{ADMIN, Kind, PASSWORD, Place};
use crate::server::{pause, wait_until};

on_both_databases! {
    lines_are_sealed_while_it_runs_and_when_it_stops;
    old_lines_are_deleted_and_rest_and_the_command_line_agree_on_what_is_left;
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

/// The head after one more account, whose lines have a seal of their own.
fn head_after(place: &Place, client: Client, email: &str) -> Value {
    client.register(email, PASSWORD);
    wait_until("its lines are sealed", || unsealed(place) == 0);
    let head = audit(place, &["head"]);
    std::fs::write(place.folder().join(email), &head.stdout).expect("a file can be written");
    json(&head)
}

fn pruned(place: &Place, before: &str) -> Output {
    audit(place, &["prune", "--before", before, "--yes", "--output", "json"])
}

fn verdict(place: &Place, arguments: &[&str]) -> Value {
    json(&audit(place, &[&["verify", "--output", "json"], arguments].concat()))
}

fn old_lines_are_deleted_and_rest_and_the_command_line_agree_on_what_is_left(kind: Kind) {
    let place = Place::on(kind).with_known_admin();
    let server = place.start();
    let heads = ["a@x.test", "b@x.test", "c@x.test"].map(|email| head_after(&place, server.client, email));
    let before = heads[2]["sealed_at"].as_str().expect("it is a time");
    let deleted = json(&pruned(&place, before));
    assert_eq!(deleted["pruned_to"], deleted["lines"], "{deleted}");
    assert!(deleted["lines"].as_i64() >= heads[1]["seq"].as_i64(), "{deleted} of {heads:?}");
    wait_until("the line about it is sealed", || unsealed(&place) == 0);

    let token = server.client.sign_in(ADMIN, PASSWORD);
    wait_until("the sign-in is sealed", || unsealed(&place) == 0);
    let asked = |path: &str| server.client.get(path).bearer(access(&token)).send().expect_status(200).json();
    assert_eq!(asked("/api/v1/audit/head"), json(&audit(&place, &["head"])));
    let whole = asked("/api/v1/audit/verify");
    assert_eq!(whole, verdict(&place, &[]));
    assert_eq!((&whole["status"], &whole["pruned_to"]), (&"intact".into(), &deleted["pruned_to"]), "{whole}");
    assert_eq!(verdict(&place, &["--head", "c@x.test"])["status"], "intact");
    let old = verdict(&place, &["--head", "a@x.test"]);
    assert_eq!(
        (&old["first_bad"]["seq"], &old["first_bad"]["fault"]),
        (&heads[0]["seq"], &"head_pruned".into()),
        "{old}"
    );
    let said = audit(&place, &["verify"]);
    let begin = deleted["lines"].as_i64().expect("it is a number") + 1;
    let sentence = format!("lines {begin} to {} are intact; 0 not sealed yet\n", whole["intact_to"]);
    assert_eq!(String::from_utf8_lossy(&said.stdout), sentence);
}

/// Else an operator would save a head that nobody can verify.
#[test]
fn with_another_sealing_key_no_head_is_printed_and_the_setting_is_named() {
    let place = Place::on(Kind::Postgres);
    let server = place.start();
    head_after(&place, server.client, "ann@example.com");
    // A machine without the files of the first one.
    let elsewhere = tempfile::tempdir().expect("a folder can be made");
    let mut command = place.command(&["audit", "head"]);
    command.env("DOORWARD_SECRETS__SEALING_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    command.env("DOORWARD_STORAGE__DATA_DIR", elsewhere.path());
    let refused = command.output().expect("the binary can be started");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!((refused.status.code(), refused.stdout), (Some(1), Vec::new()), "{said}");
    assert!(said.contains("(sealing_key_mismatch)") && said.contains("secrets.sealing_key"), "{said}");
}

/// Who was on the machine changes a line, and would like it gone.
#[test]
fn a_changed_line_is_not_deleted() {
    let place = Place::on(Kind::Postgres);
    let server = place.start();
    head_after(&place, server.client, "ann@example.com");
    let tamper =
        "ALTER TABLE audit_events DISABLE TRIGGER USER; UPDATE audit_events SET details = details || ' ' WHERE seq = 2";
    sql(place.setting("DATABASE_URL"), tamper);
    head_after(&place, server.client, "bob@example.com");
    let later = head_after(&place, server.client, "eve@example.com");
    let refused = pruned(&place, later["sealed_at"].as_str().expect("it is a time"));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        refused.status.code() == Some(1) && said.contains("(audit_log_damaged)") && said.contains("Line 2 "),
        "{said}"
    );
    let left = sql(place.setting("DATABASE_URL"), "SELECT min(seq) FROM audit_events");
    assert_eq!(left, "1", "nothing is deleted beside it");
    assert_eq!(verdict(&place, &[])["first_bad"]["seq"], 2);
}

/// Two nodes write and seal, and the operator prunes on both, several times at once.
#[test]
fn two_nodes_are_pruned_at_once_while_they_write() {
    let place = Place::on(Kind::Postgres);
    let data = place.data().display().to_string();
    let place = place.set("DOORWARD_STORAGE__DATA_DIR", &data);
    let other = place.another();
    let (server, second) = (place.start(), other.start());
    let head = head_after(&place, server.client, "ann@example.com");
    std::thread::scope(|scope| {
        for (node, client) in [server.client, second.client].into_iter().enumerate() {
            scope.spawn(move || {
                (0..20).for_each(|n| drop(client.register(&format!("n{node}-{n}@example.com"), PASSWORD)));
            });
        }
        for n in 0..6 {
            let (place, before) = (if n % 2 == 0 { &place } else { &other }, &head["sealed_at"]);
            scope.spawn(move || {
                let done = pruned(place, before.as_str().expect("it is a time"));
                assert!(done.status.success(), "{done:?}");
            });
        }
    });
    wait_until("all lines are sealed", || unsealed(&place) == 0);
    let whole = verdict(&other, &["--head", &place.folder().join("ann@example.com").display().to_string()]);
    assert_eq!(whole["status"], "intact", "{whole}");
    assert!(whole["pruned_to"].as_i64() > Some(0), "{whole}");
}

/// Thousands of lines, so that it is killed between two of its units of work.
#[test]
fn a_pruning_that_is_killed_leaves_a_whole_log() {
    const LINES: i64 = 6_000;
    let place = Place::on(Kind::Postgres);
    let server = place.start();
    let fill = format!(
        "INSERT INTO audit_events (id, occurred_at, actor, action, outcome, correlation_id, details) \
         SELECT (lpad(to_hex(1767225600000 + n), 12, '0') || '70008000000000000000')::uuid, now(), 'operator', \
         'role.created', 'success', 'x', '{{}}' FROM generate_series(1, {LINES}) AS n"
    );
    sql(place.setting("DATABASE_URL"), &fill);
    let head = head_after(&place, server.client, "ann@example.com");
    let before = head["sealed_at"].as_str().expect("it is a time");
    for millis in [250, 400, 600, 900] {
        let mut pruning = place.command(&["audit", "prune", "--before", before, "--yes"]).spawn().expect("it starts");
        pause(Duration::from_millis(millis));
        // It may have ended by itself.
        let _ = pruning.kill();
        pruning.wait().expect("it is our child");
        let whole = verdict(&place, &[]);
        assert_eq!(whole["status"], "intact", "killed after {millis} ms: {whole}");
        println!("pruned to {} in {millis} ms", whole["pruned_to"]);
    }
    let done = pruned(&place, before);
    assert!(done.status.success(), "{done:?}");
    let whole = verdict(&place, &["--head", "ann@example.com"]);
    assert_eq!((&whole["status"], &whole["pruned_to"]), (&"intact".into(), &json(&done)["pruned_to"]), "{whole}");
    assert!(whole["pruned_to"].as_i64() >= Some(LINES), "{whole}");
}
