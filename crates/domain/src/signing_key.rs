use crate::Timestamp;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A SHA-256 in base64url, without padding.
const THUMBPRINT_LENGTH: usize = 43;

/// Why a text is not the name of a key, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The kid of a key is its thumbprint of 43 letters, digits, - and _; `doorward keys list` lists the keys.")]
pub struct KeyIdError;

/// The name of a signing key in tokens and key sets (`kid`): the SHA-256 thumbprint of its public key (RFC 7638).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(Arc<str>);

value!(KeyId, KeyIdError);

impl KeyId {
    /// Checks the form, not whether the key exists.
    ///
    /// # Errors
    /// [`KeyIdError`] if it is not a thumbprint.
    pub fn parse(text: &str) -> Result<Self, KeyIdError> {
        let formed = text.len() == THUMBPRINT_LENGTH
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if formed { Ok(Self(text.into())) } else { Err(KeyIdError) }
    }
}

/// The text is not one of Doorward's signature algorithms, which are `EdDSA`, Ed25519, ES256 and RS256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Write EdDSA, Ed25519, ES256 or RS256.")]
pub struct KeyAlgorithmError;

/// A signature algorithm. A key has one algorithm, and verifies only tokens that name it (RFC 8725 §3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyAlgorithm {
    /// Ed25519, under the name of its family (RFC 8037).
    EdDsa,
    /// Ed25519, under its own name (RFC 9864).
    Ed25519,
    /// ECDSA on P-256 with SHA-256 (RFC 7518 §3.4).
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3).
    Rs256,
}

parsed!(KeyAlgorithm, KeyAlgorithmError);

impl KeyAlgorithm {
    /// All algorithms.
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

    /// The algorithm with exactly this name.
    ///
    /// # Errors
    /// [`KeyAlgorithmError`] for any other name.
    pub fn parse(text: &str) -> Result<Self, KeyAlgorithmError> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == text).ok_or(KeyAlgorithmError)
    }
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The record of a signing key, without the key itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRecord {
    /// Its name.
    pub id: KeyId,
    /// Its algorithm.
    pub algorithm: KeyAlgorithm,
    /// When it was created or imported.
    pub created_at: Timestamp,
    /// When it begins to sign; before that, it is only published.
    pub signs_from: Timestamp,
    /// When it stops signing, which may be in the future; its tokens are accepted until they expire.
    pub retired_at: Option<Timestamp>,
    /// When it was revoked, with all tokens that it has signed.
    pub revoked_at: Option<Timestamp>,
}

/// The state of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// It is published, and signs later.
    Upcoming,
    /// It signs.
    Signing,
    /// It no longer signs; its tokens are accepted.
    Retired,
    /// All tokens that it has signed have expired.
    Expired,
    /// None of its tokens is accepted.
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

    /// Until when its tokens may be valid; none while its end is not known.
    #[must_use]
    pub fn accepted_until(&self, longest_life: Duration) -> Option<Timestamp> {
        self.revoked_at.or(self.retired_at.map(|at| at.plus(longest_life)))
    }

    /// Whether its tokens are accepted, if no token lives longer than `longest_life`. They are accepted as soon as the
    /// key exists, because it may already sign on another node.
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

/// Why a key was not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefusal {
    /// There is no key with this name.
    #[error("There is no such key.")]
    Unknown,
    /// Without it, no key could sign.
    #[error("No other key can sign in its place. Create the next key first.")]
    OnlySigner,
}

/// All signing keys, and the rules of their lives.
///
/// In order of the time at which they begin to sign, each key signs until the next one does. A ring that has signed
/// once signs at every later moment, unless its last key is revoked: revoking it therefore also rotates the ring.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyRing(Vec<KeyRecord>);

impl KeyRing {
    /// A ring of these keys.
    #[must_use]
    pub fn of(mut keys: Vec<KeyRecord>) -> Self {
        keys.sort_by(|one, other| order(one).cmp(&order(other)));
        Self(keys)
    }

    /// All keys, in the order in which they begin to sign.
    #[must_use]
    pub fn keys(&self) -> &[KeyRecord] {
        &self.0
    }

    /// The key with this name.
    #[must_use]
    pub fn get(&self, id: &KeyId) -> Option<&KeyRecord> {
        self.0.iter().find(|key| key.id == *id)
    }

    /// The key that signs: the latest key that has begun and is neither retired nor revoked. If none has begun, because
    /// the clock of its creator is ahead of ours, the first key to begin.
    #[must_use]
    pub fn signing(&self, now: Timestamp) -> Option<&KeyRecord> {
        self.begun(now).or_else(|| self.0.iter().find(|key| key.may_sign(now)))
    }

    fn begun(&self, now: Timestamp) -> Option<&KeyRecord> {
        self.0.iter().rev().find(|key| key.signs_from <= now && key.may_sign(now))
    }

    /// The last key to begin, begun or not, among those that may sign.
    #[must_use]
    pub fn newest(&self, now: Timestamp) -> Option<&KeyRecord> {
        self.0.iter().rev().find(|key| key.may_sign(now))
    }

    /// The keys whose tokens are accepted, which are published.
    pub fn accepted(&self, now: Timestamp, longest_life: Duration) -> impl Iterator<Item = &KeyRecord> {
        self.0.iter().filter(move |key| key.is_accepted(now, longest_life))
    }

    /// The current state of a key.
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

    /// The ring with one more key, which signs when it has been published for `publish_ahead`; until then, the current
    /// key signs. If no key signs, it begins at once.
    #[must_use]
    pub fn rotate(&self, id: KeyId, algorithm: KeyAlgorithm, now: Timestamp, publish_ahead: Duration) -> Self {
        let signing = self.signing(now);
        let wait = if signing.is_some() { publish_ahead } else { Duration::ZERO };
        let mut keys = self.0.clone();
        // An upcoming key then never begins: the key that was requested last is the next one.
        let upcoming = |key: &KeyRecord| key.signs_from > now && key.may_sign(now) && Some(key) != signing;
        keys.iter_mut().filter(|key| upcoming(key)).for_each(|key| key.retired_at = Some(now));
        keys.push(KeyRecord::new(id, algorithm, now, now.plus(wait)));
        Self::of(keys).in_turn(now)
    }

    /// The ring in which this key no longer signs, or never will.
    ///
    /// # Errors
    /// [`KeyRefusal`] if there is no such key, or no other that can sign.
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

    /// The ring in which the tokens of this key are no longer accepted. If the key was signing, the upcoming key begins
    /// at once; if there is none, no key signs until the ring is rotated.
    ///
    /// # Errors
    /// [`KeyRefusal::Unknown`] if there is no such key.
    pub fn revoke(&self, id: &KeyId, now: Timestamp) -> Result<Self, KeyRefusal> {
        let mut keys = self.0.clone();
        let key = keys.iter_mut().find(|key| key.id == *id).ok_or(KeyRefusal::Unknown)?;
        key.revoked_at.get_or_insert(now);
        Ok(Self(keys).promoted(now).in_turn(now))
    }

    /// If no key has begun, the first key begins now: every node already knows it.
    fn promoted(mut self, now: Timestamp) -> Self {
        if self.begun(now).is_none()
            && let Some(next) = self.0.iter_mut().find(|key| key.may_sign(now))
        {
            next.signs_from = now;
        }
        Self::of(self.0)
    }

    /// Each key retires when the next one begins, unless it has already retired or no key follows.
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
