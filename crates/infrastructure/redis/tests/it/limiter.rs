//! What nodes count together, and what each counts by itself while Redis is gone.
use crate::node::{Node, TIMING, user_with_rights};
use crate::server::RedisServer;
use async_trait::async_trait;
use doorward_domain::{Quota, RateClass, Taken};
use doorward_ports::outbound::{CacheTier, Observer, RateLimiter};
use doorward_ports::usage::{CallKind, Usage};
use doorward_redis::{Address, RedisLimiter};
use doorward_testkit::rate_limiter::LimiterUnderTest;
use rustix::process::Signal;
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

const QUOTA: Quota = Quota { limit: NonZeroU32::new(10).unwrap(), per: Duration::from_hours(24) };

/// Counts by the same rule as Redis, in this process.
#[derive(Default)]
struct Alone(Mutex<HashMap<(RateClass, String), u64>>);

impl Alone {
    fn count<T>(&self, class: RateClass, key: &str, step: impl FnOnce(u64) -> (T, u64)) -> T {
        let mut states = self.0.lock().expect("nobody panics with it");
        let state = states.entry((class, key.to_owned())).or_default();
        let (answer, after) = step(*state);
        *state = after;
        answer
    }
}

#[async_trait]
impl RateLimiter for Alone {
    async fn take(&self, class: RateClass, key: &str, quota: Quota) -> Taken {
        self.count(class, key, |state| quota.take(state, 1))
    }

    async fn give_back(&self, class: RateClass, key: &str, quota: Quota) {
        self.count(class, key, |state| ((), quota.give_back(state)));
    }
}

fn limiter(node: &Node) -> Arc<RedisLimiter> {
    node.redis.limiter(Arc::new(Alone::default()), Arc::new(()))
}

async fn on_redis() -> LimiterUnderTest {
    let server = RedisServer::start();
    let url = server.url();
    let (one, other) = (Node::up(Address::at(&url), 1).await, Node::up(Address::at(&url), 2).await);
    LimiterUnderTest { one: limiter(&one), other: limiter(&other), kept: Box::new((server, one, other)) }
}

doorward_testkit::rate_limiter_conformance!(on_redis);

async fn passed(limiter: &RedisLimiter, tries: u32) -> u32 {
    let mut passed = 0;
    for _ in 0..tries {
        passed += u32::from(limiter.take(RateClass::Login, "ann", QUOTA).await.is_allowed());
    }
    passed
}

/// A round trip would cost more than what is counted.
#[tokio::test]
async fn what_each_node_counts_by_itself_asks_no_redis_and_has_its_whole_quota_on_each() {
    let server = RedisServer::start();
    let url = server.url();
    for seed in [1, 2] {
        let node = Node::up(Address::at(&url), seed).await;
        let asked = Arc::new(Asked::default());
        let limiter = node.redis.limiter(Arc::new(Alone::default()), asked.clone());
        let mut allowed = 0;
        for _ in 0..20 {
            allowed += u32::from(limiter.take(RateClass::Public, "203.0.113.7", QUOTA).await.is_allowed());
        }
        limiter.give_back(RateClass::Public, "203.0.113.7", QUOTA).await;
        allowed += u32::from(limiter.take(RateClass::Public, "203.0.113.7", QUOTA).await.is_allowed());
        assert_eq!((allowed, asked.0.load(Ordering::SeqCst)), (11, 0), "node {seed}");
    }
}

/// How often the shared state was asked.
#[derive(Default)]
struct Asked(AtomicUsize);

impl Observer for Asked {
    fn cache_asked(&self, _: &'static str, _: CacheTier, _: bool) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn rate_limited(&self, _: RateClass) {}

    fn password_hashed(&self, _: Duration) {}

    fn passwords_waiting(&self, _: usize) {}
}

#[tokio::test]
async fn without_redis_a_node_allows_half_and_then_counts_with_the_others_again() {
    let mut server = RedisServer::start();
    let node = Node::up(Address::at(&server.url()), 1).await;
    let limiter = limiter(&node);
    assert_eq!(passed(&limiter, 1).await, 1);
    server.kill();
    assert_eq!(passed(&limiter, 100).await, 5, "neither open nor shut");
    limiter.give_back(RateClass::Login, "ann", QUOTA).await;
    assert_eq!(passed(&limiter, 100).await, 1, "what was given back");
    server.resume();
    node.until_up().await;
    assert_eq!(passed(&limiter, 100).await, 10, "Redis came back empty");
}

#[tokio::test]
async fn a_frozen_redis_costs_one_wait_and_the_limit_holds() {
    let server = RedisServer::start();
    let node = Node::up(Address::at(&server.url()), 1).await;
    let limiter = limiter(&node);
    assert_eq!(passed(&limiter, 8).await, 8);
    server.signal(Signal::STOP);
    let (begun, usage) = (Instant::now(), Arc::<Usage>::default());
    assert_eq!(Usage::during(Some(usage.clone()), passed(&limiter, 100)).await, 5);
    assert!(begun.elapsed() < TIMING.patience * 3 / 2, "{:?}", begun.elapsed());
    assert!(usage.waited(CallKind::Redis) >= TIMING.patience, "the request waited for it: {usage:?}");
    server.signal(Signal::CONT);
    node.until_up().await;
    assert!(passed(&limiter, 100).await <= 2, "what was counted in Redis is still there");
}

#[tokio::test]
async fn what_is_counted_is_forgotten_once_it_says_nothing_more() {
    let server = RedisServer::start();
    let node = Node::up(Address::at(&server.url()), 1).await;
    let limiter = limiter(&node);
    passed(&limiter, 1).await;
    let lives = server.command(&[b"PTTL", b"doorward:{limit:login:ann}"]);
    let lives: u128 = lives.trim().trim_start_matches(':').parse().expect("it is a number");
    assert!(lives > 0 && lives <= QUOTA.interval().as_millis() + 1, "{lives} ms");
}

#[tokio::test]
async fn a_user_with_the_documented_rights_suffices() {
    let server = RedisServer::start();
    let node = Node::up(Address::at(&user_with_rights(&server)), 1).await;
    let limiter = limiter(&node);
    assert_eq!(passed(&limiter, 100).await, 10);
    limiter.give_back(RateClass::Login, "ann", QUOTA).await;
    assert_eq!(passed(&limiter, 100).await, 1);
}

#[tokio::test]
async fn a_script_that_redis_has_forgotten_is_brought_again() {
    let server = RedisServer::start();
    let node = Node::up(Address::at(&server.url()), 1).await;
    let limiter = limiter(&node);
    assert_eq!(passed(&limiter, 3).await, 3);
    server.command(&[b"SCRIPT", b"FLUSH"]);
    assert_eq!(passed(&limiter, 100).await, 7);
}
