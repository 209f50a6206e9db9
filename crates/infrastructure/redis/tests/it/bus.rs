//! Two nodes that tell each other.
use crate::node::{Node, TIMING, until, user_with_rights};
use crate::server::{Certificate, RedisServer};
use doorward_domain::{SessionId, Timestamp};
use doorward_ports::outbound::{Revocation, RevocationBus};
use doorward_redis::{Address, Redis};
use doorward_testkit::SeededRandom;
use rustix::process::Signal;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

fn shared_url() -> String {
    std::env::var("DOORWARD_TEST_REDIS_URL").expect("run the tests by `tests/run redis`, which starts Redis")
}

pub fn session(n: u8) -> Revocation {
    Revocation::Session(SessionId::mint(Timestamp::EPOCH, [n; 10]))
}

#[tokio::test]
async fn what_one_node_revokes_the_other_hears_and_itself_does_not() {
    let (one, two) = (Node::told(&shared_url(), 1).await, Node::told(&shared_url(), 2).await);
    let told = [session(101), session(102), Revocation::Everyone];
    one.bus.publish(&told);
    until("the other hears", || two.heard.all().len() >= told.len()).await;
    tokio::time::sleep(TIMING.heartbeat * 2).await;
    assert_eq!(two.heard.all(), told);
    assert_eq!(one.heard.all(), []);
}

#[tokio::test]
async fn thousands_at_once_all_arrive_in_their_order() {
    let server = RedisServer::start();
    let (one, two) = (Node::told(&server.url(), 1).await, Node::told(&server.url(), 2).await);
    let told: Vec<_> =
        (0..4_000).map(|n| Revocation::Session(SessionId::mint(Timestamp::from_seconds(n), [0; 10]))).collect();
    one.bus.publish(&told);
    until("the other hears all", || two.heard.all().len() >= told.len()).await;
    assert!(two.heard.all() == told);
}

#[tokio::test]
async fn publishing_waits_for_nothing_when_nobody_is_there() {
    let node = Node::at("redis://127.0.0.1:1", 1);
    let begun = Instant::now();
    for n in 0..100 {
        node.bus.publish(&[session(n); 1_000]);
    }
    assert!(begun.elapsed() < Duration::from_millis(500), "{:?}", begun.elapsed());
    assert!(!node.bus.is_up());
}

#[tokio::test]
async fn a_killed_redis_is_noticed_and_taken_up_again_when_it_is_back() {
    let mut server = RedisServer::start();
    let (one, two) = (Node::told(&server.url(), 1).await, Node::told(&server.url(), 2).await);
    server.kill();
    until("both notice", || !one.bus.is_up() && !two.bus.is_up()).await;
    one.bus.publish(&[session(1)]);
    server.resume();
    until("both are up again", || one.bus.is_up() && two.bus.is_up()).await;
    one.bus.publish(&[session(2)]);
    until("the other hears", || !two.heard.all().is_empty()).await;
    assert_eq!(two.heard.all(), [session(2)], "what could not be told is not told late");
}

#[tokio::test]
async fn a_frozen_redis_is_noticed_by_its_silence() {
    let server = RedisServer::start();
    let node = Node::told(&server.url(), 1).await;
    server.signal(Signal::STOP);
    let begun = Instant::now();
    until("it notices", || !node.bus.is_up()).await;
    assert!(begun.elapsed() < TIMING.silence + TIMING.answer, "{:?}", begun.elapsed());
    server.signal(Signal::CONT);
    until("it is up again", || node.bus.is_up()).await;
}

#[tokio::test]
async fn foreign_bytes_on_the_channel_hurt_nobody() {
    let server = RedisServer::start();
    let (one, two) = (Node::told(&server.url(), 1).await, Node::told(&server.url(), 2).await);
    for bytes in [&b""[..], b"hello", b"\x01", b"\x01node-one?", b"\xff\xff\xff\xff"] {
        server.command(&[b"PUBLISH", b"doorward:{bus}:revocations", bytes]);
    }
    one.bus.publish(&[session(1)]);
    until("the other hears", || !two.heard.all().is_empty()).await;
    assert_eq!(two.heard.all(), [session(1)]);
}

#[tokio::test]
async fn a_connection_cut_by_redis_is_made_anew() {
    let server = RedisServer::start();
    let (one, two) = (Node::told(&server.url(), 1).await, Node::told(&server.url(), 2).await);
    server.command(&[b"CLIENT", b"KILL", b"TYPE", b"pubsub"]);
    until("one of them notices", || !one.bus.is_up() || !two.bus.is_up()).await;
    until("both are up again", || one.bus.is_up() && two.bus.is_up()).await;
    one.bus.publish(&[session(1)]);
    until("the other hears", || two.heard.all() == [session(1)]).await;
}

#[tokio::test]
async fn a_wrong_password_is_degraded_and_no_panic() {
    let server = RedisServer::start();
    server.command(&[b"CONFIG", b"SET", b"requirepass", b"right"]);
    let wrong = Node::at(&server.url().replace("redis://", "redis://:wrong@"), 1);
    let right = Node::told(&server.url().replace("redis://", "redis://:right@"), 2).await;
    tokio::time::sleep(TIMING.longest_wait).await;
    assert!(!wrong.bus.is_up() && right.bus.is_up());
}

#[tokio::test]
async fn a_user_with_the_documented_rights_suffices() {
    let server = RedisServer::start();
    let url = user_with_rights(&server);
    let (one, two) = (Node::told(&url, 1).await, Node::told(&url, 2).await);
    one.bus.publish(&[session(1)]);
    until("the other hears", || two.heard.all() == [session(1)]).await;
}

#[tokio::test]
async fn by_tls_only_a_redis_whose_certificate_is_vouched_for_is_spoken_to() {
    let certificate = Certificate::new();
    let server = RedisServer::with_tls(&certificate, "");
    let url = server.url().replace("redis://127.0.0.1", "rediss://localhost");
    let believes = Node::by(Address { authorities: Some(certificate.pem.as_bytes()), ..Address::at(&url) }, 1);
    until("it is up", || believes.bus.is_up()).await;
    let doubts = Node::at(&url, 2);
    tokio::time::sleep(TIMING.longest_wait).await;
    assert!(!doubts.bus.is_up(), "nobody it knows vouches for this certificate");
}

#[tokio::test]
async fn addresses_that_are_none_are_refused_at_the_start() {
    for address in ["cache:6379", "", "redis://one,", "redis://one,rediss://two", "redis://one/1,redis://two"] {
        let random = Arc::new(SeededRandom::new(1));
        let start = Redis::new(Address::at(address), TIMING, Arc::new(()), random);
        assert!(start.is_err(), "{address}");
    }
}
