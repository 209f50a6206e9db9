use super::StoreError;
use async_trait::async_trait;
use doorward_domain::{Authentications, Client, EndReason, Session, SessionId, Timestamp, TokenId, UserId};

/// Looks sessions up.
#[async_trait]
pub trait SessionsRead: Send {
    /// The session of that id, live or not.
    async fn by_id(&mut self, id: SessionId) -> Result<Option<Session>, StoreError>;
    /// At most `limit` live sessions of the account, newest first, after the given one.
    async fn live_of(
        &mut self,
        user: UserId,
        now: Timestamp,
        after: Option<SessionId>,
        limit: usize,
    ) -> Result<Vec<Session>, StoreError>;
    /// How many sessions of all accounts are live. Reads an index as long as the answer is great: not for requests.
    async fn count_live(&mut self, now: Timestamp) -> Result<u64, StoreError>;
}

/// The exchange of a refresh token for the next one, by [`Store::exchange`](super::Store::exchange).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exchange {
    /// The token that was shown.
    pub shown: TokenId,
    /// The next token.
    pub next: TokenId,
    /// Its `iat`.
    pub issued_at: Timestamp,
    /// Its `exp`.
    pub expires_at: Timestamp,
    /// When the session ends unless it is used; none: with the token.
    pub idle_ends_at: Option<Timestamp>,
    /// Now.
    pub now: Timestamp,
}

/// What is recorded of sessions that were used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// When they were used.
    pub at: Timestamp,
    /// Only of those that were last seen then or before.
    pub last_seen_by: Timestamp,
    /// When they end unless they are used again; none: with their refresh tokens.
    pub idle_ends_at: Option<Timestamp>,
}

/// Changes sessions.
#[async_trait]
pub trait Sessions: SessionsRead {
    /// Adds a session.
    async fn insert(&mut self, session: &Session) -> Result<(), StoreError>;
    /// Replaces what a live session rests on; false when it is not live. The caller holds the account's lock.
    async fn set_authentications(
        &mut self,
        id: SessionId,
        authentications: &Authentications,
        now: Timestamp,
    ) -> Result<bool, StoreError>;
    /// Records that sessions were used, of those that were live at that moment; answers of how many. Waits for nobody: a
    /// session that somebody else is changing is left alone, for that is use as well, or its end.
    async fn saw(&mut self, ids: &[SessionId], seen: &Seen) -> Result<usize, StoreError>;
    /// Ends the session; false when there is none or it has ended before, which keeps its time and reason.
    async fn end(&mut self, id: SessionId, at: Timestamp, reason: EndReason) -> Result<bool, StoreError>;
    /// Ends every session of the account except the given one; answers which were ended.
    async fn end_all(
        &mut self,
        user: UserId,
        except: Option<SessionId>,
        at: Timestamp,
        reason: EndReason,
    ) -> Result<Vec<SessionId>, StoreError>;
    /// Ends every session that was made for the client; answers how many.
    async fn end_of_client(&mut self, client: &Client, at: Timestamp, reason: EndReason) -> Result<usize, StoreError>;
    /// Forgets at most `limit` sessions that ended, or whose refresh token expired, before `before`; answers how many.
    async fn purge(&mut self, before: Timestamp, limit: usize) -> Result<usize, StoreError>;
}
