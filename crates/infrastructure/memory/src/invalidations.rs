use doorward_ports::outbound::{Revocation, RevocationBus};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;
use tokio::time::Instant;

/// So many revocations are kept one by one; more at a time are taken for a revocation of everything.
const MOST: usize = 100_000;
/// How long revocations are kept at least: longer than anything that they could concern.
const KEPT_FOR: Duration = Duration::from_mins(40);

/// Which of the things that were learned no longer count.
///
/// What is learned is stamped with the number of revocations seen **before** it was asked for. So an answer that was on its
/// way while its subject was revoked is stamped too early, and does not count.
pub struct Invalidations {
    revoked: RwLock<Revoked>,
    /// How many revocations were noted, for those who need not know which. Counted up under the lock.
    seen: AtomicU64,
}

/// That something was revoked: as which one, and when this process heard of it.
#[derive(Clone, Copy)]
struct Noted {
    number: u64,
    at: Instant,
}

/// What was revoked: of everyone; and one by one, since a while and in the while before that.
struct Revoked {
    everyone: Option<Noted>,
    since: Instant,
    recent: HashMap<Revocation, Noted>,
    before: HashMap<Revocation, Noted>,
}

impl Revoked {
    fn note(&mut self, revocation: Revocation, noted: Noted) {
        if self.since.elapsed() > KEPT_FOR {
            self.before = std::mem::take(&mut self.recent);
            self.since = noted.at;
        }
        if revocation == Revocation::Everyone || self.recent.len() + self.before.len() >= MOST {
            *self = Self { everyone: Some(noted), ..Self::nothing_at(noted.at) };
        } else {
            self.recent.insert(revocation, noted);
        }
    }

    fn nothing_at(now: Instant) -> Self {
        Self { everyone: None, since: now, recent: HashMap::new(), before: HashMap::new() }
    }

    fn last_of<'a>(&'a self, concerning: &'a [Revocation]) -> impl Iterator<Item = Noted> + 'a {
        let one_by_one = concerning.iter().filter_map(|it| self.recent.get(it).or_else(|| self.before.get(it)));
        one_by_one.chain(&self.everyone).copied()
    }
}

/// When something was learned, in revocations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp(u64);

impl Default for Invalidations {
    fn default() -> Self {
        Self { revoked: RwLock::new(Revoked::nothing_at(Instant::now())), seen: AtomicU64::new(0) }
    }
}

impl Invalidations {
    /// The stamp for what is asked for from now on.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        Stamp(self.seen.load(Ordering::SeqCst))
    }

    /// Notes that what these concern no longer counts.
    pub fn invalidate(&self, revocations: &[Revocation]) {
        // Nothing that can panic half-way runs under this lock. A number is seen only once its revocation is.
        let mut revoked = self.revoked.write().unwrap_or_else(PoisonError::into_inner);
        for &revocation in revocations {
            let noted = Noted { number: self.seen.load(Ordering::SeqCst) + 1, at: Instant::now() };
            revoked.note(revocation, noted);
            self.seen.store(noted.number, Ordering::SeqCst);
        }
    }

    /// Whether something learned then still counts, if these are the revocations that would concern it.
    #[must_use]
    pub fn counts(&self, learned: Stamp, concerning: &[Revocation]) -> bool {
        // Nearly always: nothing at all was revoked since.
        self.seen.load(Ordering::SeqCst) == learned.0
            || self.revoked().last_of(concerning).all(|noted| noted.number <= learned.0)
    }

    /// Whether nothing that concerns it was revoked for that long, as far as this process has heard.
    #[must_use]
    pub fn quiet_for(&self, time: Duration, concerning: &[Revocation]) -> bool {
        self.revoked().last_of(concerning).all(|noted| noted.at.elapsed() > time)
    }

    fn revoked(&self) -> RwLockReadGuard<'_, Revoked> {
        self.revoked.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RevocationBus for Invalidations {
    fn publish(&self, revocations: &[Revocation]) {
        self.invalidate(revocations);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorward_domain::{SessionId, Timestamp, UserId};

    fn session(n: u8) -> Revocation {
        Revocation::Session(SessionId::mint(Timestamp::EPOCH, [n; 10]))
    }

    #[test]
    fn what_was_learned_before_its_revocation_counts_no_more() {
        let invalidations = Invalidations::default();
        let learned = invalidations.stamp();
        invalidations.invalidate(&[session(1)]);
        assert!(!invalidations.counts(learned, &[session(1)]));
        assert!(invalidations.counts(learned, &[session(2)]), "others are untouched");
        assert!(invalidations.counts(invalidations.stamp(), &[session(1)]), "learned afterwards, it counts");
    }

    #[test]
    fn a_revocation_of_the_account_concerns_its_sessions() {
        let invalidations = Invalidations::default();
        let user = Revocation::User(UserId::mint(Timestamp::EPOCH, [3; 10]));
        let learned = invalidations.stamp();
        invalidations.invalidate(&[user]);
        assert!(!invalidations.counts(learned, &[session(1), user]));
    }

    #[test]
    fn a_revocation_of_everyone_concerns_all() {
        let invalidations = Invalidations::default();
        let learned = invalidations.stamp();
        invalidations.invalidate(&[Revocation::Everyone]);
        assert!(!invalidations.counts(learned, &[session(1)]));
        assert!(invalidations.counts(invalidations.stamp(), &[session(1)]));
    }

    #[test]
    fn more_than_is_kept_one_by_one_concerns_all() {
        let invalidations = Invalidations::default();
        let learned = invalidations.stamp();
        for n in 0..u32::try_from(MOST).unwrap() {
            let mut random = [0; 10];
            random[6..].copy_from_slice(&n.to_be_bytes());
            invalidations.invalidate(&[Revocation::Session(SessionId::mint(Timestamp::EPOCH, random))]);
        }
        let other = Revocation::Session(SessionId::mint(Timestamp::EPOCH, [0xff; 10]));
        assert!(invalidations.counts(learned, &[other]), "there is room for each");
        invalidations.invalidate(&[session(1)]);
        assert!(!invalidations.counts(learned, &[other]));
        assert!(invalidations.counts(invalidations.stamp(), &[other]));
    }

    #[tokio::test(start_paused = true)]
    async fn a_revocation_is_kept_for_its_time_and_not_for_ever() {
        let invalidations = Invalidations::default();
        let learned = invalidations.stamp();
        invalidations.invalidate(&[session(1)]);
        tokio::time::sleep(KEPT_FOR).await;
        invalidations.invalidate(&[session(2)]);
        assert!(!invalidations.counts(learned, &[session(1)]));
        for n in 3..5 {
            tokio::time::sleep(KEPT_FOR + Duration::from_millis(2)).await;
            invalidations.invalidate(&[session(n)]);
        }
        assert!(invalidations.counts(learned, &[session(1)]), "what it concerned is long forgotten");
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_quiet_again_only_after_the_time_that_is_asked_for() {
        const TIME: Duration = Duration::from_secs(180);
        for revocation in [session(1), Revocation::Everyone] {
            let invalidations = Invalidations::default();
            assert!(invalidations.quiet_for(TIME, &[session(1)]));
            invalidations.invalidate(&[revocation]);
            tokio::time::sleep(TIME).await;
            assert!(!invalidations.quiet_for(TIME, &[session(1)]), "{revocation:?}");
            tokio::time::sleep(Duration::from_millis(2)).await;
            assert!(invalidations.quiet_for(TIME, &[session(1)]), "{revocation:?}");
        }
    }
}
