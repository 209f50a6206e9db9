use super::{AuditDetails, StoreError};
use async_trait::async_trait;
use doorward_domain::{
    AuditAction, AuditActor, AuditEventId, AuditHash, AuditOutcome, AuditSubject, Timestamp, UserId,
};
use std::net::IpAddr;

/// An audit line. It contains only ids; personal data is separate, so that it can be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// The id of the line.
    pub id: AuditEventId,
    /// The time.
    pub occurred_at: Timestamp,
    /// The actor.
    pub actor: AuditActor,
    /// The action.
    pub action: AuditAction,
    /// The target; none for a name without an account.
    pub subject: Option<AuditSubject>,
    /// The account that it concerns, which can list it as its activity.
    pub account: Option<UserId>,
    /// The outcome.
    pub outcome: AuditOutcome,
    /// The correlation id of the request.
    pub correlation_id: String,
    /// Further data, depending on the action.
    pub details: AuditDetails,
    /// Personal data.
    pub personal: PersonalDetails,
}

/// The personal data of an audit line. It is stored separately, and erased with the account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonalDetails {
    /// The account to which the data belongs: the one that acted, or the one that an unknown caller acted on. When it
    /// is erased, so is the data.
    pub of: Option<UserId>,
    /// The IP address of the caller.
    pub address: Option<IpAddr>,
    /// The `User-Agent` of the caller.
    pub user_agent: Option<String>,
}

impl PersonalDetails {
    /// Whether there is nothing to store.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.address.is_none() && self.user_agent.is_none()
    }
}

/// An audit line with its place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedEvent {
    /// Its number: 1 for the first line, and one more for each further one.
    pub seq: i64,
    /// The hash that connects it with all lines before it.
    pub link: AuditHash,
    /// The line.
    pub event: AuditEvent,
}

impl From<SealedEvent> for ListedEvent {
    fn from(SealedEvent { seq, event, .. }: SealedEvent) -> Self {
        Self { seq: Some(seq), event }
    }
}

/// An audit line as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedEvent {
    /// The number of the line in the order of the log; none until the line has one.
    pub seq: Option<i64>,
    /// The line.
    pub event: AuditEvent,
}

/// Which lines a list contains: those that match all that is given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only lines of this actor.
    pub actor: Option<AuditActor>,
    /// Only lines with this target.
    pub subject: Option<AuditSubject>,
    /// Only lines of this action.
    pub action: Option<AuditAction>,
    /// Only lines with this outcome.
    pub outcome: Option<AuditOutcome>,
    /// Only lines that concern this account.
    pub account: Option<UserId>,
    /// Only lines of this time or later, compared by whole milliseconds.
    pub from: Option<Timestamp>,
    /// Only lines before this time, likewise.
    pub to: Option<Timestamp>,
}

/// Reads the audit log.
#[async_trait]
pub trait AuditRead: Send {
    /// Returns at most `limit` sealed lines after the line with the number `seq`, in the order of their numbers; 0 for the
    /// beginning. Who continues after the last number that they have read gets every line exactly once: numbers have no
    /// gaps, and a line that is committed late gets a later number.
    async fn sealed_after(&mut self, seq: i64, limit: usize) -> Result<Vec<SealedEvent>, StoreError>;

    /// Returns at most `limit` lines that match the filter, newest first by their ids, after the given one. It relies on
    /// ids that were created at the time of their lines ([`AuditEventId::mint`]).
    async fn list(
        &mut self,
        filter: &AuditFilter,
        after: Option<AuditEventId>,
        limit: usize,
    ) -> Result<Vec<ListedEvent>, StoreError>;
}

/// Writes the audit log. No method changes or deletes a line; [`super::AuditChain`] numbers and prunes lines.
#[async_trait]
pub trait Audit: AuditRead {
    /// Adds a line.
    async fn append(&mut self, event: &AuditEvent) -> Result<(), StoreError>;
    /// Erases the personal data of a person from the log; the lines stay.
    async fn erase_personal(&mut self, account: UserId) -> Result<(), StoreError>;
}
