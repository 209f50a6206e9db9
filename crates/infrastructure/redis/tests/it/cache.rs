//! What nodes keep for each other, while their Redis is killed, frozen, emptied and taken over by others.
use crate::node::{Node, TIMING, user_with_rights};
use crate::server::RedisServer;
use doorward_ports::outbound::{ConnectionPools, HealthProbe, PoolState};
use doorward_ports::usage::{CallKind, Usage};
use doorward_redis::{Address, Redis};
use doorward_testkit::SeededRandom;
use doorward_testkit::shared_cache::CacheUnderTest;
use rustix::process::Signal;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

async fn on_redis() -> CacheUnderTest {
    let server = RedisServer::start();
    let url = server.url();
    let (one, other) = (Node::up(Address::at(&url), 1).await, Node::up(Address::at(&url), 2).await);
    CacheUnderTest { one: one.cache, other: other.cache, kept: Box::new(server) }
}

doorward_testkit::shared_cache_conformance!(on_redis);

/// Less than any wait for an answer.
const AT_ONCE: Duration = Duration::from_millis(100);

async fn node_at(server: &RedisServer) -> Node {
    Node::up(Address::at(&server.url()), 1).await
}

/// How long so many operations take that find nothing.
async fn time_of(operations: u32, node: &Node) -> Duration {
    let begun = Instant::now();
    for _ in 0..operations {
        assert!(!node.has("ann").await, "a Redis that is gone has nothing");
    }
    begun.elapsed()
}

#[tokio::test]
async fn a_frozen_redis_costs_one_wait_and_then_nothing() {
    let server = RedisServer::start();
    let node = node_at(&server).await;
    node.put("ann").await;
    server.signal(Signal::STOP);
    let usage = Arc::<Usage>::default();
    let first = Usage::during(Some(usage.clone()), time_of(1, &node)).await;
    assert!(first < TIMING.patience + AT_ONCE, "{first:?}");
    assert!(usage.waited(CallKind::Redis) >= TIMING.patience, "the request waited for it: {usage:?}");
    let more = time_of(1_000, &node).await;
    assert!(more < AT_ONCE, "{more:?}");
    server.signal(Signal::CONT);
    node.until_up().await;
    assert!(node.has("ann").await, "it is as it was");
}

#[tokio::test]
async fn all_that_wait_when_it_freezes_wait_together() {
    let server = RedisServer::start();
    let node = Arc::new(node_at(&server).await);
    server.signal(Signal::STOP);
    let begun = Instant::now();
    let waiting: Vec<_> = (0..100)
        .map(|n| {
            tokio::spawn({
                let node = node.clone();
                async move { node.has(n).await }
            })
        })
        .collect();
    for one in waiting {
        assert!(!one.await.expect("it does not panic"));
    }
    assert!(begun.elapsed() < TIMING.patience * 2, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_frozen_redis_that_nobody_asks_is_noticed() {
    let server = RedisServer::start();
    let node = node_at(&server).await;
    server.signal(Signal::STOP);
    node.until_down().await;
    server.signal(Signal::CONT);
    node.until_up().await;
}

#[tokio::test]
async fn a_killed_redis_costs_nothing_and_is_taken_up_again_when_it_is_back() {
    let mut server = RedisServer::start();
    let node = node_at(&server).await;
    node.put("ann").await;
    server.kill();
    let without = time_of(1_000, &node).await;
    assert!(without < AT_ONCE, "{without:?}");
    server.resume();
    node.until_up().await;
    assert!(!node.has("ann").await, "it came back empty");
    node.put("ann").await;
    assert!(node.has("ann").await);
}

#[tokio::test]
async fn a_check_tells_whether_redis_answers_and_how_long_it_took() {
    let mut server = RedisServer::start();
    let alone =
        || Redis::new(Address::at(&server.url()), TIMING, Arc::new(()), Arc::new(SeededRandom::new(1))).unwrap();
    let (redis, other) = (alone(), alone());
    assert_eq!(redis.took(), Duration::ZERO, "nothing was asked yet");
    let took = redis.check().await.unwrap();
    assert!(took > Duration::ZERO && took == redis.took(), "{took:?}");
    server.kill();
    assert!(other.check().await.is_err());
}

#[tokio::test]
async fn its_one_connection_is_in_use_while_it_is_reached() {
    let mut server = RedisServer::start();
    let node = node_at(&server).await;
    let pool = |in_use| PoolState { pool: "redis", in_use, idle: 0, max: 1, waiting: 0 };
    assert_eq!(node.redis.pools(), [pool(1)]);
    server.kill();
    node.put("ann").await;
    assert_eq!(node.redis.pools(), [pool(0)]);
    assert!(node.redis.effect().starts_with("Requests are answered as usual."));
}

#[tokio::test]
async fn one_who_begins_without_redis_finds_it_later() {
    let mut server = RedisServer::start();
    server.kill();
    let node = Node::at(&server.url(), 1);
    node.put("ann").await;
    let without = time_of(1_000, &node).await;
    assert!(without < AT_ONCE, "{without:?}");
    server.resume();
    node.until_up().await;
    node.put("ann").await;
    assert!(node.has("ann").await);
}

#[tokio::test]
async fn an_address_that_swallows_everything_costs_nothing() {
    // It listens, and never accepts.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let node = Node::at(&format!("redis://{}", listener.local_addr().expect("it is bound")), 1);
    tokio::time::sleep(TIMING.answer * 2).await;
    let without = time_of(1_000, &node).await;
    assert!(without < AT_ONCE, "{without:?}");
}

#[tokio::test]
async fn an_emptied_redis_has_nothing_and_works() {
    let server = RedisServer::start();
    let node = node_at(&server).await;
    node.put("ann").await;
    server.command(&[b"FLUSHALL"]);
    assert!(!node.has("ann").await);
    node.put("ann").await;
    assert!(node.has("ann").await);
}

#[tokio::test]
async fn whatever_is_kept_has_a_name_of_ours_and_a_lifetime() {
    let server = RedisServer::start();
    let node = node_at(&server).await;
    for id in ["ann", "bob", "a name with blanks {and} braces"] {
        node.put(id).await;
    }
    let names = server.command(&[
        b"EVAL",
        b"local names = redis.call('KEYS', '*') \
        for _, name in ipairs(names) do if redis.call('PTTL', name) < 0 then return 'for ever: ' .. name end \
        if not string.find(name, '^doorward:{%a+:.+}$') then return 'foreign: ' .. name end end return #names",
        b"0",
    ]);
    // The probe of the node's connection is the fourth.
    assert_eq!(names.trim(), ":4", "{names}");
}

#[tokio::test]
async fn a_redis_that_is_full_is_done_without() {
    let server = RedisServer::start();
    let node = node_at(&server).await;
    server.command(&[b"CONFIG", b"SET", b"maxmemory", b"1"]);
    node.until_down().await;
    server.command(&[b"CONFIG", b"SET", b"maxmemory", b"0"]);
    node.until_up().await;
}

#[tokio::test]
async fn a_user_with_the_documented_rights_suffices() {
    let server = RedisServer::start();
    let node = Node::up(Address::at(&user_with_rights(&server)), 1).await;
    node.put("ann").await;
    assert!(node.has("ann").await);
    assert!(!node.has("bob").await && node.redis.works(), "nothing was refused");
    tokio::time::sleep(TIMING.heartbeat * 4).await;
    assert!(node.has("ann").await && node.redis.works(), "nor is the check of the connection");
}

/// The connections' tasks outlive the runtime of whoever asks, as HTTP workers' do.
#[test]
fn whoever_asks_may_live_on_a_runtime_of_his_own() {
    let backend = tokio::runtime::Runtime::new().expect("there are threads");
    let server = RedisServer::start();
    let node = Arc::new(backend.block_on(node_at(&server)));
    for n in 0..3 {
        let worker = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("there are threads");
        worker.block_on(async {
            node.put(n).await;
            assert!(node.has(n).await);
        });
    }
}
