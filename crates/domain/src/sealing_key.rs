//! The sealing keys, and the rules of their lives.
use crate::{Timestamp, hex};
use std::fmt;

const ID_LENGTH: usize = 8;

/// Why a text is not the id of a sealing key, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The id of a sealing key has 16 digits and letters from a to f; `doorward secrets status` lists the keys.")]
pub struct SealingKeyIdError;

/// The name of a sealing key. It is derived from the key and reveals nothing of it; each sealed secret contains it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SealingKeyId([u8; ID_LENGTH]);

parsed!(SealingKeyId, SealingKeyIdError);

impl SealingKeyId {
    /// The length of its bytes.
    pub const LENGTH: usize = ID_LENGTH;

    /// Checks the form, not whether the key exists.
    ///
    /// # Errors
    /// [`SealingKeyIdError`] if it is not such an id.
    pub fn parse(text: &str) -> Result<Self, SealingKeyIdError> {
        hex::decode(text).map(Self).ok_or(SealingKeyIdError)
    }

    /// From its bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; ID_LENGTH]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; ID_LENGTH] {
        &self.0
    }
}

impl fmt::Display for SealingKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&hex::encode(&self.0))
    }
}

/// The first bytes of a sealed secret: how it is sealed, and by which key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SealedHead {
    /// The version of its format.
    pub format: u8,
    /// The key that has sealed it.
    pub key: SealingKeyId,
}

impl SealedHead {
    /// The number of its bytes.
    pub const LENGTH: usize = 1 + ID_LENGTH;

    /// The head of a sealed secret; none if the bytes are too few.
    #[must_use]
    pub fn of(sealed: &[u8]) -> Option<Self> {
        let (&format, rest) = sealed.split_first()?;
        let key = *rest.first_chunk::<ID_LENGTH>()?;
        Some(Self { format, key: SealingKeyId(key) })
    }

    /// Its bytes.
    #[must_use]
    pub fn to_bytes(self) -> [u8; Self::LENGTH] {
        let mut bytes = [self.format; Self::LENGTH];
        bytes[1..].copy_from_slice(&self.key.0);
        bytes
    }
}

/// The record of a sealing key, without the key itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealingKeyRecord {
    /// Its id.
    pub id: SealingKeyId,
    /// When it was added to the ring.
    pub created_at: Timestamp,
    /// When it became the key that seals.
    pub seals_from: Option<Timestamp>,
    /// When every secret had been sealed again with it; for the first key, when it was added.
    pub completed_at: Option<Timestamp>,
    /// When it was retired: nothing is sealed with it any more.
    pub retired_at: Option<Timestamp>,
}

/// The state of a sealing key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealingKeyState {
    /// Nodes learn it; it seals when all of them know it.
    Upcoming,
    /// It seals.
    Current,
    /// It only opens what it has sealed.
    Previous,
    /// It is not needed any more.
    Retired,
}

impl SealingKeyState {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Upcoming => "upcoming",
            Self::Current => "current",
            Self::Previous => "previous",
            Self::Retired => "retired",
        }
    }
}

/// Why a sealing key was not retired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealingKeyRefusal {
    /// There is no key with this id.
    #[error("There is no such sealing key.")]
    Unknown,
    /// It seals.
    #[error("This key seals secrets. Rotate first.")]
    InUse,
}

/// All sealing keys. At most one of them is upcoming, and once there was a current key, there always is one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SealingKeyRing(Vec<SealingKeyRecord>);

impl SealingKeyRing {
    /// A ring of these keys.
    #[must_use]
    pub fn of(mut keys: Vec<SealingKeyRecord>) -> Self {
        keys.sort_by_key(|key| (key.created_at, key.id));
        Self(keys)
    }

    /// All keys, the oldest first.
    #[must_use]
    pub fn keys(&self) -> &[SealingKeyRecord] {
        &self.0
    }

    /// The key with this id.
    #[must_use]
    pub fn get(&self, id: SealingKeyId) -> Option<&SealingKeyRecord> {
        self.0.iter().find(|key| key.id == id)
    }

    /// The key that seals: the last one that became current.
    #[must_use]
    pub fn current(&self) -> Option<&SealingKeyRecord> {
        self.0.iter().filter(|key| key.seals_from.is_some()).max_by_key(|key| (key.seals_from, key.id))
    }

    /// The key that will seal next.
    #[must_use]
    pub fn upcoming(&self) -> Option<&SealingKeyRecord> {
        self.0.iter().find(|key| self.state(key) == SealingKeyState::Upcoming)
    }

    /// The key of a rotation that is not finished: the upcoming key, or a current one that has not sealed everything
    /// again.
    #[must_use]
    pub fn unfinished(&self) -> Option<&SealingKeyRecord> {
        self.upcoming().or_else(|| self.current().filter(|key| key.completed_at.is_none()))
    }

    /// The current state of a key.
    #[must_use]
    pub fn state(&self, key: &SealingKeyRecord) -> SealingKeyState {
        if key.retired_at.is_some() {
            SealingKeyState::Retired
        } else if key.seals_from.is_none() {
            SealingKeyState::Upcoming
        } else if self.current().is_some_and(|current| current.id == key.id) {
            SealingKeyState::Current
        } else {
            SealingKeyState::Previous
        }
    }

    /// The first key of a ring, which seals at once.
    #[must_use]
    pub const fn first(id: SealingKeyId, now: Timestamp) -> SealingKeyRecord {
        let at = Some(now);
        SealingKeyRecord { id, created_at: now, seals_from: at, completed_at: at, retired_at: None }
    }

    /// A key that nodes learn before it seals.
    #[must_use]
    pub const fn next(id: SealingKeyId, now: Timestamp) -> SealingKeyRecord {
        SealingKeyRecord { id, created_at: now, seals_from: None, completed_at: None, retired_at: None }
    }

    /// The upcoming key as the current one: later than the one before it, also if a clock is behind.
    #[must_use]
    pub fn promoted(&self, now: Timestamp) -> Option<SealingKeyRecord> {
        let before = self.current().and_then(|key| key.seals_from);
        let after = before.map_or(now, |before| now.max(before.plus(std::time::Duration::from_micros(1))));
        self.upcoming().map(|key| SealingKeyRecord { seals_from: Some(after), ..*key })
    }

    /// The key, retired. It changes nothing if it is already retired. An upcoming key then never seals.
    ///
    /// # Errors
    /// [`SealingKeyRefusal`] if there is no such key, or it seals.
    pub fn retired(&self, id: SealingKeyId, now: Timestamp) -> Result<SealingKeyRecord, SealingKeyRefusal> {
        let key = self.get(id).ok_or(SealingKeyRefusal::Unknown)?;
        match self.state(key) {
            SealingKeyState::Current => Err(SealingKeyRefusal::InUse),
            SealingKeyState::Retired => Ok(*key),
            SealingKeyState::Upcoming | SealingKeyState::Previous => {
                Ok(SealingKeyRecord { retired_at: Some(now), ..*key })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    const fn id(n: u8) -> SealingKeyId {
        SealingKeyId([n; ID_LENGTH])
    }

    fn at(second: u64) -> Timestamp {
        Timestamp::from_seconds(1_800_000_000).plus(Duration::from_secs(second))
    }

    #[test]
    fn a_key_is_upcoming_then_current_then_previous_then_retired() {
        let (one, two) = (SealingKeyRing::first(id(1), at(0)), SealingKeyRing::next(id(2), at(1)));
        let states = |ring: &SealingKeyRing| ring.keys().iter().map(|key| ring.state(key).as_str()).collect::<Vec<_>>();
        let ring = SealingKeyRing::of(vec![two, one]);
        assert_eq!(
            (states(&ring), ring.current(), ring.unfinished()),
            (vec!["current", "upcoming"], Some(&one), Some(&two))
        );
        // The clock of this node is behind.
        let promoted = ring.promoted(at(0)).unwrap();
        let ring = SealingKeyRing::of(vec![one, promoted]);
        assert_eq!((states(&ring), ring.unfinished()), (vec!["previous", "current"], Some(&promoted)));
        let done = SealingKeyRecord { completed_at: Some(at(3)), ..promoted };
        let ring = SealingKeyRing::of(vec![ring.retired(id(1), at(4)).unwrap(), done]);
        assert_eq!((states(&ring), ring.unfinished(), ring.upcoming()), (vec!["retired", "current"], None, None));
        assert_eq!(ring.retired(id(1), at(9)).unwrap().retired_at, Some(at(4)));
    }

    #[test]
    fn the_key_that_seals_is_not_retired_and_one_that_never_has_can_be() {
        let (one, two) = (SealingKeyRing::first(id(1), at(0)), SealingKeyRing::next(id(2), at(1)));
        let ring = SealingKeyRing::of(vec![one, two]);
        assert_eq!(ring.retired(id(1), at(2)), Err(SealingKeyRefusal::InUse));
        assert_eq!(ring.retired(id(3), at(2)), Err(SealingKeyRefusal::Unknown));
        let given_up = ring.retired(id(2), at(2)).unwrap();
        let ring = SealingKeyRing::of(vec![one, given_up]);
        assert_eq!((ring.state(&given_up), ring.unfinished()), (SealingKeyState::Retired, None));
    }

    proptest! {
        #[test]
        fn an_id_and_a_head_are_what_they_are_written_as(bytes: [u8; 9], text in "[0-9a-gA-F]{0,18}") {
            let head = SealedHead::of(&bytes).unwrap();
            prop_assert_eq!(head.to_bytes(), bytes);
            prop_assert_eq!(SealingKeyId::parse(&head.key.to_string()), Ok(head.key));
            prop_assert!(SealingKeyId::parse(&text).is_err() || text.len() == 16);
            prop_assert_eq!(SealedHead::of(&bytes[..8]), None);
        }
    }
}
