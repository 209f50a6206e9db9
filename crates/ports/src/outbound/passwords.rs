use super::AccountKey;
use async_trait::async_trait;
use doorward_domain::Password;
use std::fmt;
use std::time::Duration;

/// The hash of a password as it is stored, with the name of its scheme in front.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Wraps a hash from a hasher or a store.
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

/// The result of comparing a password with a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the password is right.
    pub matches: bool,
    /// Whether the hash has an older scheme or cost, and should be replaced now that the password is known.
    pub outdated: bool,
}

/// Why a password was not hashed.
#[derive(Debug, thiserror::Error)]
pub enum HashingError {
    /// Too many passwords are in the queue.
    #[error("too many passwords are waiting to be hashed")]
    Overloaded {
        /// When to try again.
        retry_after: Duration,
    },
    /// Any other reason.
    #[error("hashing failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Hashes passwords, separated from all other work: slow on purpose, limited in number, and never blocking the thread
/// of the caller.
///
/// The queue has a line for each account, and the lines take turns: however many passwords wait for one account, a
/// password of another account waits for at most one of them, and is not refused because of them. Work for a new
/// account is in the line of its caller ([`Caller::key`](crate::Caller::key)).
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// Hashes a new password with the current scheme and cost.
    async fn hash(&self, account: AccountKey, password: &Password) -> Result<PasswordHash, HashingError>;

    /// Compares a password. Without a hash (there is no such account, or it has no password) it costs the same and
    /// never matches.
    async fn verify(
        &self,
        account: AccountKey,
        password: &Password,
        stored: Option<&PasswordHash>,
    ) -> Result<Verdict, HashingError>;
}
