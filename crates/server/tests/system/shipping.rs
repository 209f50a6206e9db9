//! The audit log of real servers, shipped while they run, while the receiver dies, and while they die themselves.
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use doorward_testkit::syslog::{Message, Receiver};
use serde_json::Value;

use crate::client::Client;
use crate::metrics::scraped;
use crate::place::{Kind, PASSWORD, Place, Port};
use crate::server::{Server, pause, wait_until};

on_both_databases! {
    every_line_arrives_in_order_whatever_dies;
    lines_are_written_to_a_file_and_to_a_new_one_when_it_was_renamed;
}

/// A killed node keeps its lease for up to a minute.
const PATIENCE: Duration = Duration::from_secs(100);

fn register(client: Client, names: std::ops::Range<usize>, of: &str) {
    names.for_each(|n| drop(client.register(&format!("{of}-{n}@example.com"), PASSWORD)));
}

fn numbers(messages: &[Message]) -> Vec<i64> {
    messages.iter().map(|message| message.elements["doorward@32473"]["seq"].parse().expect("a number")).collect()
}

/// The number of the last line, when all are sealed. Lines may be sealed between the two parts of a verdict, so that only the
/// one after a verdict without unsealed lines is right.
fn last_line(place: &Place) -> i64 {
    let (mut last, mut all_sealed) = (None, false);
    wait_until("all lines are sealed", || {
        let verified =
            place.command(&["audit", "verify", "--output", "json"]).output().expect("the binary can be started");
        let verdict: Value = serde_json::from_slice(&verified.stdout).expect("it answers in JSON");
        last = verdict["intact_to"].as_i64();
        std::mem::replace(&mut all_sealed, verdict["unsealed"] == 0) && all_sealed
    });
    last.expect("it is a number")
}

#[track_caller]
fn arrives(receiver: &Receiver, last: i64) {
    let begun = Instant::now();
    while numbers(&receiver.received()).last() != Some(&last) {
        assert!(begun.elapsed() < PATIENCE, "line {last} does not arrive: {:?}", numbers(&receiver.received()).last());
        pause(Duration::from_millis(20));
    }
}

fn waiting(server: &Server) -> f64 {
    scraped(server.client).value("doorward_audit_unshipped_lines")
}

/// Each number once, in the order in which it first came.
fn once(numbers: impl IntoIterator<Item = i64>) -> Vec<i64> {
    let mut once = Vec::new();
    for number in numbers {
        if !once.contains(&number) {
            once.push(number);
        }
    }
    once
}

fn shipping_to(kind: Kind, address: SocketAddr) -> Place {
    Place::on(kind).set("DOORWARD_AUDIT__SHIP_TO", &format!("syslog+tcp://{address}"))
}

fn every_line_arrives_in_order_whatever_dies(kind: Kind) {
    let port = Port::take();
    let address = SocketAddr::from(([127, 0, 0, 1], port.number));
    let place = shipping_to(kind, address);
    let receiver = Receiver::listening(address, usize::MAX);
    let mut server = place.start();
    register(server.client, 0..5, "well");
    arrives(&receiver, last_line(&place));
    wait_until("no line waits", || waiting(&server) == 0.0);
    let first = receiver.received();

    drop(receiver);
    register(server.client, 0..5, "away");
    wait_until("lines wait", || waiting(&server) >= 5.0);
    // What it reads before it dies is lost with it.
    let dying = Receiver::listening(address, 700);
    wait_until("it dies", || dying.is_dead());
    drop(dying);

    server.kill();
    let server = place.start();
    register(server.client, 0..5, "again");
    let receiver = Receiver::listening(address, usize::MAX);
    let last = last_line(&place);
    arrives(&receiver, last);
    let all = numbers(&first).into_iter().chain(numbers(&receiver.received()));
    assert_eq!(once(all), (1..=last).collect::<Vec<_>>());
    assert!(receiver.received().iter().all(|message| serde_json::from_str::<Value>(&message.text).is_ok()));
    wait_until("no line waits", || waiting(&server) == 0.0);
}

#[test]
fn the_server_is_killed_again_and_again_and_each_line_arrives() {
    let receiver = Receiver::start();
    let place = shipping_to(Kind::Sqlite, receiver.address());
    for round in 0..8_u32 {
        let mut server = place.start();
        register(server.client, 0..3, &format!("round-{round}"));
        pause(Duration::from_millis(u64::from(round) * 130));
        server.kill();
    }
    let server = place.start();
    let last = last_line(&place);
    arrives(&receiver, last);
    assert_eq!(once(numbers(&receiver.received())), (1..=last).collect::<Vec<_>>());
    drop(server);
}

#[test]
fn of_two_nodes_each_line_arrives_once() {
    let receiver = Receiver::start();
    let place = shipping_to(Kind::Postgres, receiver.address());
    // They share the sealing key.
    let data = place.data().display().to_string();
    let place = place.set("DOORWARD_STORAGE__DATA_DIR", &data);
    let other = place.another();
    let (server, second) = (place.start(), other.start());
    std::thread::scope(|scope| {
        for (node, client) in [server.client, second.client].into_iter().enumerate() {
            scope.spawn(move || register(client, 0..30, &format!("node-{node}")));
        }
    });
    let last = last_line(&place);
    arrives(&receiver, last);
    assert_eq!(numbers(&receiver.received()), (1..=last).collect::<Vec<_>>());
}

fn lines_are_written_to_a_file_and_to_a_new_one_when_it_was_renamed(kind: Kind) {
    let place = Place::on(kind);
    let (file, old) = (place.folder().join("audit.ndjson"), place.folder().join("audit.ndjson.1"));
    let place = place.set("DOORWARD_AUDIT__SHIP_TO", &format!("file://{}", file.display()));
    let server = place.start();
    register(server.client, 0..3, "before");
    let whole = |path: &PathBuf| std::fs::read_to_string(path).unwrap_or_default();
    let written = |path: &PathBuf| whole(path).lines().count();
    let first = usize::try_from(last_line(&place)).expect("a number of lines");
    wait_until("all lines are in the file", || written(&file) == first);
    std::fs::rename(&file, &old).expect("the folder is ours");
    register(server.client, 0..3, "after");
    let last = usize::try_from(last_line(&place)).expect("a number of lines");
    wait_until("the rest is in a new file", || written(&file) == last - first);
    assert_eq!(written(&old), first);

    let exported = place.command(&["audit", "export"]).output().expect("the binary can be started");
    let lines = |text: &str| {
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("each line is JSON"));
        lines.filter(|line| line["action"] != "audit.exported").collect::<Vec<_>>()
    };
    let mut exported = lines(&String::from_utf8_lossy(&exported.stdout));
    exported.sort_by_key(|line| line["seq"].as_i64());
    assert_eq!(lines(&(whole(&old) + &whole(&file))), exported);
}

#[test]
fn a_destination_that_can_not_work_is_refused_before_the_start_with_what_to_do() {
    for (to, problem, cure) in [
        ("file:///no/such/folder/audit.ndjson", "/no/such/folder", "create the folder"),
        ("file://audit.ndjson", "not absolute", "from the root"),
        ("syslog://h:514", "audit.ship_to", "syslog+tls"),
    ] {
        let place = Place::on(Kind::Sqlite).set("DOORWARD_AUDIT__SHIP_TO", to);
        let refused = place.command(&[]).output().expect("the binary can be started");
        let said = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1), "{said}");
        assert!(said.contains("DOORWARD_AUDIT__SHIP_TO") && said.contains(problem) && said.contains(cure), "{said}");
    }
    let place = Place::on(Kind::Sqlite).set("DOORWARD_AUDIT__SHIP_CA_FILE", "authority.pem");
    let refused = place.command(&["config", "check"]).output().expect("the binary can be started");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("audit.ship_to names none"), "{refused:?}");
}
