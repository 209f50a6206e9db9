//! Two nodes on one Redis count together; without it each counts by itself, and no limit falls.
use std::time::Duration;

use serde_json::json;

use super::health;
use super::redis::RedisServer;
use crate::place::{Kind, Place};
use crate::server::{Server, wait_until};

/// Nothing comes back while a test runs.
const LIMIT: &str = "10/1d";

struct Two {
    redis: RedisServer,
    nodes: [Server; 2],
    _places: [Place; 2],
}

impl Two {
    fn start() -> Self {
        let redis = RedisServer::start();
        let first = Place::on(Kind::Postgres).set("DOORWARD_TOKENS__ISSUER", "http://doorward.test");
        let data = first.data().display().to_string();
        let first = first.set("DOORWARD_STORAGE__DATA_DIR", &data).set("REDIS_URL", &redis.url()).with_limits(LIMIT);
        let second = first.another().with_limits(LIMIT);
        let nodes = [first.start(), second.start()];
        let two = Self { redis, nodes, _places: [first, second] };
        two.until("healthy");
        two
    }

    fn until(&self, status: &str) {
        wait_until(status, || self.nodes.iter().all(|node| health(node.client) == status));
    }

    /// How many of so many sign-ins at once are not told to come back later, on both nodes in turn.
    fn passed(&self, tries: usize) -> usize {
        let attempt = json!({"identifier": "nobody", "password": "velvet-harbor-onion-99"});
        let answers = std::thread::scope(|scope| {
            let ask = |n: usize| self.nodes[n % 2].client.post("/api/v1/auth/login", &attempt).send();
            let asking: Vec<_> = (0..tries).map(|n| scope.spawn(move || ask(n))).collect();
            asking.into_iter().map(|one| one.join().expect("it does not panic")).collect::<Vec<_>>()
        });
        let (passed, limited): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 401);
        for refusal in &limited {
            assert_eq!((refusal.status, refusal.json()["code"].as_str()), (429, Some("rate_limited")));
            let wait: u64 = refusal.header("retry-after").and_then(|wait| wait.parse().ok()).expect("it says when");
            assert!(Duration::from_secs(wait) <= Duration::from_hours(24), "{wait}");
        }
        passed.len()
    }
}

#[test]
fn two_nodes_share_a_quota_exactly() {
    let two = Two::start();
    assert_eq!(two.passed(40), 10);
    assert_eq!(two.passed(10), 0);
}

#[test]
fn without_redis_limits_neither_fall_nor_shut_anybody_out() {
    let mut two = Two::start();
    two.redis.kill();
    two.until("degraded");
    assert_eq!(two.passed(40), 10, "half on each node");
    two.redis.resume();
    two.until("healthy");
    assert_eq!(two.passed(40), 10, "Redis has come back empty, and counts for both again");
}
