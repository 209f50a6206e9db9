use std::num::NonZeroU32;
use std::time::Duration;

/// A class of rate limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RateClass {
    /// Operations that take a password or a code, by IP address.
    Login,
    /// Wrong passwords and codes, by account and network.
    Account,
    /// Refreshes and other exchanges of tokens, by IP address or by confidential client.
    Auth,
    /// All other operations, by account or IP address.
    Api,
    /// Operations that need a permission, by account.
    Admin,
    /// Reads of what is the same for everybody, by IP address.
    Public,
}

impl RateClass {
    /// All classes.
    pub const ALL: [Self; 6] = [Self::Login, Self::Account, Self::Auth, Self::Api, Self::Admin, Self::Public];

    /// The stable name in its setting, its metric, and its policy in headers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Account => "account",
            Self::Auth => "auth",
            Self::Api => "api",
            Self::Admin => "admin",
            Self::Public => "public",
        }
    }

    /// Whether each node counts by itself, also if nodes share a limiter: what such a class counts is cheaper than a
    /// round trip.
    #[must_use]
    pub const fn is_counted_by_node(self) -> bool {
        matches!(self, Self::Public)
    }
}

/// A burst of `limit`, and then one more every `per / limit`: the generic cell rate algorithm (ITU-T I.371).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// The size of the burst.
    pub limit: NonZeroU32,
    /// The period in which as many more become available.
    pub per: Duration,
}

/// The result of taking one from a quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// One was taken.
    Allowed {
        /// How many more can be taken at once.
        remaining: u32,
        /// When the whole quota is available again.
        whole_in: Duration,
    },
    /// None was left, and none was taken.
    Refused {
        /// When one is available.
        retry_after: Duration,
        /// When the whole quota is available again.
        whole_in: Duration,
    },
}

impl Taken {
    /// Whether one was taken.
    #[must_use]
    pub const fn is_allowed(self) -> bool {
        matches!(self, Self::Allowed { .. })
    }
}

impl Quota {
    /// The time in which one more becomes available, in whole microseconds.
    #[must_use]
    pub fn interval(self) -> Duration {
        let micros = self.per.as_micros() / u128::from(self.limit.get());
        Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX).max(1))
    }

    /// How far ahead of time a caller who takes all at once may be: exactly `limit` intervals, so that rounding never
    /// allows one more.
    #[must_use]
    pub fn burst(self) -> Duration {
        self.interval().saturating_mul(self.limit.get())
    }

    /// Half of it, and at least one: the quota of a node that can't ask the others.
    #[must_use]
    pub fn half(self) -> Self {
        Self { limit: NonZeroU32::new(self.limit.get() / 2).unwrap_or(NonZeroU32::MIN), ..self }
    }

    /// Takes one, if one is available. The only state between two calls is a time in microseconds of any clock, until
    /// which everything that was taken lasts: 0 at first, and then the returned one.
    #[must_use]
    pub fn take(self, lasts_until: u64, now: u64) -> (Taken, u64) {
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let (interval, burst) = (micros(self.interval()), micros(self.burst()));
        // It is further ahead only if the quota was larger, or if the clock was set back.
        let before = lasts_until.clamp(now, now.saturating_add(burst));
        let ahead = before - now + interval;
        if ahead > burst {
            let refused = Taken::Refused {
                retry_after: Duration::from_micros(ahead - burst),
                whole_in: Duration::from_micros(before - now),
            };
            return (refused, before);
        }
        let remaining = u32::try_from((burst - ahead) / interval).unwrap_or(u32::MAX);
        (Taken::Allowed { remaining, whole_in: Duration::from_micros(ahead) }, now + ahead)
    }

    /// Gives one back that was taken: answers until when what is still taken lasts. Nobody can save any up: what is given
    /// back to a whole quota is lost at the next [`Self::take`].
    #[must_use]
    pub fn give_back(self, lasts_until: u64) -> u64 {
        lasts_until.saturating_sub(u64::try_from(self.interval().as_micros()).unwrap_or(u64::MAX))
    }

    /// The result of taking one, as it is after that one was given back.
    #[must_use]
    pub fn given_back(self, taken: Taken) -> Taken {
        match taken {
            Taken::Allowed { remaining, whole_in } => Taken::Allowed {
                remaining: remaining.saturating_add(1),
                whole_in: whole_in.saturating_sub(self.interval()),
            },
            refused @ Taken::Refused { .. } => refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECOND: u64 = 1_000_000;

    fn quota(limit: u32, per: Duration) -> Quota {
        Quota { limit: NonZeroU32::new(limit).unwrap(), per }
    }

    #[test]
    fn ten_a_minute_are_ten_at_once_and_then_one_each_six_seconds() {
        let quota = quota(10, Duration::from_secs(60));
        let (mut state, mut now) = (0, 1_000 * SECOND);
        for left in (0..10).rev() {
            let whole_in = Duration::from_secs(6 * (10 - u64::from(left)));
            let taken;
            (taken, state) = quota.take(state, now);
            assert_eq!(taken, Taken::Allowed { remaining: left, whole_in });
        }
        for _ in 0..3 {
            let (retry_after, whole_in) = (Duration::from_secs(6), Duration::from_secs(60));
            assert_eq!(quota.take(state, now), (Taken::Refused { retry_after, whole_in }, state));
            now += 6 * SECOND;
            let taken;
            (taken, state) = quota.take(state, now);
            assert_eq!(taken, Taken::Allowed { remaining: 0, whole_in });
        }
    }

    #[test]
    fn half_of_one_is_one() {
        let per = Duration::from_secs(1);
        assert_eq!([1, 2, 3, 10].map(|limit| quota(limit, per).half().limit.get()), [1, 1, 1, 5]);
    }

    #[test]
    fn a_clock_that_is_put_back_shuts_nobody_out_for_longer_than_the_period() {
        let quota = quota(1, Duration::from_secs(60));
        let (_, state) = quota.take(0, 1_000_000 * SECOND);
        let (taken, _) = quota.take(state, SECOND);
        assert!(matches!(taken, Taken::Refused { retry_after, .. } if retry_after <= quota.per), "{taken:?}");
    }

    proptest! {
        /// Within any window, no more pass than the burst and those that became available in the window.
        #[test]
        fn never_more_pass_than_the_rate_allows(
            limit in 1_u32..50,
            per in 1_u64..100_000,
            waits in prop::collection::vec(0_u64..20_000, 1..200),
        ) {
            let quota = quota(limit, Duration::from_micros(per));
            let (mut state, mut now, mut passed) = (0, 7 * SECOND, 0_u64);
            let began = now;
            for wait in waits {
                now += wait;
                let taken;
                (taken, state) = quota.take(state, now);
                passed += u64::from(taken.is_allowed());
                let interval = u64::try_from(quota.interval().as_micros()).unwrap();
                prop_assert!(passed <= u64::from(limit) + (now - began) / interval);
            }
        }

        /// As if the one had never been taken, whenever it is given back; and never more than the burst pass at once.
        #[test]
        fn one_that_is_given_back_was_never_taken(
            limit in 1_u32..50,
            per in 1_u64..100_000,
            before in 0_u32..60,
            given_back in 0_u32..60,
        ) {
            let (quota, now) = (quota(limit, Duration::from_micros(per)), 7 * SECOND);
            let taken = |count: u32| (0..count).fold(0, |state, _| quota.take(state, now).1);
            let returned = (0..given_back).fold(taken(before), |state, _| quota.give_back(state));
            let expected = taken(before.min(limit).saturating_sub(given_back));
            prop_assert_eq!(quota.take(returned, now), quota.take(expected, now));
        }

        /// What remains then is what the next one finds.
        #[test]
        fn what_is_told_after_one_was_given_back_is_the_state_before_it_was_taken(
            limit in 1_u32..50,
            per in 1_u64..100_000,
            before in 0_u32..49,
        ) {
            let (quota, now) = (quota(limit, Duration::from_micros(per)), 7 * SECOND);
            let state = (0..before.min(limit - 1)).fold(0, |state, _| quota.take(state, now).1);
            let (taken, _) = quota.take(state, now);
            let left = limit - before.min(limit - 1);
            let whole_in = quota.interval() * (limit - left);
            prop_assert_eq!(quota.given_back(taken), Taken::Allowed { remaining: left, whole_in });
        }

        #[test]
        fn who_comes_back_when_he_is_told_to_is_let_in(limit in 1_u32..1_000_000, per in 1_u64..1_000_000_000) {
            let quota = quota(limit, Duration::from_micros(per));
            let now = 7 * SECOND;
            let burst = u64::try_from(quota.burst().as_micros()).unwrap();
            let (taken, state) = quota.take(now + burst, now);
            let Taken::Refused { retry_after, .. } = taken else { panic!("all was taken") };
            let back = now + u64::try_from(retry_after.as_micros()).unwrap();
            prop_assert!(!quota.take(state, back - 1).0.is_allowed());
            prop_assert!(quota.take(state, back).0.is_allowed());
        }
    }
}
