use super::PublicJwk;
use async_trait::async_trait;
use doorward_domain::{KeyAlgorithm, KeyId};
use std::fmt;
use zeroize::Zeroizing;

/// The private half of a signing key: PKCS#8 in PEM (RFC 7468 §10). Its `Debug` hides it, and its memory is wiped.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateKey(pub Zeroizing<Vec<u8>>);

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(…)")
    }
}

/// A signing key, both halves.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyPair {
    /// Its name: the thumbprint of the public half.
    pub id: KeyId,
    /// How it signs.
    pub algorithm: KeyAlgorithm,
    /// The public half.
    pub public: PublicJwk,
    /// The private half.
    pub private: PrivateKey,
}

/// Why there is no key pair. The text is for the operator.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NoKeyPair(pub String);

/// Where new signing keys come from.
#[async_trait]
pub trait KeyPairs: Send + Sync {
    /// Makes a pair that has signed once, so that it can. RSA may take a second: never with a unit of work open.
    async fn generate(&self, algorithm: KeyAlgorithm) -> Result<KeyPair, NoKeyPair>;

    /// The pair that this machine signed with before keys were kept in the store, if it has one.
    async fn inherited(&self) -> Result<Option<KeyPair>, NoKeyPair>;
}

/// A key that tokens are verified with.
#[derive(Debug, Clone, PartialEq)]
pub struct UsableKey {
    /// Its name.
    pub id: KeyId,
    /// How it signs.
    pub algorithm: KeyAlgorithm,
    /// The public half.
    pub public: PublicJwk,
    /// The private half, where it may be needed and is not known already.
    pub private: Option<PrivateKey>,
}

/// Which keys count now.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct KeysInUse {
    /// Those whose tokens are accepted.
    pub accepted: Vec<UsableKey>,
    /// The one that signs.
    pub signing: Option<KeyId>,
    /// Those that must not count, wherever else they may come from.
    pub revoked: Vec<KeyId>,
}

/// The keys that this process signs and verifies with.
pub trait KeysAtHand: Send + Sync {
    /// The key that the settings give. It signs, whatever else is said, as long as it is not revoked.
    fn given(&self) -> Option<KeyId>;

    /// Whether it knows the private half of that key.
    fn can_sign(&self, id: &KeyId) -> bool;

    /// Takes these keys into use, and no others but the given one, for every token from then on. A key that can't be used
    /// is left out and told to the log; while the one that is to sign is such a key, the one before it goes on.
    fn replace(&self, keys: KeysInUse);
}
