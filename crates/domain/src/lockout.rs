use crate::Timestamp;
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

/// When wrong passwords lock an account for a network, and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockoutPolicy {
    /// The number of failures within the window that lock the account.
    pub limit: u32,
    /// The window, which begins with the first failure.
    pub window: Duration,
    /// How long the first lock lasts; each further lock lasts twice as long as the previous one.
    pub first_lock: Duration,
    /// The longest time of a lock.
    pub longest_lock: Duration,
    /// Each such period without a failure removes one doubling.
    pub quiet: Duration,
}

impl Default for LockoutPolicy {
    /// 5 failures in 15 minutes lock for 15 minutes, then 30, 60 … up to a day; each day without failures halves the
    /// next lock (ASVS 2.2.1: no more than 100 failures an hour).
    fn default() -> Self {
        Self {
            limit: 5,
            window: Duration::from_mins(15),
            first_lock: Duration::from_mins(15),
            longest_lock: DAY,
            quiet: DAY,
        }
    }
}

impl LockoutPolicy {
    /// How long a lock lasts after this number of earlier locks.
    fn lock_for(&self, level: u32) -> Duration {
        self.first_lock.saturating_mul(2_u32.saturating_pow(level)).min(self.longest_lock)
    }
}

/// The wrong passwords for one account from one network: counting, locked, or released.
///
/// * counting: `locked_until` is none; `failures` counts those in the window since `window_started_at`.
/// * locked: `locked_until` is in the future. Failures neither count nor extend the lock, so that an attacker can't
///   keep the account locked.
/// * released: `locked_until` is in the past; the next failure opens a new window, and keeps `level`.
///
/// A right password, or an administrator, resets the state to [`Attempts::none`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempts {
    /// The failures in the current window.
    pub failures: u32,
    /// The time of the first of them.
    pub window_started_at: Timestamp,
    /// When the last lock ends or ended.
    pub locked_until: Option<Timestamp>,
    /// How many times the next lock is doubled.
    pub level: u32,
}

impl Default for Attempts {
    fn default() -> Self {
        Self::none()
    }
}

impl Attempts {
    /// The state without failures.
    #[must_use]
    pub const fn none() -> Self {
        Self { failures: 0, window_started_at: Timestamp::EPOCH, locked_until: None, level: 0 }
    }

    /// How long it stays locked; none if it is not locked.
    #[must_use]
    pub fn is_locked(&self, now: Timestamp) -> Option<Duration> {
        self.locked_until.map(|until| until.since(now)).filter(|remaining| !remaining.is_zero())
    }

    /// Counts a wrong password.
    #[must_use]
    pub fn fail(self, now: Timestamp, policy: &LockoutPolicy) -> Self {
        if self.is_locked(now).is_some() {
            return self;
        }
        let counted = if self.is_counting(now, policy) {
            Self { failures: self.failures.saturating_add(1), ..self }
        } else {
            let level = self.decayed_level(now, policy);
            Self { failures: 1, window_started_at: now, locked_until: None, level }
        };
        if counted.failures >= policy.limit { counted.lock(now, policy) } else { counted }
    }

    fn is_counting(&self, now: Timestamp, policy: &LockoutPolicy) -> bool {
        self.failures > 0 && self.locked_until.is_none() && now.since(self.window_started_at) < policy.window
    }

    /// Removes one doubling for each quiet period since the last window began or the last lock ended.
    fn decayed_level(&self, now: Timestamp, policy: &LockoutPolicy) -> u32 {
        let quiet = now.since(self.locked_until.unwrap_or(self.window_started_at));
        let steps = quiet.as_micros().checked_div(policy.quiet.as_micros()).unwrap_or(0);
        self.level.saturating_sub(u32::try_from(steps).unwrap_or(u32::MAX))
    }

    fn lock(self, now: Timestamp, policy: &LockoutPolicy) -> Self {
        Self { locked_until: Some(now.plus(policy.lock_for(self.level))), level: self.level.saturating_add(1), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MINUTE: Duration = Duration::from_mins(1);
    const START: Timestamp = Timestamp::from_seconds(1_700_000_000);

    fn failed(times: u32, mut attempts: Attempts, now: Timestamp) -> Attempts {
        for _ in 0..times {
            attempts = attempts.fail(now, &LockoutPolicy::default());
        }
        attempts
    }

    /// Locks this many times in a row, each as soon as the previous lock ends; returns the length and the end of the
    /// last lock.
    fn locked_in_a_row(times: u32) -> (Attempts, Duration) {
        let mut attempts = failed(5, Attempts::none(), START);
        for _ in 1..times {
            attempts = failed(5, attempts, attempts.locked_until.unwrap());
        }
        (attempts, attempts.locked_until.unwrap().since(attempts.window_started_at))
    }

    #[test]
    fn asvs_2_2_1_the_fifth_failure_in_the_window_locks() {
        let four = failed(4, Attempts::none(), START);
        assert_eq!(four.is_locked(START), None);
        let five = failed(1, four, START.plus(14 * MINUTE));
        assert_eq!(five.is_locked(START.plus(14 * MINUTE)), Some(15 * MINUTE));
    }

    #[test]
    fn failures_of_an_older_window_are_forgotten() {
        let attempts = failed(4, failed(4, Attempts::none(), START), START.plus(15 * MINUTE));
        assert_eq!(attempts.failures, 4);
        assert_eq!(attempts.is_locked(START.plus(15 * MINUTE)), None);
    }

    #[test]
    fn a_failure_while_locked_changes_nothing() {
        let locked = failed(5, Attempts::none(), START);
        assert_eq!(failed(100, locked, START.plus(14 * MINUTE)), locked);
    }

    #[test]
    fn time_releases_the_lock_to_the_microsecond() {
        let locked = failed(5, Attempts::none(), START);
        let end = START.plus(15 * MINUTE);
        assert_eq!(locked.is_locked(end.minus(Duration::from_micros(1))), Some(Duration::from_micros(1)));
        assert_eq!(locked.is_locked(end), None);
        assert_eq!(failed(4, locked, end).is_locked(end), None);
    }

    #[test]
    fn each_further_lock_is_twice_as_long_up_to_a_day() {
        let minutes: Vec<u64> = (1..=9).map(|times| locked_in_a_row(times).1.as_secs() / 60).collect();
        assert_eq!(minutes, [15, 30, 60, 120, 240, 480, 960, 1440, 1440]);
        assert_eq!(locked_in_a_row(200).1, DAY);
    }

    #[test]
    fn each_quiet_day_takes_one_doubling_back() {
        let (attempts, _) = locked_in_a_row(3);
        let next_lock = |quiet: Duration| {
            let now = attempts.locked_until.unwrap().plus(quiet);
            failed(5, attempts, now).is_locked(now).unwrap()
        };
        assert_eq!(next_lock(DAY - MINUTE), 120 * MINUTE);
        assert_eq!(next_lock(DAY), 60 * MINUTE);
        assert_eq!(next_lock(10 * DAY), 15 * MINUTE);
    }

    #[test]
    fn extreme_policies_do_not_overflow() {
        let all = Duration::MAX;
        let policy = LockoutPolicy { limit: 0, window: all, first_lock: all, longest_lock: all, quiet: Duration::ZERO };
        let attempts = Attempts { level: u32::MAX, ..Attempts::none() }.fail(START, &policy);
        assert_eq!(attempts.locked_until, Some(Timestamp::from_micros(i64::MAX)));
        assert_eq!(attempts.level, u32::MAX);
    }

    #[derive(Debug, Clone)]
    enum Step {
        Wait(Duration),
        Fail,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let wait =
            prop_oneof![0_u64..60, 0_u64..2_000, 0_u64..300_000].prop_map(|s| Step::Wait(Duration::from_secs(s)));
        prop::collection::vec(prop_oneof![1 => wait, 2 => Just(Step::Fail)], 0..120)
    }

    fn policies() -> impl Strategy<Value = LockoutPolicy> {
        (1_u32..7, 1_u64..2_000, 1_u64..2_000).prop_map(|(limit, window, first_lock)| LockoutPolicy {
            limit,
            window: Duration::from_secs(window),
            first_lock: Duration::from_secs(first_lock),
            ..LockoutPolicy::default()
        })
    }

    proptest! {
        #[test]
        fn a_lock_needs_the_limit_within_a_window_and_time_ends_it(policy in policies(), steps in steps()) {
            let (mut now, mut attempts) = (START, Attempts::none());
            let mut counted: Vec<Timestamp> = Vec::new();
            for step in steps {
                match step {
                    Step::Wait(time) => now = now.plus(time),
                    Step::Fail => {
                        let (before, was_locked) = (attempts, attempts.is_locked(now).is_some());
                        attempts = attempts.fail(now, &policy);
                        if was_locked {
                            prop_assert_eq!(attempts, before);
                            continue;
                        }
                        counted.push(now);
                        prop_assert!(attempts.failures >= 1 && attempts.failures <= policy.limit);
                        prop_assert_eq!(attempts.is_locked(now).is_some(), attempts.failures == policy.limit);
                        if attempts.is_locked(now).is_some() {
                            prop_assert!(counted.len() >= policy.limit as usize);
                            let first = counted[counted.len() - policy.limit as usize];
                            prop_assert!(now.since(first) < policy.window);
                            counted.clear();
                        }
                    }
                }
                prop_assert_eq!(attempts.is_locked(now.plus(policy.longest_lock)), None);
            }
        }
    }
}
