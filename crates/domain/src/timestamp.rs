use chrono::{DateTime, Datelike, SecondsFormat, Utc};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A moment, in whole microseconds since the Unix epoch, UTC.
///
/// Microseconds, because PostgreSQL stores them: with a finer time, a value read back would differ from the one
/// written, and cursors, `ETag`s and audit hashes would differ between stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The Unix epoch.
    pub const EPOCH: Self = Self(0);

    /// The moment this many microseconds after the epoch (before it, if negative).
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// The moment this many seconds after the epoch; saturates.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down, as in a `NumericDate` of a JWT (RFC 7519 §2).
    #[must_use]
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// This moment without the fraction of a second.
    #[must_use]
    pub const fn whole_seconds(self) -> Self {
        Self::from_seconds(self.as_seconds())
    }

    /// The moment `duration` later; saturates at the end of time.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(micros(duration)))
    }

    /// The moment `duration` earlier; saturates at the beginning of time.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(micros(duration)))
    }

    /// The time from `earlier` to this moment; zero if this is not later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// A text that is not a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a time: write it as in RFC 3339, such as 2026-11-23T09:30:00Z")]
pub struct TimestampError;

impl FromStr for Timestamp {
    type Err = TimestampError;

    /// Reads RFC 3339. The year in UTC has four digits, as in everything that [`fmt::Display`] writes.
    fn from_str(text: &str) -> Result<Self, TimestampError> {
        let at = DateTime::parse_from_rfc3339(text).map_err(|_| TimestampError)?.to_utc();
        if (0..=9999).contains(&at.year()) { Ok(at.into()) } else { Err(TimestampError) }
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(time: DateTime<Utc>) -> Self {
        Self(time.timestamp_micros())
    }
}

impl From<Timestamp> for DateTime<Utc> {
    /// A moment beyond the range of the calendar becomes its nearest end.
    fn from(time: Timestamp) -> Self {
        Self::from_timestamp_micros(time.0).unwrap_or(if time.0 < 0 { Self::MIN_UTC } else { Self::MAX_UTC })
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339, UTC, with microseconds: `2026-11-23T09:30:00.000000Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&DateTime::<Utc>::from(*self).to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <String as serde::Deserialize>::deserialize(deserializer)?;
        let at = DateTime::parse_from_rfc3339(&text).map_err(serde::de::Error::custom)?;
        Ok(Self::from_micros(at.timestamp_micros()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn is_written_as_rfc_3339_with_microseconds() {
        assert_eq!(Timestamp::from_micros(1_700_000_000_000_001).to_string(), "2023-11-14T22:13:20.000001Z");
    }

    #[test]
    fn rfc_3339_is_read_with_any_offset_and_nothing_else_is() {
        let expected = Ok(Timestamp::from_micros(1_700_000_000_000_001));
        for text in ["2023-11-14T22:13:20.000001Z", "2023-11-15T00:13:20.0000019+02:00"] {
            assert_eq!(text.parse(), expected, "{text}");
        }
        for text in ["", "2023-11-14", "1700000000", "2023-11-14T22:13:20", "9999-12-31T23:59:59-01:00"] {
            assert_eq!(text.parse::<Timestamp>(), Err(TimestampError), "{text}");
        }
    }

    #[test]
    fn seconds_are_rounded_down_also_before_the_epoch() {
        assert_eq!(Timestamp::from_micros(-1).as_seconds(), -1);
        assert_eq!(Timestamp::from_micros(1_999_999).whole_seconds(), Timestamp::from_seconds(1));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn what_serde_writes_it_reads() {
        let at = Timestamp::from_micros(1_700_000_000_000_001);
        let text = serde_json::to_string(&at).unwrap();
        assert_eq!(serde_json::from_str::<Timestamp>(&text).unwrap(), at);
    }

    proptest! {
        #[test]
        fn arithmetic_never_panics_and_keeps_order(at in any::<i64>(), by in any::<u64>()) {
            let (at, by) = (Timestamp::from_micros(at), Duration::from_micros(by));
            prop_assert!(at.plus(by) >= at);
            prop_assert!(at.minus(by) <= at);
            prop_assert!(!at.to_string().is_empty());
            prop_assert_eq!(at.since(at.plus(by)), Duration::ZERO);
        }
    }
}
