use super::{AuditDetails, StoreError};
use async_trait::async_trait;
use doorward_domain::{AuditAction, AuditActor, AuditEventId, AuditOutcome, AuditSubject, Timestamp, UserId};
use std::net::IpAddr;

/// One line of the audit log. Holds ids only; what tells of a person is apart, so that it can be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// Its name.
    pub id: AuditEventId,
    /// When.
    pub occurred_at: Timestamp,
    /// Who.
    pub actor: AuditActor,
    /// What.
    pub action: AuditAction,
    /// To whom or what; none for a name that no account has.
    pub subject: Option<AuditSubject>,
    /// Whose account it concerns: whose activity it is.
    pub account: Option<UserId>,
    /// Whether it was done.
    pub outcome: AuditOutcome,
    /// What the request was called.
    pub correlation_id: String,
    /// More, by action.
    pub details: AuditDetails,
    /// What tells of a person.
    pub personal: PersonalDetails,
}

/// What in an audit line tells of a person. Kept apart, and erased with the account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonalDetails {
    /// Of whom: the account that acted, or that somebody unknown acted on. Its erasure takes them.
    pub of: Option<UserId>,
    /// Where the call came from.
    pub address: Option<IpAddr>,
    /// What the client said of itself.
    pub user_agent: Option<String>,
}

impl PersonalDetails {
    /// Whether there is nothing to keep.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.address.is_none() && self.user_agent.is_none()
    }
}

/// Reads the audit log.
#[async_trait]
pub trait AuditRead: Send {
    /// At most `limit` lines that concern the account, newest first, after the given one.
    async fn of_account(
        &mut self,
        account: UserId,
        after: Option<AuditEventId>,
        limit: usize,
    ) -> Result<Vec<AuditEvent>, StoreError>;
}

/// Writes the audit log. There is no way to change or remove a line.
#[async_trait]
pub trait Audit: AuditRead {
    /// Adds a line.
    async fn append(&mut self, event: &AuditEvent) -> Result<(), StoreError>;
    /// Erases what the log tells of a person, in whosever lines it stands; the lines stay.
    async fn erase_personal(&mut self, account: UserId) -> Result<(), StoreError>;
}
