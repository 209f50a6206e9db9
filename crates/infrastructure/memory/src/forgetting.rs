use doorward_application::ports::outbound::Revocation;
use moka::sync::Cache;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// So many revocations are kept one by one; more at a time are taken for a revocation of everything.
const MOST: u64 = 100_000;

/// Which of the things one has learned count no more.
///
/// What is learned is stamped with the number of revocations seen **before** it was asked for. So an answer that was on its
/// way while its subject was revoked is stamped too early, and does not count.
pub struct Forgetting {
    seen: AtomicU64,
    everyone: AtomicU64,
    revoked: Cache<Revocation, u64>,
}

/// When something was learned, in revocations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp(u64);

impl Forgetting {
    /// Remembers revocations for so long. What is learned must be kept for a shorter time.
    #[must_use]
    pub fn keeping(time: Duration) -> Self {
        Self {
            seen: AtomicU64::new(0),
            everyone: AtomicU64::new(0),
            revoked: Cache::builder().time_to_live(time).build(),
        }
    }

    /// The stamp for what is asked for from now on.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        Stamp(self.seen.load(Ordering::SeqCst))
    }

    /// Notes that these count no more.
    pub fn forget(&self, revocations: &[Revocation]) {
        for &revocation in revocations {
            let number = self.seen.fetch_add(1, Ordering::SeqCst) + 1;
            if revocation == Revocation::Everyone || self.revoked.entry_count() >= MOST {
                self.everyone.fetch_max(number, Ordering::SeqCst);
            } else {
                self.revoked.insert(revocation, number);
            }
        }
    }

    /// Whether something learned then still counts, if these are the revocations that would concern it.
    #[must_use]
    pub fn counts(&self, learned: Stamp, concerning: &[Revocation]) -> bool {
        let before = |number: u64| number <= learned.0;
        before(self.everyone.load(Ordering::SeqCst))
            && concerning.iter().all(|revocation| self.revoked.get(revocation).is_none_or(before))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorward_domain::{SessionId, Timestamp, UserId};

    const TIME: Duration = Duration::from_secs(60);

    fn session(n: u8) -> Revocation {
        Revocation::Session(SessionId::mint(Timestamp::EPOCH, [n; 10]))
    }

    #[test]
    fn what_was_learned_before_its_revocation_counts_no_more() {
        let forgetting = Forgetting::keeping(TIME);
        let learned = forgetting.stamp();
        forgetting.forget(&[session(1)]);
        assert!(!forgetting.counts(learned, &[session(1)]));
        assert!(forgetting.counts(learned, &[session(2)]), "others are untouched");
        assert!(forgetting.counts(forgetting.stamp(), &[session(1)]), "learned afterwards, it counts");
    }

    #[test]
    fn a_revocation_of_the_account_concerns_its_sessions() {
        let forgetting = Forgetting::keeping(TIME);
        let user = Revocation::User(UserId::mint(Timestamp::EPOCH, [3; 10]));
        let learned = forgetting.stamp();
        forgetting.forget(&[user]);
        assert!(!forgetting.counts(learned, &[session(1), user]));
    }

    #[test]
    fn a_revocation_of_everyone_concerns_all() {
        let forgetting = Forgetting::keeping(TIME);
        let learned = forgetting.stamp();
        forgetting.forget(&[Revocation::Everyone]);
        assert!(!forgetting.counts(learned, &[session(1)]));
        assert!(forgetting.counts(forgetting.stamp(), &[session(1)]));
    }
}
