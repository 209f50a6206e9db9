use crate::{Caller, Result};
use async_trait::async_trait;

/// Ships the audit log to the destination of the operator.
#[async_trait]
pub trait AuditShipping: Send + Sync {
    /// Returns how many sealed lines wait to be shipped; 0 without a destination.
    async fn unshipped(&self, caller: &Caller) -> Result<i64>;
    /// Ships the sealed lines that wait, in their order, and returns their number. It continues where the last call stopped,
    /// also in another process: each line arrives at least once. Lines that wait are not pruned.
    async fn ship(&self, caller: &Caller) -> Result<i64>;
}
