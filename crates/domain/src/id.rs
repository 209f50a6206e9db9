use crate::Timestamp;
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// A text that is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is not an id: ids are UUIDs, such as 0190a5c4-7e1b-7c3d-8f00-1234567890ab")]
pub struct IdError;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// Creates an id from the time and fresh randomness (`UUIDv7`, RFC 9562 §5.7), so that ids sort by
            /// creation.
            #[must_use]
            pub fn mint(now: Timestamp, randomness: [u8; 10]) -> Self {
                let millis = u64::try_from(now.as_micros() / 1000).unwrap_or(0);
                Self(uuid::Builder::from_unix_timestamp_millis(millis, &randomness).into_uuid())
            }

            /// When it was created, in whole milliseconds (RFC 9562 §5.7).
            #[must_use]
            pub const fn minted_at(self) -> Timestamp {
                let millis = self.0.as_u128() >> 80;
                Timestamp::from_micros(millis as i64 * 1000)
            }

            /// The smallest possible id of the millisecond of this time: where a range of ids by their time begins.
            #[must_use]
            pub fn first_of(time: Timestamp) -> Self {
                let millis = u128::try_from(time.as_micros().div_euclid(1000)).unwrap_or(0);
                Self(Uuid::from_u128(millis << 80))
            }

            /// Wraps a UUID from a store or a token.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID.
            #[must_use]
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Uuid::try_parse(text).map(Self).map_err(|_| IdError)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id! {
    /// The id of an account, and the `sub` of its tokens.
    UserId
}
id! {
    /// The id of a session, and the `sid` of its tokens.
    SessionId
}
id! {
    /// The id of a token: its `jti`.
    TokenId
}
id! {
    /// The id of the grant of a client app's own tokens: their `grant_id`.
    GrantId
}
id! {
    /// The id of an attempt to sign in with a provider.
    AttemptId
}
id! {
    /// The id of an identity at a provider.
    IdentityId
}
id! {
    /// The id of a second factor.
    FactorId
}
id! {
    /// The id of a sign-in that waits for its second factor.
    PendingSignInId
}
id! {
    /// The id of a mail.
    MailId
}
id! {
    /// The id of an audit line.
    AuditEventId
}

/// A text that is not a valid correlation id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is not a correlation id: 1 to 128 of the characters A-Z a-z 0-9 . _ : + / = -")]
pub struct CorrelationIdError;

/// The id that connects everything that one request caused, here and in other systems. A caller may send it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CorrelationId(String);

impl CorrelationId {
    /// Accepts the id of a caller if it is well-formed: short, and of characters that can't break a log line or a
    /// header.
    ///
    /// # Errors
    /// [`CorrelationIdError`] if it is empty, longer than 128 characters, or has any other character.
    pub fn parse(text: &str) -> Result<Self, CorrelationIdError> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"._:+/=-".contains(&b);
        if (1..=128).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(CorrelationIdError)
        }
    }

    /// Creates an id for a request without one.
    #[must_use]
    pub fn mint(now: Timestamp, randomness: [u8; 10]) -> Self {
        Self(AuditEventId::mint(now, randomness).to_string())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CorrelationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_minted_id_is_a_uuid_v7_that_sorts_by_time() {
        let early = UserId::mint(Timestamp::from_seconds(1_000), [0xff; 10]);
        let late = UserId::mint(Timestamp::from_seconds(1_001), [0; 10]);
        assert_eq!(early.as_uuid().get_version_num(), 7);
        assert!(early < late);
        assert_eq!(early.to_string().parse(), Ok(early));
    }

    #[test]
    fn an_id_tells_when_it_was_minted() {
        let now = Timestamp::from_micros(1_800_000_000_123_456);
        assert_eq!(SessionId::mint(now, [0xff; 10]).minted_at(), Timestamp::from_micros(1_800_000_000_123_000));
    }

    #[test]
    fn the_first_id_of_a_millisecond_bounds_all_ids_of_it() {
        let (early, late) =
            (Timestamp::from_micros(1_800_000_000_123_000), Timestamp::from_micros(1_800_000_000_123_999));
        let next = UserId::first_of(Timestamp::from_micros(1_800_000_000_124_000));
        for randomness in [[0; 10], [0xff; 10]] {
            let id = UserId::mint(late, randomness);
            assert!(UserId::first_of(early) <= id && id < next, "{id}");
        }
        assert_eq!(UserId::first_of(Timestamp::from_micros(-1)), UserId::first_of(Timestamp::EPOCH));
    }

    #[test]
    fn a_correlation_id_with_a_line_break_is_refused() {
        assert_eq!(CorrelationId::parse("a\nb"), Err(CorrelationIdError));
        assert_eq!(CorrelationId::parse(""), Err(CorrelationIdError));
        assert_eq!(CorrelationId::parse(&"a".repeat(129)), Err(CorrelationIdError));
        assert!(CorrelationId::parse("00-4bf92f3577b34da6a3ce929d0e0e4736").is_ok());
    }

    proptest! {
        #[test]
        fn parsing_an_id_never_panics(text in ".*") {
            let _: Result<UserId, IdError> = text.parse();
            if let Ok(id) = CorrelationId::parse(&text) {
                prop_assert!(id.as_str().is_ascii());
            }
        }
    }
}
