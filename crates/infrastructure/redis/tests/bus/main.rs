//! Two nodes' buses on a real Redis: `tests/run redis`.
mod server;

use doorward_application::ports::outbound::{HealthProbe, Revocation, RevocationBus};
use doorward_domain::{SessionId, Timestamp};
use doorward_redis::{Address, Pace, RedisBus};
use doorward_testkit::SeededRandom;
use rustix::process::Signal;
use server::RedisServer;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::Instant;

const PATIENCE: Duration = Duration::from_secs(20);

/// A quick one, so that tests are.
const PACE: Pace = Pace {
    heartbeat: Duration::from_millis(50),
    silence: Duration::from_millis(400),
    answer: Duration::from_millis(400),
    first_wait: Duration::from_millis(20),
    longest_wait: Duration::from_millis(200),
};

#[derive(Default)]
struct Heard(Mutex<Vec<Revocation>>);

impl Heard {
    fn all(&self) -> Vec<Revocation> {
        self.0.lock().expect("nobody panics with it").clone()
    }
}

impl RevocationBus for Heard {
    fn publish(&self, revocations: &[Revocation]) {
        self.0.lock().expect("nobody panics with it").extend_from_slice(revocations);
    }
}

struct Node {
    bus: Arc<RedisBus>,
    heard: Arc<Heard>,
}

impl Node {
    fn at(url: &str, seed: u64) -> Self {
        Self::by(Address { url, authorities: None }, seed)
    }

    fn by(address: Address<'_>, seed: u64) -> Self {
        let heard = Arc::new(Heard::default());
        let random = Arc::new(SeededRandom::new(seed));
        let bus = RedisBus::start(address, PACE, heard.clone(), random, &Handle::current()).expect("it is an address");
        Self { bus, heard }
    }

    async fn up(url: &str, seed: u64) -> Self {
        let node = Self::at(url, seed);
        until("it is up", || node.bus.works()).await;
        node
    }
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn shared_url() -> String {
    std::env::var("DOORWARD_TEST_REDIS_URL").expect("run the tests by `tests/run redis`, which starts Redis")
}

fn session(n: u8) -> Revocation {
    Revocation::Session(SessionId::mint(Timestamp::EPOCH, [n; 10]))
}

#[tokio::test]
async fn what_one_node_revokes_the_other_hears_and_itself_does_not() {
    let (one, two) = (Node::up(&shared_url(), 1).await, Node::up(&shared_url(), 2).await);
    let told = [session(101), session(102), Revocation::Everyone];
    one.bus.publish(&told);
    until("the other hears", || two.heard.all().len() >= told.len()).await;
    tokio::time::sleep(PACE.heartbeat * 2).await;
    assert_eq!(two.heard.all(), told);
    assert_eq!(one.heard.all(), []);
}

#[tokio::test]
async fn thousands_at_once_all_arrive_in_their_order() {
    let server = RedisServer::start();
    let (one, two) = (Node::up(&server.url(), 1).await, Node::up(&server.url(), 2).await);
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
    assert!(!node.bus.works());
}

#[tokio::test]
async fn a_killed_redis_is_noticed_and_taken_up_again_when_it_is_back() {
    let mut server = RedisServer::start();
    let (one, two) = (Node::up(&server.url(), 1).await, Node::up(&server.url(), 2).await);
    server.kill();
    until("both notice", || !one.bus.works() && !two.bus.works()).await;
    one.bus.publish(&[session(1)]);
    server.resume();
    until("both are up again", || one.bus.works() && two.bus.works()).await;
    one.bus.publish(&[session(2)]);
    until("the other hears", || !two.heard.all().is_empty()).await;
    assert_eq!(two.heard.all(), [session(2)], "what could not be told is not told late");
}

#[tokio::test]
async fn a_frozen_redis_is_noticed_by_its_silence() {
    let server = RedisServer::start();
    let node = Node::up(&server.url(), 1).await;
    server.signal(Signal::STOP);
    let begun = Instant::now();
    until("it notices", || !node.bus.works()).await;
    assert!(begun.elapsed() < PACE.silence + PACE.answer, "{:?}", begun.elapsed());
    server.signal(Signal::CONT);
    until("it is up again", || node.bus.works()).await;
}

#[tokio::test]
async fn foreign_bytes_on_the_channel_hurt_nobody() {
    let server = RedisServer::start();
    let (one, two) = (Node::up(&server.url(), 1).await, Node::up(&server.url(), 2).await);
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
    let (one, two) = (Node::up(&server.url(), 1).await, Node::up(&server.url(), 2).await);
    server.command(&[b"CLIENT", b"KILL", b"TYPE", b"pubsub"]);
    until("one of them notices", || !one.bus.works() || !two.bus.works()).await;
    until("both are up again", || one.bus.works() && two.bus.works()).await;
    one.bus.publish(&[session(1)]);
    until("the other hears", || two.heard.all() == [session(1)]).await;
}

#[tokio::test]
async fn a_wrong_password_is_degraded_and_no_panic() {
    let server = RedisServer::start();
    server.command(&[b"CONFIG", b"SET", b"requirepass", b"right"]);
    let wrong = Node::at(&server.url().replace("redis://", "redis://:wrong@"), 1);
    let right = Node::up(&server.url().replace("redis://", "redis://:right@"), 2).await;
    tokio::time::sleep(PACE.longest_wait).await;
    assert!(!wrong.bus.works() && right.bus.works());
}

#[tokio::test]
async fn a_user_with_the_documented_rights_suffices() {
    let server = RedisServer::start();
    server.command(&[b"ACL", b"SETUSER", b"doorward", b"on", b">pw", b"+subscribe", b"+publish", b"&doorward:*"]);
    let url = server.url().replace("redis://", "redis://doorward:pw@");
    let (one, two) = (Node::up(&url, 1).await, Node::up(&url, 2).await);
    one.bus.publish(&[session(1)]);
    until("the other hears", || two.heard.all() == [session(1)]).await;
}

#[tokio::test]
async fn by_tls_only_a_redis_whose_certificate_is_vouched_for_is_spoken_to() {
    // The program chooses it first of all.
    rustls::crypto::aws_lc_rs::default_provider().install_default().expect("no other test of this process does");
    let certificate = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (pem, key) = (certificate.cert.pem(), certificate.signing_key.serialize_pem());
    let server = RedisServer::start_with_tls(&pem, &key);
    let url = server.url().replace("redis://127.0.0.1", "rediss://localhost");
    let believes = Node::by(Address { url: &url, authorities: Some(pem.as_bytes()) }, 1);
    until("it is up", || believes.bus.works()).await;
    let doubts = Node::at(&url, 2);
    tokio::time::sleep(PACE.longest_wait).await;
    assert!(!doubts.bus.works(), "nobody it knows vouches for this certificate");
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_at_the_start() {
    let address = Address { url: "cache:6379", authorities: None };
    let start = RedisBus::start(address, PACE, Arc::new(()), Arc::new(SeededRandom::new(1)), &Handle::current());
    assert!(start.is_err());
}
