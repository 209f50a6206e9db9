use crate::{Caller, Cursor, Limit, Page, Result};
use async_trait::async_trait;
use doorward_domain::{Session, SessionId, UserId};

/// A session, for people.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionView {
    /// The session.
    pub session: Session,
    /// Whether it is the session of the caller.
    pub current: bool,
}

/// The sessions of accounts. Lists contain only live sessions, newest first.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Lists the caller's sessions.
    async fn own(&self, caller: &Caller, cursor: Option<Cursor>, limit: Limit) -> Result<Page<SessionView>>;
    /// Ends one of the caller's sessions; a session of another account gets the same answer as an unknown one.
    async fn end_own(&self, caller: &Caller, id: SessionId) -> Result<()>;
    /// Ends all of the caller's sessions except the current one.
    async fn end_own_others(&self, caller: &Caller) -> Result<()>;
    /// Lists the sessions of an account.
    async fn of_user(
        &self,
        caller: &Caller,
        user: UserId,
        cursor: Option<Cursor>,
        limit: Limit,
    ) -> Result<Page<SessionView>>;
    /// Ends all sessions of an account.
    async fn end_of_user(&self, caller: &Caller, user: UserId) -> Result<()>;
}
