use crate::Timestamp;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A SHA-256 in base64url, without padding.
const THUMBPRINT_LENGTH: usize = 43;

/// Why a text does not name a key, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("A key is named by the 43 letters, digits, - and _ of its thumbprint; `doorward keys list` shows them.")]
pub struct KeyIdError;

/// The name of a signing key in tokens and key sets (`kid`): the SHA-256 thumbprint of its public half (RFC 7638).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(Arc<str>);

value!(KeyId, KeyIdError);

impl KeyId {
    /// Checks the form; whether there is such a key is another question.
    ///
    /// # Errors
    /// [`KeyIdError`] when it can't be a thumbprint.
    pub fn parse(text: &str) -> Result<Self, KeyIdError> {
        let formed = text.len() == THUMBPRINT_LENGTH
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if formed { Ok(Self(text.into())) } else { Err(KeyIdError) }
    }
}

/// The algorithms that Doorward signs tokens by are `EdDSA`, Ed25519, ES256 and RS256; this is none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Write EdDSA, Ed25519, ES256 or RS256.")]
pub struct KeyAlgorithmError;

/// How a key signs. A key has one algorithm, and no token under its name counts by another (RFC 8725 §3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyAlgorithm {
    /// Ed25519, by the name of its family (RFC 8037).
    EdDsa,
    /// Ed25519, by its own name (RFC 9864).
    Ed25519,
    /// ECDSA on P-256 with SHA-256 (RFC 7518 §3.4).
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3).
    Rs256,
}

parsed!(KeyAlgorithm, KeyAlgorithmError);

impl KeyAlgorithm {
    /// Every one there is.
    pub const ALL: [Self; 4] = [Self::EdDsa, Self::Ed25519, Self::Es256, Self::Rs256];

    /// Its name in a JWS header (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Ed25519 => "Ed25519",
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
        }
    }

    /// The algorithm of that name, which is written exactly so.
    ///
    /// # Errors
    /// [`KeyAlgorithmError`] for any other.
    pub fn parse(text: &str) -> Result<Self, KeyAlgorithmError> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == text).ok_or(KeyAlgorithmError)
    }
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What is known of a signing key, apart from the key itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRecord {
    /// Its name.
    pub id: KeyId,
    /// How it signs.
    pub algorithm: KeyAlgorithm,
    /// When it was made, or taken in.
    pub created_at: Timestamp,
    /// When it begins to sign; until then it is published only.
    pub signs_from: Timestamp,
    /// When it signs no longer, which may lie ahead; what it has signed counts until it expires.
    pub retired_at: Option<Timestamp>,
    /// When it stopped counting, with all that it has signed.
    pub revoked_at: Option<Timestamp>,
}

/// What a key is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// It is published, and signs later.
    Upcoming,
    /// It signs.
    Signing,
    /// It signs no longer; what it has signed is accepted.
    Retired,
    /// Everything that it has signed has expired.
    Expired,
    /// Nothing that it has signed or ever will is accepted.
    Revoked,
}

impl KeyState {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Upcoming => "upcoming",
            Self::Signing => "signing",
            Self::Retired => "retired",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

impl KeyRecord {
    /// A key that signs from then on.
    #[must_use]
    pub const fn new(id: KeyId, algorithm: KeyAlgorithm, created_at: Timestamp, signs_from: Timestamp) -> Self {
        Self { id, algorithm, created_at, signs_from, retired_at: None, revoked_at: None }
    }

    /// Until when what it signs may be valid; none as long as nobody has said when it stops.
    #[must_use]
    pub fn accepted_until(&self, longest_life: Duration) -> Option<Timestamp> {
        self.revoked_at.or(self.retired_at.map(|at| at.plus(longest_life)))
    }

    /// Whether what it signed is accepted, if no token lives longer than `longest_life`. From the moment on that there is
    /// such a key, since on another node it may sign already.
    #[must_use]
    pub fn is_accepted(&self, now: Timestamp, longest_life: Duration) -> bool {
        self.revoked_at.is_none() && self.accepted_until(longest_life).is_none_or(|until| now < until)
    }

    fn is_retired(&self, now: Timestamp) -> bool {
        self.retired_at.is_some_and(|at| at <= now)
    }

    fn may_sign(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && !self.is_retired(now)
    }
}

/// Why a key was left as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefusal {
    /// There is none of that name.
    #[error("There is no such key.")]
    Unknown,
    /// Without it nothing could be signed.
    #[error("No other key could sign in its place. Make the next one first.")]
    OnlySigner,
}

/// All signing keys there are, and the rules of their lives.
///
/// In their order (by when they begin to sign) each signs until the next one does. A ring that has signed once signs at
/// every later moment, unless its last key is revoked: who does that rotates it in the same breath.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyRing(Vec<KeyRecord>);

impl KeyRing {
    /// A ring of these keys.
    #[must_use]
    pub fn of(mut keys: Vec<KeyRecord>) -> Self {
        keys.sort_by(|one, other| order(one).cmp(&order(other)));
        Self(keys)
    }

    /// Every key, in the order in which they begin to sign.
    #[must_use]
    pub fn keys(&self) -> &[KeyRecord] {
        &self.0
    }

    /// The key of that name.
    #[must_use]
    pub fn get(&self, id: &KeyId) -> Option<&KeyRecord> {
        self.0.iter().find(|key| key.id == *id)
    }

    /// The key that signs: of those that have begun and neither retired nor been revoked, the latest. Where none has begun,
    /// because its maker's clock is ahead of ours, the first to come.
    #[must_use]
    pub fn signing(&self, now: Timestamp) -> Option<&KeyRecord> {
        self.begun(now).or_else(|| self.0.iter().find(|key| key.may_sign(now)))
    }

    fn begun(&self, now: Timestamp) -> Option<&KeyRecord> {
        self.0.iter().rev().find(|key| key.signs_from <= now && key.may_sign(now))
    }

    /// The key that is the last to begin, begun or not, of those that may sign.
    #[must_use]
    pub fn newest(&self, now: Timestamp) -> Option<&KeyRecord> {
        self.0.iter().rev().find(|key| key.may_sign(now))
    }

    /// The keys whose tokens are accepted, and which are therefore published.
    pub fn accepted(&self, now: Timestamp, longest_life: Duration) -> impl Iterator<Item = &KeyRecord> {
        self.0.iter().filter(move |key| key.is_accepted(now, longest_life))
    }

    /// What a key is good for now.
    #[must_use]
    pub fn state(&self, key: &KeyRecord, now: Timestamp, longest_life: Duration) -> KeyState {
        if key.revoked_at.is_some() {
            KeyState::Revoked
        } else if !key.is_accepted(now, longest_life) {
            KeyState::Expired
        } else if self.signing(now).is_some_and(|signing| signing.id == key.id) {
            KeyState::Signing
        } else if key.signs_from > now && !key.is_retired(now) {
            KeyState::Upcoming
        } else {
            KeyState::Retired
        }
    }

    /// The ring with one key more, which signs once it has been published for `publish_ahead`; until then the present one
    /// does. Where none signs, it begins at once.
    #[must_use]
    pub fn rotate(&self, id: KeyId, algorithm: KeyAlgorithm, now: Timestamp, publish_ahead: Duration) -> Self {
        let signing = self.signing(now);
        let wait = if signing.is_some() { publish_ahead } else { Duration::ZERO };
        let mut keys = self.0.clone();
        // A key that was to begin later never does: the one asked for last is the one that follows.
        let upcoming = |key: &KeyRecord| key.signs_from > now && key.may_sign(now) && Some(key) != signing;
        keys.iter_mut().filter(|key| upcoming(key)).for_each(|key| key.retired_at = Some(now));
        keys.push(KeyRecord::new(id, algorithm, now, now.plus(wait)));
        Self::of(keys).in_turn(now)
    }

    /// The ring in which that key signs no longer, or never will.
    ///
    /// # Errors
    /// [`KeyRefusal`] when there is no such key, or no other that could sign.
    pub fn retire(&self, id: &KeyId, now: Timestamp) -> Result<Self, KeyRefusal> {
        if self.get(id).ok_or(KeyRefusal::Unknown)?.is_retired(now) {
            return Ok(self.clone());
        }
        let mut keys = self.0.clone();
        keys.iter_mut().filter(|key| key.id == *id).for_each(|key| key.retired_at = Some(now));
        let ring = Self(keys).promoted(now).in_turn(now);
        if self.signing(now).is_some() && ring.signing(now).is_none() {
            return Err(KeyRefusal::OnlySigner);
        }
        Ok(ring)
    }

    /// The ring in which nothing that key has signed counts any more. If it was the one that signs, the one to come begins
    /// at once; if there is none either, none signs until the ring is rotated.
    ///
    /// # Errors
    /// [`KeyRefusal::Unknown`] when there is no such key.
    pub fn revoke(&self, id: &KeyId, now: Timestamp) -> Result<Self, KeyRefusal> {
        let mut keys = self.0.clone();
        let key = keys.iter_mut().find(|key| key.id == *id).ok_or(KeyRefusal::Unknown)?;
        key.revoked_at.get_or_insert(now);
        Ok(Self(keys).promoted(now).in_turn(now))
    }

    /// Where no key has begun, the first to come begins now: every node knows it already.
    fn promoted(mut self, now: Timestamp) -> Self {
        if self.begun(now).is_none()
            && let Some(next) = self.0.iter_mut().find(|key| key.may_sign(now))
        {
            next.signs_from = now;
        }
        Self::of(self.0)
    }

    /// Each key that has not retired yet does so when the next one begins, and no key that none follows.
    fn in_turn(mut self, now: Timestamp) -> Self {
        let mut next_begins = None;
        for key in self.0.iter_mut().rev().filter(|key| key.may_sign(now)) {
            key.retired_at = next_begins;
            next_begins = Some(key.signs_from.max(now));
        }
        self
    }
}

fn order(key: &KeyRecord) -> (Timestamp, Timestamp, &KeyId) {
    (key.signs_from, key.created_at, &key.id)
}

#[cfg(test)]
mod tests;
