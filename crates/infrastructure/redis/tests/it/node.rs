//! One node of the service at a Redis.
use crate::server::RedisServer;
use doorward_ports::outbound::{CacheKey, HealthProbe, Revocation, RevocationBus, SharedCache};
use doorward_redis::{Address, Redis, RedisBus, RedisCache, Timing};
use doorward_testkit::SeededRandom;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;

pub const PATIENCE: Duration = Duration::from_secs(20);

/// A quick one, so that tests are.
pub const TIMING: Timing = Timing {
    heartbeat: Duration::from_millis(50),
    silence: Duration::from_millis(400),
    answer: Duration::from_millis(400),
    patience: Duration::from_millis(400),
    first_wait: Duration::from_millis(20),
    longest_wait: Duration::from_millis(200),
};

/// What a user of Redis needs to be allowed; the documentation says the same.
const RIGHTS: &str =
    "~doorward:* &doorward:* +ping +unwatch +get +set +unlink +eval +evalsha +time +subscribe +publish";

/// Makes a user with these rights and no other.
pub fn user_with_rights(server: &RedisServer) -> String {
    let documentation = include_str!("../../../../../docs/features/redis.md");
    assert!(documentation.contains(RIGHTS), "docs/features/redis.md says: {RIGHTS}");
    let mut words: Vec<&[u8]> = vec![b"ACL", b"SETUSER", b"doorward", b"on", b">pw"];
    words.extend(RIGHTS.split(' ').map(str::as_bytes));
    server.command(&words);
    server.url().replace("redis://", "redis://doorward:pw@")
}

#[derive(Default)]
pub struct Heard(Mutex<Vec<Revocation>>);

impl Heard {
    pub fn all(&self) -> Vec<Revocation> {
        self.0.lock().expect("nobody panics with it").clone()
    }
}

impl RevocationBus for Heard {
    fn publish(&self, revocations: &[Revocation]) {
        self.0.lock().expect("nobody panics with it").extend_from_slice(revocations);
    }
}

pub struct Node {
    pub redis: Arc<Redis>,
    pub bus: Arc<RedisBus>,
    pub cache: Arc<RedisCache>,
    pub heard: Arc<Heard>,
    /// Ends with the node.
    _running: JoinSet<()>,
}

impl Node {
    pub fn at(url: &str, seed: u64) -> Self {
        Self::by(Address::at(url), seed)
    }

    pub fn by(address: Address<'_>, seed: u64) -> Self {
        let heard = Arc::new(Heard::default());
        let random = Arc::new(SeededRandom::new(seed));
        let redis = Arc::new(Redis::new(address, TIMING, heard.clone(), random).expect("it is an address"));
        let (carrying, keeping, mut running) = (redis.clone(), redis.clone(), JoinSet::new());
        running.spawn(async move { carrying.carry_messages().await });
        running.spawn(async move { keeping.keep_connection().await });
        Self { bus: redis.bus(), cache: redis.cache(), redis, heard, _running: running }
    }

    /// Both its parts work.
    pub async fn up(address: Address<'_>, seed: u64) -> Self {
        let node = Self::by(address, seed);
        node.until_up().await;
        node
    }

    /// It is told of revocations.
    pub async fn told(url: &str, seed: u64) -> Self {
        let node = Self::at(url, seed);
        until("it is up", || node.bus.is_up()).await;
        node
    }

    pub async fn until_up(&self) {
        until("it is up", || self.redis.works()).await;
    }

    pub async fn until_down(&self) {
        until("it is down", || !self.redis.works()).await;
    }

    pub async fn put(&self, id: impl ToString) {
        self.cache.put(&entry(id.to_string()), b"value".to_vec(), PATIENCE * 10).await;
    }

    pub async fn has(&self, id: impl ToString) -> bool {
        self.cache.get(&entry(id.to_string())).await.is_some()
    }
}

fn entry(id: String) -> CacheKey {
    CacheKey::new("test", id)
}

pub async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
