use super::StoreError;
use async_trait::async_trait;
use doorward_domain::{GrantId, SessionId, UserId};

/// What all nodes must drop from their caches. It is written with a number of the sequence, in the transaction that
/// causes it, so that it survives the loss of everything except the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Revocation {
    /// The entry of a session: it has ended.
    Session(SessionId),
    /// The entries of an account and of all its sessions: it was disabled or deleted, or its roles have changed.
    User(UserId),
    /// The entry of an account, but not of its sessions: a property changed that does not affect rights.
    Account(UserId),
    /// The entries of a client app: its own tokens have ended, or its roles have changed.
    Client(GrantId),
    /// The signing keys have changed.
    Keys,
    /// The entry of all providers: one was added, changed or removed.
    Providers,
    /// The entries of roles, but not their permissions: a role was created, or its description changed.
    Roles,
    /// All entries: the permissions of a role have changed.
    Everyone,
}

/// Publishes revocations as soon as they are durable. It only makes them faster: a node that misses one reads it in the
/// [`RevocationLog`].
pub trait RevocationBus: Send + Sync {
    /// Tells every cache of this process before it returns, and the other nodes soon after, if they can be reached.
    fn publish(&self, revocations: &[Revocation]);
}

/// Tells nobody: for a process without caches.
impl RevocationBus for () {
    fn publish(&self, _: &[Revocation]) {}
}

/// A position in the sequence of revocations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct LogPosition(pub i64);

/// The sequence of revocations in the database.
#[async_trait]
pub trait RevocationLog: Send + Sync {
    /// Returns the current last position.
    async fn end(&self) -> Result<LogPosition, StoreError>;

    /// Returns all revocations after `after` that are committed now, in the order of the sequence. This is not the
    /// order of the commits: a revocation may appear later at a position that was already passed, so read again from an
    /// earlier position.
    async fn since(&self, after: LogPosition) -> Result<Vec<(LogPosition, Revocation)>, StoreError>;
}
