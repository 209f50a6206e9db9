//! A cluster of three.
use crate::bus::session;
use crate::node::{Node, TIMING, until};
use crate::server::{Certificate, RedisServer, free_port};
use doorward_ports::outbound::{HealthProbe, RevocationBus};
use doorward_redis::Address;
use doorward_testkit::shared_cache::CacheUnderTest;
use std::process::Command;
use std::time::{Duration, Instant};

struct Cluster(Vec<RedisServer>);

impl Cluster {
    fn start() -> Self {
        let cluster = Self::of(RedisServer::with, &[]);
        cluster.until_whole();
        cluster
    }

    fn of(server: impl Fn(&str) -> RedisServer, options: &[&str]) -> Self {
        let settings = || {
            format!(
                "cluster-enabled yes\ncluster-port {}\ncluster-announce-ip 127.0.0.1\ncluster-node-timeout 1000\n",
                free_port()
            )
        };
        let servers: Vec<_> = (0..3).map(|_| server(&settings())).collect();
        let mut create = Command::new("redis-cli");
        create.args(options).args(["--cluster", "create", "--cluster-yes"]);
        create.args(servers.iter().map(|server| server.address().to_string()));
        let created = create.output().expect("redis-cli comes with redis-server");
        assert!(created.status.success(), "{}", String::from_utf8_lossy(&created.stdout));
        Self(servers)
    }

    fn until_whole(&self) {
        let begun = Instant::now();
        while !self.0.iter().all(|server| server.command(&[b"CLUSTER", b"INFO"]).contains("cluster_state:ok")) {
            assert!(begun.elapsed() < Duration::from_secs(20), "the cluster does not come together");
            std::thread::yield_now();
        }
    }

    fn urls(&self) -> String {
        self.0.iter().map(RedisServer::url).collect::<Vec<_>>().join(",")
    }

    async fn node(&self, seed: u64) -> Node {
        Node::up(Address::at(&self.urls()), seed).await
    }
}

async fn on_a_cluster() -> CacheUnderTest {
    let cluster = Cluster::start();
    let (one, other) = (cluster.node(1).await, cluster.node(2).await);
    CacheUnderTest { one: one.cache, other: other.cache, kept: Box::new(cluster) }
}

doorward_testkit::shared_cache_conformance!(on_a_cluster);

#[tokio::test]
async fn nodes_that_speak_with_different_servers_hear_each_other() {
    let cluster = Cluster::start();
    let [a, b, _] = [0, 1, 2].map(|n| cluster.0[n].url());
    let one = Node::told(&format!("{a},{b}"), 1).await;
    let two = Node::told(&format!("{b},{a}"), 2).await;
    one.bus.publish(&[session(1)]);
    until("the other hears", || two.heard.all() == [session(1)]).await;
}

#[tokio::test]
async fn a_cluster_that_loses_a_server_is_done_without_until_it_is_whole_again() {
    let mut cluster = Cluster::start();
    let node = cluster.node(1).await;
    cluster.0[0].kill();
    let begun = Instant::now();
    for n in 0..1_000 {
        assert!(!node.has(n).await);
    }
    assert!(begun.elapsed() < TIMING.patience * 3 / 2, "{:?}", begun.elapsed());
    cluster.0[0].resume();
    cluster.until_whole();
    node.until_up().await;
    for n in 0..100 {
        node.put(n).await;
        assert!(node.has(n).await);
    }
}

#[tokio::test]
async fn the_bus_goes_on_at_another_server_when_its_own_is_gone() {
    let mut cluster = Cluster::start();
    let (one, two) = (cluster.node(1).await, cluster.node(2).await);
    cluster.0[0].kill();
    until("they notice", || !one.bus.is_up() || !two.bus.is_up()).await;
    until("they are told again", || one.bus.is_up() && two.bus.is_up()).await;
    one.bus.publish(&[session(1)]);
    until("the other hears", || two.heard.all() == [session(1)]).await;
}

#[tokio::test]
async fn by_tls_only_a_cluster_whose_certificates_are_vouched_for_is_spoken_to() {
    let certificate = Certificate::new();
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("cert.pem");
    std::fs::write(&file, &certificate.pem).expect("the folder is ours");
    let options = ["--tls", "--cacert", file.to_str().expect("it is text")];
    let cluster = Cluster::of(|settings| RedisServer::with_tls(&certificate, settings), &options);
    let urls = cluster.0.iter().map(RedisServer::tls_url).collect::<Vec<_>>().join(",");
    let address = Address { authorities: Some(certificate.pem.as_bytes()), ..Address::at(&urls) };
    let believes = Node::up(address, 1).await;
    for n in 0..100 {
        believes.put(n).await;
        assert!(believes.has(n).await);
    }
    let doubts = Node::at(&urls, 2);
    tokio::time::sleep(TIMING.longest_wait).await;
    assert!(!doubts.redis.works(), "nobody it knows vouches for these certificates");
}
