//! A database that can be changed, held up and broken; nodes that remember what they read there.
use super::super::Lifetimes;
use crate::watch::keep_reading;
use crate::{CachedLookup, Caching, Freshness, Invalidations, RevocationWatch, Shared};
use async_trait::async_trait;
use doorward_domain::{GrantId, RateClass, SessionId, Timestamp, User, UserId};
use doorward_ports::outbound::{
    CacheKey, CacheTier, LiveClient, LogPosition, Lookup, Observer, OpenSession, Revocation, RevocationBus,
    RevocationLog, SealedPlace, SealingError, SecretSealer, SharedCache, StoreError,
};
use doorward_testkit::{VirtualClock, a_user};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use zeroize::Zeroizing;

pub const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
pub const LIFE: Duration = Duration::from_secs(60);
/// So many entries has each cache of a node.
pub const CAPACITY: u64 = 100;
/// Longer than any late commit in these tests is late.
const OVERLAP: Duration = Duration::from_mins(30);

pub async fn a_moment() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

pub fn user(n: u8) -> UserId {
    UserId::mint(NOW, [n; 10])
}

/// The session of that user.
pub fn session_of(n: u8) -> SessionId {
    SessionId::mint(NOW, [n; 10])
}

/// The truth. A user is a number, and has a version that each change counts up.
pub struct Database {
    versions: Mutex<HashMap<UserId, i64>>,
    log: Mutex<Vec<(LogPosition, Revocation)>>,
    next: AtomicU32,
    is_up: AtomicBool,
    users: AtomicU32,
    sessions: AtomicU32,
    sessions_expire_at: Mutex<Timestamp>,
    hold: Mutex<Option<Arc<Notify>>>,
}

/// Answers wait until it is released.
pub struct Held(Arc<Database>, Arc<Notify>);

impl Held {
    pub fn release(self) {
        *self.0.hold.lock().unwrap() = None;
        self.1.notify_waiters();
    }
}

impl Database {
    pub fn with_users(count: u8) -> Arc<Self> {
        Arc::new(Self {
            versions: Mutex::new((0..count).map(|n| (user(n), 1)).collect()),
            log: Mutex::default(),
            next: AtomicU32::new(1),
            is_up: AtomicBool::new(true),
            users: AtomicU32::new(0),
            sessions: AtomicU32::new(0),
            sessions_expire_at: Mutex::new(NOW.plus(LIFE)),
            hold: Mutex::default(),
        })
    }

    pub fn asked_for_users(&self) -> u32 {
        self.users.load(Ordering::SeqCst)
    }

    pub fn asked_for_sessions(&self) -> u32 {
        self.sessions.load(Ordering::SeqCst)
    }

    /// Every session, however long it would have lived.
    pub fn prolong_sessions(&self, until: Timestamp) {
        *self.sessions_expire_at.lock().unwrap() = until;
    }

    pub fn set_up(&self, is_up: bool) {
        self.is_up.store(is_up, Ordering::SeqCst);
    }

    fn is_up(&self) -> Result<(), StoreError> {
        if self.is_up.load(Ordering::SeqCst) { Ok(()) } else { Err(StoreError::Unavailable("down".into())) }
    }

    /// A change of which the sequence of revocations knows nothing.
    pub fn change_silently(&self, n: u8) -> i64 {
        let mut versions = self.versions.lock().unwrap();
        let version = versions.get_mut(&user(n)).unwrap();
        *version += 1;
        *version
    }

    /// A place in the sequence, which is taken some time before the commit.
    pub fn take_place(&self) -> LogPosition {
        LogPosition(i64::from(self.next.fetch_add(1, Ordering::SeqCst)))
    }

    /// A change, with what it revokes at a place that was taken; answers the new version.
    pub fn commit(&self, n: u8, place: LogPosition) -> i64 {
        let version = self.change_silently(n);
        let mut log = self.log.lock().unwrap();
        log.push((place, Revocation::User(user(n))));
        log.sort_by_key(|&(place, _)| place);
        version
    }

    pub fn hold(self: &Arc<Self>) -> Held {
        let notify = Arc::new(Notify::new());
        *self.hold.lock().unwrap() = Some(notify.clone());
        Held(self.clone(), notify)
    }

    /// The version as it is now, told once nothing holds it up.
    async fn version(&self, id: UserId) -> Result<Option<i64>, StoreError> {
        self.is_up()?;
        let version = self.versions.lock().unwrap().get(&id).copied();
        let hold = self.hold.lock().unwrap().clone();
        if let Some(hold) = hold {
            hold.notified().await;
        }
        self.is_up()?;
        Ok(version)
    }
}

#[async_trait]
impl Lookup<UserId, Arc<User>> for Database {
    async fn find(&self, id: &UserId) -> Result<Option<Arc<User>>, StoreError> {
        self.users.fetch_add(1, Ordering::SeqCst);
        Ok(self.version(*id).await?.map(|version| as_of(*id, version)))
    }

    async fn find_many(&self, ids: &[UserId]) -> Result<HashMap<UserId, Arc<User>>, StoreError> {
        self.users.fetch_add(1, Ordering::SeqCst);
        let mut found = HashMap::new();
        for &id in ids {
            found.extend(self.version(id).await?.map(|version| (id, as_of(id, version))));
        }
        Ok(found)
    }
}

fn as_of(id: UserId, version: i64) -> Arc<User> {
    Arc::new(User { id, version, ..a_user("ann") })
}

#[async_trait]
impl Lookup<SessionId, OpenSession> for Database {
    async fn find(&self, id: &SessionId) -> Result<Option<OpenSession>, StoreError> {
        self.sessions.fetch_add(1, Ordering::SeqCst);
        let owner = (0..10).find(|&n| session_of(n) == *id).map(user);
        let expires_at = *self.sessions_expire_at.lock().unwrap();
        Ok(owner.map(|user| OpenSession { user, expires_at, rights: Arc::default(), must_change_password: false }))
    }

    async fn find_many(&self, _: &[SessionId]) -> Result<HashMap<SessionId, OpenSession>, StoreError> {
        Err(StoreError::Unavailable("these tests ask for one session at a time".into()))
    }
}

#[async_trait]
impl Lookup<GrantId, LiveClient> for Database {
    async fn find(&self, _: &GrantId) -> Result<Option<LiveClient>, StoreError> {
        Ok(None)
    }

    async fn find_many(&self, _: &[GrantId]) -> Result<HashMap<GrantId, LiveClient>, StoreError> {
        Ok(HashMap::new())
    }
}

#[async_trait]
impl RevocationLog for Database {
    async fn end(&self) -> Result<LogPosition, StoreError> {
        Ok(self.since(LogPosition(0)).await?.last().map_or(LogPosition(0), |&(place, _)| place))
    }

    async fn since(&self, after: LogPosition) -> Result<Vec<(LogPosition, Revocation)>, StoreError> {
        self.is_up()?;
        Ok(self.log.lock().unwrap().iter().copied().filter(|&(place, _)| place > after).collect())
    }
}

/// Each with its end.
type Entries = HashMap<CacheKey, (Vec<u8>, Instant)>;

/// What nodes share.
#[derive(Clone, Default)]
pub struct SharedBytes(pub Arc<Mutex<Entries>>);

#[async_trait]
impl SharedCache for SharedBytes {
    async fn get(&self, key: &CacheKey) -> Option<Vec<u8>> {
        let entries = self.0.lock().unwrap();
        let (bytes, until) = entries.get(key)?;
        (Instant::now() < *until).then(|| bytes.clone())
    }

    async fn put(&self, key: &CacheKey, value: Vec<u8>, ttl: Duration) {
        self.0.lock().unwrap().insert(key.clone(), (value, Instant::now() + ttl));
    }
}

/// Seals nothing, and opens only what it is shown at its own place.
struct PlaceOnly;

impl SecretSealer for PlaceOnly {
    fn seal(&self, place: &SealedPlace<'_>, plain: &[u8]) -> Vec<u8> {
        [format!("{place:?}").as_bytes(), plain].concat()
    }

    fn open(&self, place: &SealedPlace<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealingError> {
        let plain = sealed.strip_prefix(format!("{place:?}").as_bytes());
        plain.map(|plain| Zeroizing::new(plain.to_owned())).ok_or(SealingError::Broken)
    }
}

#[derive(Default)]
struct Heard {
    asked: Mutex<Vec<String>>,
    held: Mutex<HashMap<&'static str, u64>>,
    evicted: AtomicU32,
}

impl Observer for Heard {
    fn cache_asked(&self, cache: &'static str, tier: CacheTier, hit: bool) {
        let result = if hit { "hit" } else { "miss" };
        self.asked.lock().unwrap().push(format!("{cache} {} {result}", tier.as_str()));
    }

    fn cache_holds(&self, cache: &'static str, entries: u64) {
        self.held.lock().unwrap().insert(cache, entries);
    }

    fn cache_evicted(&self, _: &'static str) {
        self.evicted.fetch_add(1, Ordering::SeqCst);
    }

    fn rate_limited(&self, _: RateClass) {}
    fn password_hashed(&self, _: Duration) {}
    fn passwords_waiting(&self, _: usize) {}
}

#[derive(Clone)]
pub struct Node {
    pub users: Arc<CachedLookup<Arc<User>>>,
    pub sessions: Arc<CachedLookup<OpenSession>>,
    pub clients: Arc<CachedLookup<LiveClient>>,
    caching: Caching,
    heard: Arc<Heard>,
    clock: VirtualClock,
}

impl Node {
    /// A node that has read the sequence of revocations, and goes on reading it.
    pub async fn on(database: &Arc<Database>) -> Self {
        Self::watching(database, None).await
    }

    /// A node that shares what it learns.
    pub async fn sharing(database: &Arc<Database>, shared: &SharedBytes) -> Self {
        Self::watching(database, Some(shared)).await
    }

    /// A node that keeps accounts for that long.
    pub async fn keeping(database: &Arc<Database>, lifetimes: Lifetimes) -> Self {
        let node = Self::on(database).await;
        let users = CachedLookup::keeping(database.clone(), node.caching.clone(), CAPACITY, lifetimes);
        Self { users: Arc::new(users), ..node }
    }

    async fn watching(database: &Arc<Database>, shared: Option<&SharedBytes>) -> Self {
        let freshness = Freshness::stale();
        let node = Self::fresh_by(database, freshness.clone(), shared);
        keep_reading(RevocationWatch::new(database.clone(), node.caching.invalidations.clone(), freshness, OVERLAP));
        a_moment().await;
        node
    }

    /// A node whose memory counts while that lasts.
    pub fn fresh_by(database: &Arc<Database>, freshness: Arc<Freshness>, shared: Option<&SharedBytes>) -> Self {
        let clock = VirtualClock::at(NOW);
        let heard = Arc::new(Heard::default());
        let share = |shared: &SharedBytes| {
            Shared::new(Arc::new(shared.clone()), Arc::new(PlaceOnly), Arc::new(clock.clone()), Handle::current())
        };
        let caching = Caching {
            invalidations: Arc::new(Invalidations::default()),
            freshness,
            shared: shared.map(share),
            rights: Arc::default(),
            clock: Arc::new(clock.clone()),
            observer: heard.clone(),
        };
        Self {
            users: Arc::new(CachedLookup::new(database.clone(), caching.clone(), CAPACITY)),
            sessions: Arc::new(CachedLookup::new(database.clone(), caching.clone(), CAPACITY)),
            clients: Arc::new(CachedLookup::new(database.clone(), caching.clone(), CAPACITY)),
            caching,
            heard,
            clock,
        }
    }

    /// The version of that user that is answered here.
    pub async fn sees(&self, n: u8) -> Option<i64> {
        self.users.find(&user(n)).await.unwrap().map(|user| user.version)
    }

    /// As [`Self::sees`], meanwhile.
    pub fn asks(&self, n: u8) -> JoinHandle<Option<i64>> {
        let node = self.clone();
        tokio::spawn(async move { node.sees(n).await })
    }

    /// As [`Self::sees`], asked together with these.
    pub async fn sees_among(&self, n: u8, others: &[u8]) -> Option<i64> {
        if others.is_empty() {
            return self.sees(n).await;
        }
        let ids: Vec<_> = others.iter().copied().map(user).collect();
        self.users.find_many(&ids).await.unwrap().get(&user(n)).map(|user| user.version)
    }

    pub fn hear(&self, revocation: Revocation) {
        self.caching.invalidations.publish(&[revocation]);
    }

    pub fn advance_clock(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// What was told since the last time this was asked.
    pub fn observed(&self) -> Vec<String> {
        std::mem::take(&mut self.heard.asked.lock().unwrap())
    }

    /// How many users are held here and how many were let go, as was told last.
    pub fn users_held_and_let_go(&self) -> (u64, u32) {
        let held = self.heard.held.lock().unwrap()["users"];
        (held, self.heard.evicted.load(Ordering::SeqCst))
    }
}
