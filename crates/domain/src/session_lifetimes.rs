use crate::Timestamp;
use std::time::Duration;

/// The lifetimes of the parts of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLifetimes {
    /// An access token.
    pub access_ttl: Duration,
    /// A refresh token, and with it a session that is not refreshed.
    pub refresh_ttl: Duration,
    /// How long a spent refresh token may be used again by a client that has lost the answer.
    pub refresh_grace: Duration,
    /// A session that is not used; none: as long as its refresh token.
    pub idle_ttl: Option<Duration>,
    /// A session in total, however often it is refreshed.
    pub absolute_ttl: Duration,
}

/// The use of a session is recorded at most this often.
pub const SEEN_EVERY: Duration = Duration::from_mins(1);

/// A session may have been used for this time after its last recorded use: uses within [`SEEN_EVERY`] of it, and uses
/// that are not yet recorded. No session must be treated as idle too early.
const IDLE_SLACK: Duration = Duration::from_mins(2);

impl SessionLifetimes {
    /// The lifetime of a refresh token that is issued now: never longer than the session that began then, however often
    /// its owner has authenticated since. Zero if the session is over.
    #[must_use]
    pub fn refresh_ttl_at(&self, now: Timestamp, began_at: Timestamp) -> Duration {
        let left = began_at.whole_seconds().plus(self.absolute_ttl).since(now.whole_seconds());
        self.refresh_ttl.min(left)
    }

    /// When a session ends that is used now for the last time; none: with its refresh token.
    #[must_use]
    pub fn idle_ends_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.idle_ttl.map(|ttl| now.plus(ttl).plus(IDLE_SLACK))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DAY: Duration = Duration::from_hours(24);
    const BEGAN: Timestamp = Timestamp::from_micros(1_800_000_000_900_000);

    fn lifetimes() -> SessionLifetimes {
        SessionLifetimes {
            access_ttl: Duration::from_mins(15),
            refresh_ttl: 7 * DAY,
            refresh_grace: Duration::from_secs(10),
            idle_ttl: None,
            absolute_ttl: 10 * DAY,
        }
    }

    #[test]
    fn the_last_refresh_token_ends_with_the_session() {
        let ttl_after = |days| lifetimes().refresh_ttl_at(BEGAN.plus(days * DAY), BEGAN);
        assert_eq!([0, 3, 4, 9, 10, 11].map(ttl_after), [7, 7, 6, 1, 0, 0].map(|days| days * DAY));
    }

    #[test]
    fn an_idle_session_ends_no_sooner_than_it_is_idle() {
        assert_eq!(lifetimes().idle_ends_at(BEGAN), None);
        let idle = SessionLifetimes { idle_ttl: Some(DAY), ..lifetimes() };
        assert!(idle.idle_ends_at(BEGAN).unwrap() > BEGAN.plus(DAY + SEEN_EVERY));
    }

    proptest! {
        /// For all sequences of refreshes, and all fractions of seconds that are cut off.
        #[test]
        fn no_refresh_token_outlives_its_session(waits in prop::collection::vec(0..7 * 86_400_000_000_u64, 1..40)) {
            let mut now = BEGAN;
            for wait in waits {
                now = now.plus(Duration::from_micros(wait));
                let ends = now.whole_seconds().plus(lifetimes().refresh_ttl_at(now, BEGAN));
                prop_assert!(ends <= BEGAN.whole_seconds().plus(10 * DAY).max(now));
            }
        }
    }
}
