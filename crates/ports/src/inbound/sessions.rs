use crate::{Caller, Cursor, Limit, Page, Result};
use async_trait::async_trait;
use doorward_domain::{Session, SessionId, UserId};

/// A session as shown to people.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionView {
    /// The session.
    pub session: Session,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// Where accounts are signed in. Lists show live sessions only, newest first.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// The caller's.
    async fn own(&self, caller: &Caller, cursor: Option<Cursor>, limit: Limit) -> Result<Page<SessionView>>;
    /// Ends one of the caller's; another's is answered like an unknown one.
    async fn end_own(&self, caller: &Caller, id: SessionId) -> Result<()>;
    /// Ends all of the caller's but the one that asks.
    async fn end_own_others(&self, caller: &Caller) -> Result<()>;
    /// An account's.
    async fn of_user(
        &self,
        caller: &Caller,
        user: UserId,
        cursor: Option<Cursor>,
        limit: Limit,
    ) -> Result<Page<SessionView>>;
    /// Ends all of an account's.
    async fn end_of_user(&self, caller: &Caller, user: UserId) -> Result<()>;
}
