use super::StoreError;
use async_trait::async_trait;
use doorward_domain::{GrantId, SessionId, UserId};

/// What no node may go on remembering. Written with a sequence in the transaction that causes it, so that it survives the
/// loss of everything but the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Revocation {
    /// What is remembered of a session: it has ended.
    Session(SessionId),
    /// What is remembered of an account and of all its sessions: it was disabled or deleted, or its roles have changed.
    User(UserId),
    /// What is remembered of an account itself, and not of its sessions: something changed that no right follows from.
    Account(UserId),
    /// What is remembered of a client app: its own tokens have ended, or its roles have changed.
    Client(GrantId),
    /// Which keys sign, and which tokens they vouch for.
    Keys,
    /// What is remembered of roles, beside what they allow: one was made or described anew.
    Roles,
    /// Everything: what a role allows has changed.
    Everyone,
}

/// Tells of revocations as soon as they are durable. It only makes them faster: whoever misses one reads it in the
/// [`RevocationLog`].
pub trait RevocationBus: Send + Sync {
    /// Tells every part of this process that remembers, before it returns; other nodes soon after, if they can be reached.
    fn publish(&self, revocations: &[Revocation]);
}

/// Tells nobody: for a process that remembers nothing.
impl RevocationBus for () {
    fn publish(&self, _: &[Revocation]) {}
}

/// A place in the sequence of revocations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct LogPosition(pub i64);

/// The sequence of revocations, as the database has it.
#[async_trait]
pub trait RevocationLog: Send + Sync {
    /// The last place there is now.
    async fn end(&self) -> Result<LogPosition, StoreError>;

    /// Every revocation behind `after` that is committed now, in the order of the sequence. That is not the order of the
    /// commits: one may appear later at a place that was passed already, so read again from a while back.
    async fn since(&self, after: LogPosition) -> Result<Vec<(LogPosition, Revocation)>, StoreError>;
}
