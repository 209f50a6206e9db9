use doorward_application::ports::outbound::{Revocation, RevocationBus};
use moka::sync::Cache;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// So many revocations are kept one by one; more at a time are taken for a revocation of everything.
const MOST: u64 = 100_000;
/// How long revocations are kept: longer than anything that they could concern.
const KEPT_FOR: Duration = Duration::from_mins(40);

/// Which of the things one has learned count no more.
///
/// What is learned is stamped with the number of revocations seen **before** it was asked for. So an answer that was on its
/// way while its subject was revoked is stamped too early, and does not count.
pub struct Forgetting {
    /// Held while revocations are noted, so that a number is seen only once its revocation is.
    noting: Mutex<()>,
    seen: AtomicU64,
    everyone: Mutex<Option<Felt>>,
    /// The number of the last revocation of everything, for those who need not know when that was.
    everyone_number: AtomicU64,
    revoked: Cache<Revocation, Felt>,
}

/// That something was revoked: as which one, and when this process heard of it.
#[derive(Clone, Copy)]
struct Felt {
    number: u64,
    at: Instant,
}

/// When something was learned, in revocations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp(u64);

impl Default for Forgetting {
    fn default() -> Self {
        Self {
            noting: Mutex::default(),
            seen: AtomicU64::new(0),
            everyone: Mutex::default(),
            everyone_number: AtomicU64::new(0),
            revoked: Cache::builder().time_to_live(KEPT_FOR).build(),
        }
    }
}

impl Forgetting {
    /// The stamp for what is asked for from now on.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        Stamp(self.seen.load(Ordering::SeqCst))
    }

    /// Notes that these count no more.
    pub fn forget(&self, revocations: &[Revocation]) {
        // Nothing that can panic half-way runs under this lock.
        let _one_at_a_time = self.noting.lock().unwrap_or_else(PoisonError::into_inner);
        for &revocation in revocations {
            let felt = Felt { number: self.seen.load(Ordering::SeqCst) + 1, at: Instant::now() };
            if revocation == Revocation::Everyone || self.revoked.entry_count() >= MOST {
                *self.everyone.lock().unwrap_or_else(PoisonError::into_inner) = Some(felt);
                self.everyone_number.store(felt.number, Ordering::SeqCst);
            } else {
                self.revoked.insert(revocation, felt);
            }
            self.seen.store(felt.number, Ordering::SeqCst);
        }
    }

    /// Whether something learned then still counts, if these are the revocations that would concern it.
    #[must_use]
    pub fn counts(&self, learned: Stamp, concerning: &[Revocation]) -> bool {
        // Nearly always: nothing at all was revoked since.
        if self.seen.load(Ordering::SeqCst) == learned.0 {
            return true;
        }
        self.everyone_number.load(Ordering::SeqCst) <= learned.0
            && concerning
                .iter()
                .all(|revocation| self.revoked.get(revocation).is_none_or(|felt| felt.number <= learned.0))
    }

    /// Whether nothing that concerns it was revoked for that long, as far as this process has heard.
    #[must_use]
    pub fn quiet_for(&self, time: Duration, concerning: &[Revocation]) -> bool {
        let long_ago = |felt: Felt| felt.at.elapsed() > time;
        self.everyone.lock().unwrap_or_else(PoisonError::into_inner).is_none_or(long_ago)
            && concerning.iter().all(|revocation| self.revoked.get(revocation).is_none_or(long_ago))
    }
}

impl RevocationBus for Forgetting {
    fn publish(&self, revocations: &[Revocation]) {
        self.forget(revocations);
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
        let forgetting = Forgetting::default();
        let learned = forgetting.stamp();
        forgetting.forget(&[session(1)]);
        assert!(!forgetting.counts(learned, &[session(1)]));
        assert!(forgetting.counts(learned, &[session(2)]), "others are untouched");
        assert!(forgetting.counts(forgetting.stamp(), &[session(1)]), "learned afterwards, it counts");
    }

    #[test]
    fn a_revocation_of_the_account_concerns_its_sessions() {
        let forgetting = Forgetting::default();
        let user = Revocation::User(UserId::mint(Timestamp::EPOCH, [3; 10]));
        let learned = forgetting.stamp();
        forgetting.forget(&[user]);
        assert!(!forgetting.counts(learned, &[session(1), user]));
    }

    #[test]
    fn a_revocation_of_everyone_concerns_all() {
        let forgetting = Forgetting::default();
        let learned = forgetting.stamp();
        forgetting.forget(&[Revocation::Everyone]);
        assert!(!forgetting.counts(learned, &[session(1)]));
        assert!(forgetting.counts(forgetting.stamp(), &[session(1)]));
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_quiet_again_only_after_the_time_that_is_asked_for() {
        const TIME: Duration = Duration::from_secs(180);
        for revocation in [session(1), Revocation::Everyone] {
            let forgetting = Forgetting::default();
            assert!(forgetting.quiet_for(TIME, &[session(1)]));
            forgetting.forget(&[revocation]);
            tokio::time::sleep(TIME).await;
            assert!(!forgetting.quiet_for(TIME, &[session(1)]), "{revocation:?}");
            tokio::time::sleep(Duration::from_millis(2)).await;
            assert!(forgetting.quiet_for(TIME, &[session(1)]), "{revocation:?}");
        }
    }
}
