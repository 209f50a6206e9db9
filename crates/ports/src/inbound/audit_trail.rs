use crate::outbound::AuditDetails;
use crate::{Caller, Cursor, Limit, Page, Result};
use async_trait::async_trait;
use doorward_domain::{AuditAction, AuditEventId, AuditOutcome, AuditSubject, Timestamp};
use std::net::IpAddr;

pub use crate::outbound::{AuditEvent, ListedEvent};

/// The filters of the audit log, as they were typed. A line is listed if it matches all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// Only lines of this actor: `anonymous`, `operator`, `user:ID` or `client:ID`.
    pub actor: Option<String>,
    /// Only lines with this target, such as `user:ID` or `role:NAME`.
    pub subject: Option<String>,
    /// Only lines of this action, such as `session.sign_in`.
    pub action: Option<String>,
    /// Only lines with this outcome: `success` or `failure`.
    pub outcome: Option<String>,
    /// Only lines that concern the account with this id.
    pub account: Option<String>,
    /// Only lines of this time or later (RFC 3339).
    pub from: Option<String>,
    /// Only lines before this time (RFC 3339).
    pub to: Option<String>,
}

/// Who acted, as the owner of the account that it concerns may know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActedBy {
    /// The owner.
    Owner,
    /// Another user, who has the permission.
    Administrator,
    /// A client app with its own token.
    ClientApp,
    /// The operator at the command line.
    Operator,
    /// An unknown caller: before the end of a sign-in, everybody is.
    Anonymous,
}

impl ActedBy {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Administrator => "administrator",
            Self::ClientApp => "client_app",
            Self::Operator => "operator",
            Self::Anonymous => "anonymous",
        }
    }
}

/// An audit line, as the owner of the account may see it: without the id and the origin of anybody else who is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// The id of the line.
    pub id: AuditEventId,
    /// The time.
    pub occurred_at: Timestamp,
    /// Who acted.
    pub by: ActedBy,
    /// The action.
    pub action: AuditAction,
    /// The target.
    pub subject: Option<AuditSubject>,
    /// The outcome.
    pub outcome: AuditOutcome,
    /// The correlation id of the request.
    pub correlation_id: String,
    /// The IP address, if the owner or an unknown caller acted.
    pub address: Option<IpAddr>,
    /// The `User-Agent`, likewise.
    pub user_agent: Option<String>,
    /// Further data, depending on the action.
    pub details: AuditDetails,
}

/// The lines of an export, which is read part by part.
#[async_trait]
pub trait AuditExport: Send {
    /// Reads the next part; no line if all were read. Between two parts, nothing is held in the database.
    async fn next(&mut self) -> Result<Vec<ListedEvent>>;
}

/// The audit log, for reading. Lists are newest first.
#[async_trait]
pub trait AuditTrail: Send + Sync {
    /// Lists lines.
    async fn list(
        &self,
        caller: &Caller,
        query: AuditQuery,
        cursor: Option<Cursor>,
        limit: Limit,
    ) -> Result<Page<ListedEvent>>;
    /// Lists what the caller did, and what concerns the caller's account.
    async fn own(&self, caller: &Caller, cursor: Option<Cursor>, limit: Limit) -> Result<Page<Activity>>;
    /// Begins to read all lines that match. This is itself an act of the audit log.
    async fn export(&self, caller: &Caller, query: AuditQuery) -> Result<Box<dyn AuditExport>>;
}
