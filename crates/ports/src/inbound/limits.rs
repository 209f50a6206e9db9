use super::ClientCredentials;
use crate::access::Operation;
use crate::{Caller, Error, ErrorCode, Result};
use async_trait::async_trait;
use doorward_domain::{Quota, RateClass, Taken};

/// How a caller stands in a class after he was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Which limit it is.
    pub class: RateClass,
    /// How often it may be.
    pub quota: Quota,
    /// What came of the last try.
    pub taken: Taken,
}

impl Standing {
    /// Whether he may go on.
    ///
    /// # Errors
    /// `rate_limited`, with the time to wait.
    pub fn judge(&self) -> Result<()> {
        let Taken::Refused { retry_after, .. } = self.taken else { return Ok(()) };
        let detail = "There were too many requests of this kind. Wait as long as Retry-After says, and try again.";
        Err(Error::new(ErrorCode::RateLimited, detail).retry_after(retry_after))
    }
}

/// Counts requests before they are served. A front end asks the three in turn, as soon as it knows what each needs; for
/// each operation one of them counts, and the others answer nothing. An operation without a limit is never counted.
#[async_trait]
pub trait Limits: Send + Sync {
    /// Of the caller only the address is known.
    async fn admit_address(&self, caller: &Caller, operation: Operation) -> Option<Standing>;

    /// It is known who calls, or that nobody can tell.
    async fn admit_caller(&self, caller: &Caller, operation: Operation) -> Option<Standing>;

    /// It is known which client he says to be, and how he proves it.
    async fn admit_client(
        &self,
        caller: &Caller,
        operation: Operation,
        shown: Option<&ClientCredentials>,
    ) -> Option<Standing>;
}
