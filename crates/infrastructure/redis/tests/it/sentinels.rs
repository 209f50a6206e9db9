//! A master, its replica, and a sentinel that changes their places.
use crate::bus::session;
use crate::node::{Node, PATIENCE, TIMING, until};
use crate::server::{Certificate, RedisServer};
use doorward_ports::outbound::{HealthProbe, RevocationBus};
use doorward_redis::{Address, Sentinels};
use std::time::{Duration, Instant};

const OWN_PASSWORD: &str = "a password of sentinels";

struct Watched {
    master: RedisServer,
    replica: RedisServer,
    sentinel: RedisServer,
}

impl Watched {
    fn start() -> Self {
        let passwords = "requirepass pw\nmasterauth pw\n";
        let master = RedisServer::with(passwords);
        let port = master.address().port();
        let replica =
            RedisServer::with(&format!("replicaof 127.0.0.1 {port}\nrepl-ping-replica-period 1\n{passwords}"));
        let sentinel = RedisServer::sentinel(&format!(
            "requirepass \"{OWN_PASSWORD}\"\nsentinel monitor main 127.0.0.1 {port} 1\nsentinel auth-pass main pw\n\
             sentinel down-after-milliseconds main 500\nsentinel failover-timeout main 2000\n"
        ));
        Self { master, replica, sentinel }
    }

    async fn node(&self, seed: u64) -> Node {
        // The first can't be reached.
        let urls = format!("redis://:pw@127.0.0.1:1,{}", self.sentinel.url());
        let sentinels = Sentinels { master: "main", password: Some(OWN_PASSWORD) };
        Node::up(Address { sentinels: Some(sentinels), ..Address::at(&urls) }, seed).await
    }

    /// The sentinel learns of the replica from the master, and then how far it is.
    async fn until_the_replica_is_known(&self) {
        let known = || {
            let told = self.sentinel.command_as(OWN_PASSWORD, &[b"SENTINEL", b"REPLICAS", b"main"]);
            let in_step = told.contains("master-link-status\r\n$2\r\nok");
            in_step && told.contains(&self.replica.address().port().to_string()) && !told.contains("s_down")
        };
        until("the sentinel knows the replica", known).await;
    }
}

#[tokio::test]
async fn when_the_master_dies_nodes_follow_to_the_new_one() {
    let mut watched = Watched::start();
    let (one, two) = (watched.node(1).await, watched.node(2).await);
    one.put("ann").await;
    assert!(two.has("ann").await);
    watched.until_the_replica_is_known().await;
    watched.master.kill();
    one.until_down().await;
    two.until_down().await;
    one.until_up().await;
    two.until_up().await;
    one.put("bob").await;
    assert!(two.has("bob").await);
    one.bus.publish(&[session(1)]);
    until("the other hears", || two.heard.all() == [session(1)]).await;
}

#[tokio::test]
async fn a_master_that_was_put_in_second_place_is_left() {
    let watched = Watched::start();
    let node = watched.node(1).await;
    watched.until_the_replica_is_known().await;
    watched.sentinel.command_as(OWN_PASSWORD, &[b"SENTINEL", b"FAILOVER", b"main"]);
    until("the places are changed", || watched.replica.command_as("pw", &[b"ROLE"]).contains("master")).await;
    let begun = Instant::now();
    while !watched.replica.command_as("pw", &[b"GET", b"doorward:{test:ann}"]).contains("value") {
        assert!(begun.elapsed() < PATIENCE, "it stays with the one that is the master no more");
        node.put("ann").await;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_name_that_no_sentinel_knows_is_degraded_and_no_panic() {
    let watched = Watched::start();
    let sentinels = Sentinels { master: "other", password: Some(OWN_PASSWORD) };
    let node = Node::by(Address { sentinels: Some(sentinels), ..Address::at(&watched.sentinel.url()) }, 1);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!node.bus.is_up());
    node.put("ann").await;
    assert!(!node.has("ann").await);
}

#[tokio::test]
async fn by_tls_only_sentinels_and_a_master_whose_certificates_are_vouched_for_are_spoken_to() {
    let certificate = Certificate::new();
    let master = RedisServer::with_tls(&certificate, "");
    let monitor = format!("sentinel monitor main 127.0.0.1 {} 1\n", master.address().port());
    let sentinel = RedisServer::sentinel_with_tls(&certificate, &monitor);
    let url = sentinel.tls_url();
    let sentinels = Some(Sentinels { master: "main", password: None });
    let address = Address { url: &url, authorities: Some(certificate.pem.as_bytes()), sentinels };
    let believes = Node::up(address, 1).await;
    believes.put("ann").await;
    assert!(believes.has("ann").await);
    let doubts = Node::by(Address { authorities: None, ..address }, 2);
    tokio::time::sleep(TIMING.longest_wait).await;
    assert!(!doubts.redis.works(), "nobody it knows vouches for these certificates");
}
