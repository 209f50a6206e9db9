//! How many connections an IP address may have.
use std::io::Read;
use std::net::SocketAddr;
use std::time::Instant;

use crate::connection::{LIVE, answered, connected, kept};
use crate::metrics::scraped;
use crate::place::{Kind, Place};
use crate::server::{Server, wait_until};

const MOST: usize = 20;

fn place() -> Place {
    let place = Place::on(Kind::Sqlite).set("DOORWARD_HTTP__KEEP_ALIVE", "60s");
    place.set("DOORWARD_HTTP__MAX_CONNECTIONS_PER_ADDRESS", &MOST.to_string())
}

/// Metrics are read on a listener of their own, whose connections have no bound.
fn measured(place: Place) -> (Place, Place, Server) {
    let own = Place::on(Kind::Sqlite);
    let place = place.set("DOORWARD_METRICS__BIND", &own.address().to_string());
    let server = place.start();
    (place, own, server)
}

/// Closed at once, without an answer.
fn is_refused(to: SocketAddr) -> bool {
    let mut connection = connected(to, "");
    let begun = Instant::now();
    let read = connection.read(&mut [0; 1]);
    assert!(begun.elapsed().as_secs() < 5, "it was closed late");
    read.map_or(true, |count| count == 0)
}

#[test]
fn one_more_than_an_address_may_have_is_closed_at_once_and_counted() {
    let (_place, own, server) = measured(place());
    let to = server.client.address;
    let of = |series: &str| scraped(own.client()).value(&format!("doorward_http_connections_{series}"));
    wait_until("the probe of the start has gone", || of("open").to_string() == "0");
    let mut open: Vec<_> = (0..MOST).map(|_| kept(to, "")).collect();
    assert_eq!([of("open"), of("refused_total")].map(|value| value.to_string()), ["20", "0"]);
    assert!((0..30).all(|_| is_refused(to)));
    assert_eq!([of("open"), of("refused_total")].map(|value| value.to_string()), ["20", "30"]);
    drop(open.pop());
    wait_until("one has gone", || of("open").to_string() == "19");
    open.push(kept(to, LIVE));
    answered(open.last_mut().expect("it was just opened"));
    drop(open);
    wait_until("all have gone", || of("open").to_string() == "0");
    for reason in ["slow_request", "early_answer", "write_timeout", "too_slow", "unsent_bytes"] {
        assert_eq!(of(&format!("cut_total{{reason=\"{reason}\"}}")).to_string(), "0", "{reason}");
    }
    let (_, log) = server.stop();
    let lines: Vec<_> = log.lines().filter(|line| line.contains("max_connections_per_address")).collect();
    assert_eq!(lines.len(), 1, "{log}");
    assert!(lines[0].contains("127.0.0.1"), "{lines:?}");
}

#[test]
fn the_connections_of_a_listed_proxy_are_not_bounded() {
    let (_place, own, server) = measured(place().set("DOORWARD_HTTP__TRUSTED_PROXIES", "127.0.0.0/8"));
    let open: Vec<_> = (0..MOST * 2).map(|_| kept(server.client.address, "")).collect();
    let refused = scraped(own.client()).value("doorward_http_connections_refused_total");
    assert_eq!((open.len(), refused.to_string()), (40, "0".to_owned()));
}
