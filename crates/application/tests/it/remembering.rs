//! What a node remembers, it does not ask for.
use crate::world::{SECOND, World};
use async_trait::async_trait;
use doorward_domain::{Session, SessionId};
use doorward_memory::{CachedLookup, Caching, Freshness, Invalidations, RevocationWatch, Shared};
use doorward_ports::outbound::{
    CacheKey, Exchange, Lookup, ReadWork, SessionStates, SharedCache, Store, StoreError, UserDirectory, WriteWork,
};
use doorward_ports::usage::{CallKind, Usage};
use doorward_sql_testing::TestDatabase;
use doorward_testbed::keep_reading;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Counts every question to the parts that it stands before.
#[derive(Default)]
struct Trips {
    database: AtomicU32,
    shared: AtomicU32,
}

impl Trips {
    fn to_database(&self) {
        self.database.fetch_add(1, Ordering::SeqCst);
    }

    /// To the database, and to the cache that nodes share.
    fn made(&self) -> (u32, u32) {
        (self.database.swap(0, Ordering::SeqCst), self.shared.swap(0, Ordering::SeqCst))
    }
}

struct Counted<T: ?Sized>(Arc<Trips>, Arc<T>);

#[async_trait]
impl Store for Counted<dyn Store> {
    async fn write(&self) -> Result<Box<dyn WriteWork>, StoreError> {
        self.0.to_database();
        self.1.write().await
    }

    async fn read(&self) -> Result<Box<dyn ReadWork>, StoreError> {
        self.0.to_database();
        self.1.read().await
    }

    async fn snapshot(&self) -> Result<Box<dyn ReadWork>, StoreError> {
        self.0.to_database();
        self.1.snapshot().await
    }

    async fn exchange(&self, id: SessionId, exchange: &Exchange) -> Result<Option<Session>, StoreError> {
        self.0.to_database();
        self.1.exchange(id, exchange).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.0.to_database();
        self.1.ping().await
    }

    async fn try_write(&self) -> Result<(), StoreError> {
        self.0.to_database();
        self.1.try_write().await
    }
}

#[async_trait]
impl<K: Send + Sync, V: Send> Lookup<K, V> for Counted<dyn Lookup<K, V>> {
    async fn find(&self, key: &K) -> Result<Option<V>, StoreError> {
        self.0.to_database();
        self.1.find(key).await
    }

    async fn find_many(&self, keys: &[K]) -> Result<HashMap<K, V>, StoreError> {
        self.0.to_database();
        self.1.find_many(keys).await
    }
}

/// A cache that has nothing.
struct Empty(Arc<Trips>);

#[async_trait]
impl SharedCache for Empty {
    async fn get(&self, _: &CacheKey) -> Option<Vec<u8>> {
        self.0.shared.fetch_add(1, Ordering::SeqCst);
        None
    }

    async fn put(&self, _: &CacheKey, _: Vec<u8>, _: Duration) {
        self.0.shared.fetch_add(1, Ordering::SeqCst);
    }
}

/// The world with a node's memory before its database, and every trip counted.
async fn remembering() -> (World, Arc<Trips>, Arc<Freshness>) {
    let database = TestDatabase::sqlite().await;
    let (opened, trips) = (database.open(), Arc::new(Trips::default()));
    let world = World::on(database, |_| {});
    let freshness = Freshness::stale();
    let invalidations = Arc::new(Invalidations::default());
    keep_reading(RevocationWatch::new(opened.revocations, invalidations.clone(), freshness.clone(), 60 * SECOND));
    let remembering = world.changed(|tools, _| {
        let shared = Shared::new(
            Arc::new(Empty(trips.clone())),
            tools.sealer.clone(),
            tools.clock.clone(),
            tokio::runtime::Handle::current(),
        );
        let caching = || Caching {
            invalidations: invalidations.clone(),
            freshness: freshness.clone(),
            shared: Some(shared.clone()),
            rights: Arc::default(),
            clock: tools.clock.clone(),
            observer: Arc::new(()),
        };
        let sessions: Arc<SessionStates> = Arc::new(Counted(trips.clone(), tools.session_states.clone()));
        let users: Arc<UserDirectory> = Arc::new(Counted(trips.clone(), tools.users.clone()));
        tools.session_states = Arc::new(CachedLookup::new(sessions, caching(), 100));
        tools.users = Arc::new(CachedLookup::new(users, caching(), 100));
        tools.store = Arc::new(Counted(trips.clone(), tools.store.clone()));
    });
    (remembering, trips, freshness)
}

/// Stops the time at a moment at which memory counts, however slow the machine is.
async fn stop_time(freshness: &Freshness) {
    loop {
        tokio::time::pause();
        if freshness.lasts() {
            return;
        }
        tokio::time::resume();
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// It goes to the others in a task of its own, which has its turn now.
async fn what_was_learned_is_offered() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn ones_own_account_is_shown_without_any_question_once_it_is_warm() {
    let (world, trips, freshness) = remembering().await;
    let ann = world.person("ann").await;
    let ask = async || {
        let caller = world.identify(&ann.tokens).await.unwrap();
        world.accounts().own(&caller).await.unwrap()
    };
    stop_time(&freshness).await;
    ask().await;
    what_was_learned_is_offered().await;
    trips.made();
    let usage = Arc::<Usage>::default();
    for _ in 0..100 {
        assert_eq!(Usage::during(Some(usage.clone()), ask()).await.id, ann.id());
    }
    assert_eq!(trips.made(), (0, 0));
    assert_eq!((usage.statements(), usage.cache_hits(), usage.cache_misses()), (0, 200, 0));
    assert!(usage.waited(CallKind::Cache) > Duration::ZERO, "{usage:?}");
    tokio::time::resume();
    world.system().ready().await.unwrap();
    assert_eq!(trips.made(), (1, 0), "the counter counts");
}
