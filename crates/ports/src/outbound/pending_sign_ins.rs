use super::StoreError;
use crate::SecretDigest;
use async_trait::async_trait;
use doorward_domain::{AttemptId, PendingSignIn, PendingSignInId, Timestamp, UserId};

/// Sign-ins that wait for their second factor. They are deleted with their account.
#[async_trait]
pub trait PendingSignIns: Send {
    /// Adds one, with the digest of its token.
    async fn insert(&mut self, pending: &PendingSignIn, token: &SecretDigest) -> Result<(), StoreError>;
    /// Returns the one with this token, open or not, without a lock.
    async fn by_token(&mut self, token: &SecretDigest) -> Result<Option<PendingSignIn>, StoreError>;
    /// Counts a try of the one with this token, and returns it. None if there is none, it has ended, it was begun at
    /// `begun_by` or before, or it has had as many tries as there may be: of any number of calls at once, no more than
    /// these are counted. The one that is returned stays locked until this work ends.
    async fn try_code(
        &mut self,
        token: &SecretDigest,
        begun_by: Timestamp,
    ) -> Result<Option<PendingSignIn>, StoreError>;
    /// Ends one; false if there is none, or it has ended already.
    async fn end(&mut self, id: PendingSignInId, at: Timestamp) -> Result<bool, StoreError>;
    /// Ends all of an account that have not ended; returns their number.
    async fn end_of_user(&mut self, user: UserId, at: Timestamp) -> Result<usize, StoreError>;
    /// Ends that of an attempt at a provider, if there is one that has not ended; returns whether there was.
    async fn end_of_attempt(&mut self, attempt: AttemptId, at: Timestamp) -> Result<bool, StoreError>;
    /// Deletes at most `limit` that were begun before `before`; returns their number.
    async fn purge(&mut self, before: Timestamp, limit: usize) -> Result<usize, StoreError>;
}
