use super::StoreError;
use async_trait::async_trait;
use doorward_domain::{Authentications, Client, DeviceName, EndReason, Session, SessionId, Timestamp, TokenId, UserId};

/// Reads sessions.
#[async_trait]
pub trait SessionsRead: Send {
    /// Returns the session with this id, live or not.
    async fn by_id(&mut self, id: SessionId) -> Result<Option<Session>, StoreError>;
    /// Returns at most `limit` live sessions of the account, newest first, after the given one.
    async fn live_of(
        &mut self,
        user: UserId,
        now: Timestamp,
        after: Option<SessionId>,
        limit: usize,
    ) -> Result<Vec<Session>, StoreError>;
    /// Whether any session of the account, live or not, was on a device with this name. Ended sessions are forgotten after a
    /// while.
    async fn knows_device(&mut self, user: UserId, device: &DeviceName) -> Result<bool, StoreError>;
    /// Returns the number of live sessions of all accounts. It reads an index whose length is this number: not for
    /// requests.
    async fn count_live(&mut self, now: Timestamp) -> Result<u64, StoreError>;
}

/// The exchange of a refresh token for the next one, for [`Store::exchange`](super::Store::exchange).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exchange {
    /// The presented token.
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

/// The record that sessions were used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// When they were used.
    pub at: Timestamp,
    /// Only sessions that were last seen then or before.
    pub last_seen_by: Timestamp,
    /// When they end unless they are used again; none: with their refresh tokens.
    pub idle_ends_at: Option<Timestamp>,
}

/// Changes sessions.
#[async_trait]
pub trait Sessions: SessionsRead {
    /// Adds a session.
    async fn insert(&mut self, session: &Session) -> Result<(), StoreError>;
    /// Replaces the proofs of a live session; false if it is not live. The caller has the lock of the account.
    async fn set_authentications(
        &mut self,
        id: SessionId,
        authentications: &Authentications,
        now: Timestamp,
    ) -> Result<bool, StoreError>;
    /// Records that sessions were used, for those that were live at that moment; returns their number. It does not
    /// wait: a session that another transaction changes is skipped, because that is a use or its end.
    async fn saw(&mut self, ids: &[SessionId], seen: &Seen) -> Result<usize, StoreError>;
    /// Ends the session; false if there is none or it has already ended; then it keeps its time and reason.
    async fn end(&mut self, id: SessionId, at: Timestamp, reason: EndReason) -> Result<bool, StoreError>;
    /// Ends all sessions of the account except the given one; returns the ended ones.
    async fn end_all(
        &mut self,
        user: UserId,
        except: Option<SessionId>,
        at: Timestamp,
        reason: EndReason,
    ) -> Result<Vec<SessionId>, StoreError>;
    /// Ends all sessions for the client; returns their number.
    async fn end_of_client(&mut self, client: &Client, at: Timestamp, reason: EndReason) -> Result<usize, StoreError>;
    /// Deletes at most `limit` sessions that ended, or whose refresh token expired, before `before`; returns their
    /// number.
    async fn purge(&mut self, before: Timestamp, limit: usize) -> Result<usize, StoreError>;
}
