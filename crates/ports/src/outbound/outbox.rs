use super::StoreError;
use async_trait::async_trait;
use doorward_domain::{MailId, MailKind, Timestamp, UserId};
use std::fmt;

/// A mail that is to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct OutboxMail {
    /// Its id, which stays the same if it is sent again.
    pub id: MailId,
    /// The account that it is about.
    pub user: UserId,
    /// Its kind.
    pub kind: MailKind,
    /// What it says, sealed.
    pub content: Vec<u8>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it is given up.
    pub expires_at: Timestamp,
}

impl fmt::Debug for OutboxMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutboxMail").field("id", &self.id).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// A mail, and how often a node has taken it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingMail {
    /// The mail.
    pub mail: OutboxMail,
    /// When a node may take it.
    pub due_at: Timestamp,
    /// How often a node has taken it.
    pub attempts: u32,
}

/// Reads the outbox.
#[async_trait]
pub trait OutboxRead: Send {
    /// Returns the number of mails in it.
    async fn count(&mut self) -> Result<u64, StoreError>;
    /// Returns at most `limit` mails, those first that are due first.
    async fn list(&mut self, limit: usize) -> Result<Vec<WaitingMail>, StoreError>;
}

/// Mails that are to be sent: written together with the act that they tell of, and taken out by whoever sends them. They
/// are deleted with their account.
#[async_trait]
pub trait Outbox: OutboxRead {
    /// Adds a mail, which is due at once.
    async fn put(&mut self, mail: &OutboxMail) -> Result<(), StoreError>;

    /// Takes the mail that has been due for the longest time, and counts the attempt; nobody else gets it before `until`,
    /// unless it is [postponed](Self::postpone) to an earlier time. Of any number of calls at once, exactly one gets it.
    /// None if no mail is due. If the one who took it dies, the mail is due again at `until`.
    async fn claim(&mut self, now: Timestamp, until: Timestamp) -> Result<Option<WaitingMail>, StoreError>;

    /// Deletes a mail that was taken. False, and nothing is changed, if somebody else has taken it since.
    async fn remove(&mut self, taken: &WaitingMail) -> Result<bool, StoreError>;

    /// Makes a mail that was taken due at this time. False, and nothing is changed, if somebody else has taken it since.
    async fn postpone(&mut self, taken: &WaitingMail, due_at: Timestamp) -> Result<bool, StoreError>;
}
