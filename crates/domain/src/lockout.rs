use crate::Timestamp;
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

/// When wrong passwords lock an account for a network, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockoutPolicy {
    /// So many failures within the window lock.
    pub limit: u32,
    /// How long failures are counted together, from the first one on.
    pub window: Duration,
    /// How long the first lock lasts; each further one lasts twice as long as the one before.
    pub first_lock: Duration,
    /// No lock lasts longer.
    pub longest_lock: Duration,
    /// Each time so long without a failure takes one doubling back.
    pub quiet: Duration,
}

impl Default for LockoutPolicy {
    /// 5 failures in 15 minutes lock for 15 minutes, then 30, 60 … up to a day; each quiet day halves the next lock
    /// (ASVS 2.2.1: no more than 100 failures an hour).
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
    /// How long a lock lasts after so many earlier ones.
    fn lock_for(&self, level: u32) -> Duration {
        self.first_lock.saturating_mul(2_u32.saturating_pow(level)).min(self.longest_lock)
    }
}

/// The wrong passwords shown for one account from one network: counting, locked, or quiet.
///
/// * counting: `locked_until` is none; `failures` in the window since `window_started_at`.
/// * locked: `locked_until` lies ahead. Failures count nothing and extend nothing, else an attacker could keep it shut.
/// * released: `locked_until` has passed; the next failure opens a new window, and remembers `level`.
///
/// A right password, or an administrator, goes back to [`Attempts::none`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempts {
    /// Failures counted in the current window.
    pub failures: u32,
    /// When the first of them happened.
    pub window_started_at: Timestamp,
    /// Until when the last lock holds, or held.
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
    /// No failure yet.
    #[must_use]
    pub const fn none() -> Self {
        Self { failures: 0, window_started_at: Timestamp::EPOCH, locked_until: None, level: 0 }
    }

    /// How long it stays locked; none when it is not.
    #[must_use]
    pub fn is_locked(&self, now: Timestamp) -> Option<Duration> {
        self.locked_until.map(|until| until.since(now)).filter(|remaining| !remaining.is_zero())
    }

    /// What a wrong password does.
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

    /// One doubling less for each quiet time since the last window began or the last lock ended.
    fn decayed_level(&self, now: Timestamp, policy: &LockoutPolicy) -> u32 {
        let quiet = now.since(self.locked_until.unwrap_or(self.window_started_at));
        let steps = quiet.as_micros().checked_div(policy.quiet.as_micros()).unwrap_or(0);
        self.level.saturating_sub(u32::try_from(steps).unwrap_or(u32::MAX))
    }

    fn lock(self, now: Timestamp, policy: &LockoutPolicy) -> Self {
        Self { locked_until: Some(now.plus(policy.lock_for(self.level))), level: self.level.saturating_add(1), ..self }
    }
}
