use doorward_ports::outbound::{LogPosition, Revocation, RevocationBus, RevocationLog, StoreError};
use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior};

/// How often the sequence is read.
const EVERY: Duration = Duration::from_millis(200);
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

/// Reads the sequence of revocations for ever, and passes on what is new.
///
/// A transaction that takes its place in the sequence early may commit late, so each reading goes back as far as `overlap`,
/// which must be longer than any transaction can last.
pub async fn watch(
    log: Arc<dyn RevocationLog>,
    bus: Arc<dyn RevocationBus>,
    freshness: Arc<Freshness>,
    overlap: Duration,
) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut reader = Reader { log, overlap, seen: BTreeSet::new(), ends: VecDeque::new() };
    let mut troubled = false;
    loop {
        ticks.tick().await;
        let began = Instant::now();
        match reader.read(began).await {
            Ok(revocations) => {
                bus.publish(&revocations);
                freshness.known_as_of(began);
                if std::mem::take(&mut troubled) {
                    tracing::info!("revocations are read again: sessions are remembered");
                }
            }
            Err(error) if !troubled => {
                troubled = true;
                tracing::warn!(%error, "revocations can't be read: until they can, every request asks the database");
            }
            Err(_) => {}
        }
    }
}

struct Reader {
    log: Arc<dyn RevocationLog>,
    overlap: Duration,
    /// What was read behind the floor: passed on once.
    seen: BTreeSet<LogPosition>,
    /// Where the sequence ended at each reading, as far back as the overlap.
    ends: VecDeque<(Instant, LogPosition)>,
}

impl Reader {
    async fn read(&mut self, began: Instant) -> Result<Vec<Revocation>, StoreError> {
        let floor = match self.ends.front() {
            Some(&(_, end)) => end,
            None => self.first_floor(began).await?,
        };
        let read = self.log.since(floor).await?;
        let end = read.last().map_or(floor, |&(position, _)| position);
        let end = self.ends.back().map_or(end, |&(_, last)| last.max(end));
        let fresh = read.into_iter().filter(|&(position, _)| self.seen.insert(position));
        let fresh = fresh.map(|(_, revocation)| revocation).collect();
        self.ends.push_back((began, end));
        // The oldest end that is kept is the floor: it was reached at least the overlap ago.
        while self.ends.get(1).is_some_and(|&(at, _)| began - at >= self.overlap) {
            self.ends.pop_front();
        }
        let floor = self.ends.front().map_or(floor, |&(_, end)| end);
        self.seen.retain(|&position| position > floor);
        Ok(fresh)
    }

    /// Kept as long as any other end, since what was under way at the first reading may commit as late.
    async fn first_floor(&mut self, began: Instant) -> Result<LogPosition, StoreError> {
        let floor = LogPosition(self.log.end().await?.0.saturating_sub(FIRST_LOOK));
        self.ends.push_back((began, floor));
        Ok(floor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_trait::async_trait;
    use doorward_domain::{SessionId, Timestamp};
    use std::sync::Mutex;

    const OVERLAP: Duration = Duration::from_secs(60);

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

    fn watched(first: i64) -> World {
        let world = World { log: Arc::default(), heard: Arc::default(), freshness: Freshness::stale() };
        world.log.commit(first);
        tokio::spawn(watch(world.log.clone(), world.heard.clone(), world.freshness.clone(), OVERLAP));
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
        let mut reader =
            Reader { log: world.log.clone(), overlap: OVERLAP, seen: BTreeSet::new(), ends: VecDeque::new() };
        for position in 2..2_000 {
            world.log.commit(position);
            reader.read(Instant::now()).await.unwrap();
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        assert!(reader.seen.len() < 100 && reader.ends.len() < 100, "{} {}", reader.seen.len(), reader.ends.len());
    }
}
