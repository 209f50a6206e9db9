//! A running server writes down which sessions were used, also at its end.
use rustix::process::Signal;

use crate::client::access;
use crate::database::{OwnDatabase, sql};
use crate::place::{ADMIN, Kind, PASSWORD, Place};
use crate::server::{Server, wait_until};

/// A server on a database that the test reaches as well, and an access token of its only session, last seen an hour ago.
fn with_a_session_seen_long_ago() -> (OwnDatabase, Place, Server, String) {
    let database = OwnDatabase::create();
    let place = Place::on(Kind::Sqlite).with_known_admin().set("DATABASE_URL", &database.url);
    let place = place.set("DOORWARD_SESSIONS__IDLE_TTL", "2h");
    let server = place.start();
    let token = access(&server.client.sign_in(ADMIN, PASSWORD)).to_owned();
    let hour = "interval '1 hour'";
    let past = format!("last_seen_at = last_seen_at - {hour}, idle_ends_at = idle_ends_at - {hour}");
    sql(&database.url, &format!("UPDATE sessions SET {past}"));
    (database, place, server, token)
}

fn is_seen(database: &OwnDatabase) -> bool {
    let just_now = "last_seen_at > now() - interval '1 minute' AND idle_ends_at > now() + interval '110 minutes'";
    sql(&database.url, &format!("SELECT {just_now} FROM sessions")) == "t"
}

#[test]
fn the_use_of_a_session_is_written_down_within_seconds() {
    let (database, _place, server, token) = with_a_session_seen_long_ago();
    server.client.get("/api/v1/users/me").bearer(&token).send().expect_status(200);
    wait_until("the session is seen", || is_seen(&database));
}

#[test]
fn a_server_that_stops_writes_down_what_was_used_at_last() {
    let (database, _place, server, token) = with_a_session_seen_long_ago();
    server.client.get("/api/v1/users/me").bearer(&token).send().expect_status(200);
    server.signal(Signal::TERM);
    let (status, _, log) = server.ended();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(is_seen(&database), "{log}");
}
