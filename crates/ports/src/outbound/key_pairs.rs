use super::PublicJwk;
use async_trait::async_trait;
use doorward_domain::{KeyAlgorithm, KeyId};
use std::fmt;
use zeroize::Zeroizing;

/// The private key of a signing key: PKCS#8 in PEM (RFC 7468 §10). Its `Debug` hides it, and its memory is wiped.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateKey(pub Zeroizing<Vec<u8>>);

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(…)")
    }
}

/// A signing key with both keys.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyPair {
    /// Its name: the thumbprint of the public key.
    pub id: KeyId,
    /// Its algorithm.
    pub algorithm: KeyAlgorithm,
    /// The public key.
    pub public: PublicJwk,
    /// The private key.
    pub private: PrivateKey,
}

/// Why no key pair could be created. The text is for the operator.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NoKeyPair(pub String);

/// Creates new signing keys.
#[async_trait]
pub trait KeyPairs: Send + Sync {
    /// Creates a key pair that has already signed once as a test. RSA may take one second: never call it with an open
    /// unit of work.
    async fn generate(&self, algorithm: KeyAlgorithm) -> Result<KeyPair, NoKeyPair>;

    /// Returns the key pair of this machine from before keys were in the store, if there is one.
    async fn inherited(&self) -> Result<Option<KeyPair>, NoKeyPair>;
}

/// A key that verifies tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct UsableKey {
    /// Its name.
    pub id: KeyId,
    /// Its algorithm.
    pub algorithm: KeyAlgorithm,
    /// The public key.
    pub public: PublicJwk,
    /// The private key, if it may be needed and is not yet known.
    pub private: Option<PrivateKey>,
}

/// The keys that are valid now.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct KeysInUse {
    /// The keys whose tokens are accepted.
    pub accepted: Vec<UsableKey>,
    /// The key that signs.
    pub signing: Option<KeyId>,
    /// Keys that must not be used, wherever they come from.
    pub revoked: Vec<KeyId>,
}

/// The keys with which this process signs and verifies.
pub trait KeysAtHand: Send + Sync {
    /// The key from the settings. It always signs, unless it is revoked.
    fn given(&self) -> Option<KeyId>;

    /// Whether the private key of that key is known.
    fn can_sign(&self, id: &KeyId) -> bool;

    /// Uses exactly these keys, and the one from the settings, for all tokens from now on. A key that can't be used is
    /// skipped and logged; if it is the signing key, the previous one still signs.
    fn replace(&self, keys: KeysInUse);
}
