use super::AccountKey;
use async_trait::async_trait;
use doorward_domain::Password;
use std::fmt;
use std::time::Duration;

/// The digest of a password as it is stored, with the name of its scheme in front.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Wraps what a hasher made or a store holds.
    #[must_use]
    pub const fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The text to store.
    #[must_use]
    pub fn as_stored(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// What came of comparing a password with a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it is the password.
    pub matches: bool,
    /// Whether the digest is of an older scheme or cost, and should be made anew now that the password is known.
    pub outdated: bool,
}

/// Why a password was not hashed.
#[derive(Debug, thiserror::Error)]
pub enum HashingError {
    /// Too many are waiting.
    #[error("too many passwords are waiting to be hashed")]
    Overloaded {
        /// When to try again.
        retry_after: Duration,
    },
    /// Anything else.
    #[error("hashing failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Hashes passwords, apart from everything else: slow on purpose, bounded in number, never blocking the caller's thread.
///
/// Those who wait stand under the account that they came for, and accounts take turns: however many wait for one, another
/// waits for one of them at most, and is not refused for their sake. Work for an account that is yet to be made stands
/// under whoever asks for it ([`Caller::key`](crate::Caller::key)).
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// Makes the digest of a new password by the present scheme and cost.
    async fn hash(&self, account: AccountKey, password: &Password) -> Result<PasswordHash, HashingError>;

    /// Compares. Without a digest (no such account, or one without a password) it costs the same and never matches.
    async fn verify(
        &self,
        account: AccountKey,
        password: &Password,
        stored: Option<&PasswordHash>,
    ) -> Result<Verdict, HashingError>;
}
