use super::{SealedEvent, StoreError};
use async_trait::async_trait;
use doorward_domain::Timestamp;
use std::error::Error;

/// The move of a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditStep {
    /// Where it is; 0 before the first line.
    pub from: i64,
    /// The last line that it has dealt with.
    pub to: i64,
    /// Now.
    pub at: Timestamp,
}

/// The places of those who read the audit log from line to line, and do something about each: ship it, or send a message.
///
/// A reader reads on from its place ([`super::AuditRead::sealed_after`]), does its work, and then moves. So it deals with each
/// line at least once, in the order of the log and without a gap, also if the process dies in between.
#[async_trait]
pub trait AuditReaders: Send + Sync {
    /// Returns the number of the last line that the reader has dealt with; 0 for a reader that has never moved.
    async fn place(&self, reader: &str) -> Result<i64, StoreError>;

    /// Moves the reader to a later line, durably. False if it is not, or no longer, where the step begins; then nothing is
    /// changed. In one statement: of any number of steps from one place at once, exactly one is done. No other reader moves.
    async fn advance(&self, reader: &str, step: AuditStep) -> Result<bool, StoreError>;
}

/// Audit lines have not arrived.
#[derive(Debug, thiserror::Error)]
#[error("audit lines can't be delivered to {to}")]
pub struct NotDelivered {
    /// The destination.
    to: String,
    #[source]
    source: Box<dyn Error + Send + Sync>,
}

impl NotDelivered {
    /// They have not arrived there, for this reason.
    pub fn to(to: &str, reason: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { to: to.to_owned(), source: reason.into() }
    }
}

/// Where audit lines are shipped.
#[async_trait]
pub trait AuditDestination: Send + Sync {
    /// Delivers the lines, in this order. They have arrived, as far as the destination can confirm that, when it returns. After
    /// an error, none of them or the first of them may have arrived; they are delivered again.
    async fn deliver(&self, lines: &[SealedEvent]) -> Result<(), NotDelivered>;
}
