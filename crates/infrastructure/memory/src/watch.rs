use doorward_ports::outbound::{LogPosition, Revocation, RevocationBus, RevocationLog, StoreError};
use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How long memory counts after the sequence was last read. An ended session is refused within a second, and an answer that
/// rests on memory needs some of it to be given.
const LASTS_FOR: Duration = Duration::from_millis(800);
/// How far back the first reading goes: further than there can be transactions under way.
const FIRST_LOOK: i64 = 1_000;

/// Until when memory counts.
pub struct Freshness {
    born: Instant,
    /// When the sequence was first read.
    first: OnceLock<Instant>,
    /// Microseconds after `born` until which it lasts.
    until: AtomicU64,
}

impl Freshness {
    /// Memory that does not count before the sequence was read.
    #[must_use]
    pub fn stale() -> Arc<Self> {
        Arc::new(Self { born: Instant::now(), first: OnceLock::new(), until: AtomicU64::new(0) })
    }

    /// Memory that counts whatever becomes of the sequence.
    #[cfg(test)]
    pub(crate) fn for_ever() -> Arc<Self> {
        Arc::new(Self { born: Instant::now(), first: OnceLock::new(), until: AtomicU64::new(u64::MAX) })
    }

    /// Whether memory counts now.
    #[must_use]
    pub fn lasts(&self) -> bool {
        self.micros(Instant::now()) < self.until.load(Ordering::SeqCst)
    }

    /// Whether all that was committed in that time has been read, or will be before memory counts again.
    pub(crate) fn lasted_for(&self, time: Duration) -> bool {
        self.first.get().is_some_and(|first| first.elapsed() > time)
    }

    /// Everything that was committed before `began` is known.
    fn known_as_of(&self, began: Instant) {
        self.first.get_or_init(|| began);
        self.until.fetch_max(self.micros(began + LASTS_FOR), Ordering::SeqCst);
    }

    fn micros(&self, at: Instant) -> u64 {
        u64::try_from(at.duration_since(self.born).as_micros()).unwrap_or(u64::MAX)
    }
}

/// Reads the sequence of revocations, and passes on what is new.
///
/// A transaction that takes its place in the sequence early may commit late, so each reading goes back as far as `overlap`,
/// which must be longer than any transaction can last.
pub struct RevocationWatch {
    log: Arc<dyn RevocationLog>,
    bus: Arc<dyn RevocationBus>,
    freshness: Arc<Freshness>,
    reader: Mutex<Reader>,
}

impl RevocationWatch {
    /// How often to read.
    pub const EVERY: Duration = Duration::from_millis(200);

    /// Passes on to `bus`. Memory counts by `freshness` once the sequence was read.
    #[must_use]
    pub fn new(
        log: Arc<dyn RevocationLog>,
        bus: Arc<dyn RevocationBus>,
        freshness: Arc<Freshness>,
        overlap: Duration,
    ) -> Self {
        let reader = Reader { overlap, seen: BTreeSet::new(), ends: VecDeque::new() };
        Self { log, bus, freshness, reader: Mutex::new(reader) }
    }

    /// Reads it once. What a reading has not passed on to the end, because it failed, was given up or panicked, the next
    /// one passes on.
    ///
    /// # Errors
    /// When the sequence can't be read.
    pub async fn read(&self) -> Result<(), StoreError> {
        let mut reader = self.reader.lock().await;
        let began = Instant::now();
        let found = reader.look(&*self.log, began).await?;
        self.bus.publish(&reader.news(&found));
        reader.passed_on(&found, began);
        self.freshness.known_as_of(began);
        Ok(())
    }
}

struct Reader {
    overlap: Duration,
    /// What was read behind the floor: passed on once.
    seen: BTreeSet<LogPosition>,
    /// Where the sequence ended at each reading, as far back as the overlap.
    ends: VecDeque<(Instant, LogPosition)>,
}

/// What a reading has found.
struct Found {
    floor: LogPosition,
    rows: Vec<(LogPosition, Revocation)>,
}

impl Reader {
    async fn look(&mut self, log: &dyn RevocationLog, began: Instant) -> Result<Found, StoreError> {
        let floor = match self.ends.front() {
            Some(&(_, end)) => end,
            None => self.first_floor(log, began).await?,
        };
        Ok(Found { floor, rows: log.since(floor).await? })
    }

    fn news(&self, found: &Found) -> Vec<Revocation> {
        let fresh = found.rows.iter().filter(|(position, _)| !self.seen.contains(position));
        fresh.map(|&(_, revocation)| revocation).collect()
    }

    fn passed_on(&mut self, found: &Found, began: Instant) {
        self.seen.extend(found.rows.iter().map(|&(position, _)| position));
        let end = found.rows.last().map_or(found.floor, |&(position, _)| position);
        let end = self.ends.back().map_or(end, |&(_, last)| last.max(end));
        self.ends.push_back((began, end));
        // The oldest end that is kept is the floor: it was reached at least the overlap ago.
        while self.ends.get(1).is_some_and(|&(at, _)| began - at >= self.overlap) {
            self.ends.pop_front();
        }
        let floor = self.ends.front().map_or(found.floor, |&(_, end)| end);
        self.seen.retain(|&position| position > floor);
    }

    /// Kept as long as any other end, since what was under way at the first reading may commit as late.
    async fn first_floor(&mut self, log: &dyn RevocationLog, began: Instant) -> Result<LogPosition, StoreError> {
        let floor = LogPosition(log.end().await?.0.saturating_sub(FIRST_LOOK));
        self.ends.push_back((began, floor));
        Ok(floor)
    }
}

/// Reads again and again, as a server does.
#[cfg(test)]
pub(crate) fn keep_reading(watch: RevocationWatch) {
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(RevocationWatch::EVERY);
        loop {
            ticks.tick().await;
            // One that fails is followed by another.
            let _ = watch.read().await;
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_trait::async_trait;
    use doorward_domain::{SessionId, Timestamp};
    use std::sync::Mutex;
    use std::sync::atomic::AtomicBool;

    const OVERLAP: Duration = Duration::from_secs(60);
    const EVERY: Duration = RevocationWatch::EVERY;

    /// A log that shows what is put into it, or fails.
    #[derive(Default)]
    struct Log(Mutex<Option<Vec<(LogPosition, Revocation)>>>);

    impl Log {
        fn commit(&self, position: i64) {
            let mut rows = self.0.lock().unwrap();
            let rows = rows.get_or_insert_default();
            rows.push((LogPosition(position), session(position)));
            rows.sort_by_key(|&(position, _)| position);
        }
    }

    fn session(n: i64) -> Revocation {
        Revocation::Session(SessionId::mint(Timestamp::from_seconds(n), [0; 10]))
    }

    fn down() -> StoreError {
        StoreError::Unavailable("down".into())
    }

    #[async_trait]
    impl RevocationLog for Log {
        async fn end(&self) -> Result<LogPosition, StoreError> {
            let rows = self.0.lock().unwrap();
            Ok(rows.as_ref().ok_or_else(down)?.last().map_or(LogPosition(0), |&(position, _)| position))
        }

        async fn since(&self, after: LogPosition) -> Result<Vec<(LogPosition, Revocation)>, StoreError> {
            let rows = self.0.lock().unwrap();
            let rows = rows.as_ref().ok_or_else(down)?;
            Ok(rows.iter().copied().filter(|&(position, _)| position > after).collect())
        }
    }

    #[derive(Default)]
    struct Heard(Mutex<Vec<Revocation>>);

    impl Heard {
        fn take(&self) -> Vec<Revocation> {
            std::mem::take(&mut self.0.lock().unwrap())
        }
    }

    impl RevocationBus for Heard {
        fn publish(&self, revocations: &[Revocation]) {
            self.0.lock().unwrap().extend_from_slice(revocations);
        }
    }

    struct World {
        log: Arc<Log>,
        heard: Arc<Heard>,
        freshness: Arc<Freshness>,
    }

    fn watch(world: &World, bus: Arc<dyn RevocationBus>) -> RevocationWatch {
        RevocationWatch::new(world.log.clone(), bus, world.freshness.clone(), OVERLAP)
    }

    fn watched(first: i64) -> World {
        let world = World { log: Arc::default(), heard: Arc::default(), freshness: Freshness::stale() };
        world.log.commit(first);
        keep_reading(watch(&world, world.heard.clone()));
        world
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_committed_is_passed_on_once_within_the_period() {
        let world = watched(1);
        tokio::time::sleep(EVERY / 2).await;
        world.heard.take();
        world.log.commit(2);
        tokio::time::sleep(EVERY).await;
        assert_eq!(world.heard.take(), [session(2)]);
        tokio::time::sleep(OVERLAP * 2).await;
        assert_eq!(world.heard.take(), []);
    }

    #[tokio::test(start_paused = true)]
    async fn what_commits_late_at_a_place_that_was_passed_is_passed_on() {
        let world = watched(500);
        tokio::time::sleep(EVERY / 2).await;
        world.log.commit(900);
        tokio::time::sleep(OVERLAP - EVERY).await;
        world.heard.take();
        world.log.commit(499);
        tokio::time::sleep(EVERY).await;
        assert_eq!(world.heard.take(), [session(499)]);
    }

    #[tokio::test(start_paused = true)]
    async fn memory_counts_for_less_than_a_second_after_the_last_reading() {
        let world = watched(1);
        tokio::time::sleep(EVERY / 2).await;
        assert!(world.freshness.lasts());
        *world.log.0.lock().unwrap() = None;
        tokio::time::sleep(LASTS_FOR).await;
        assert!(!world.freshness.lasts(), "the log can't be read");
        world.log.commit(1);
        tokio::time::sleep(EVERY).await;
        assert!(world.freshness.lasts(), "it can be read again");
    }

    #[test]
    fn memory_does_not_count_before_the_first_reading() {
        assert!(!Freshness::stale().lasts());
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_run_keeps_only_what_the_overlap_needs() {
        let world = watched(1);
        let watch = watch(&world, world.heard.clone());
        for position in 2..2_000 {
            world.log.commit(position);
            watch.read().await.unwrap();
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        let reader = watch.reader.lock().await;
        assert!(reader.seen.len() < 100 && reader.ends.len() < 100, "{} {}", reader.seen.len(), reader.ends.len());
    }

    /// Panics once, before it passes anything on.
    struct Panicky(AtomicBool, Arc<Heard>);

    impl RevocationBus for Panicky {
        fn publish(&self, revocations: &[Revocation]) {
            assert!(!self.0.swap(false, Ordering::SeqCst), "as the test wants it");
            self.1.publish(revocations);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_found_by_a_reading_that_panicked_the_next_one_passes_on() {
        let world = World { log: Arc::default(), heard: Arc::default(), freshness: Freshness::stale() };
        world.log.commit(1);
        let bus = Arc::new(Panicky(AtomicBool::new(false), world.heard.clone()));
        let watch = Arc::new(watch(&world, bus.clone()));
        watch.read().await.unwrap();
        assert_eq!(world.heard.take(), [session(1)]);
        world.log.commit(2);
        bus.0.store(true, Ordering::SeqCst);
        let reading = watch.clone();
        assert!(tokio::spawn(async move { reading.read().await }).await.unwrap_err().is_panic());
        assert_eq!(world.heard.take(), []);
        // As many as the first look goes back.
        (3..=FIRST_LOOK + 3).for_each(|position| world.log.commit(position));
        watch.read().await.unwrap();
        assert_eq!(world.heard.take(), (2..=FIRST_LOOK + 3).map(session).collect::<Vec<_>>());
    }
}
