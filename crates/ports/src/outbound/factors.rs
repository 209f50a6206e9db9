use super::StoreError;
use crate::SecretDigest;
use async_trait::async_trait;
use doorward_domain::{Attempts, Factor, FactorId, Timestamp, TotpProgress, UserId};
use std::fmt;

/// An authenticator, with what is needed to check its codes.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpFactor {
    /// The factor.
    pub factor: Factor,
    /// Its seed, sealed.
    pub sealed_seed: Vec<u8>,
    /// Its last step, and its drift.
    pub progress: TotpProgress,
    /// The wrong codes in a row.
    pub attempts: Attempts,
}

impl fmt::Debug for TotpFactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TotpFactor").field("factor", &self.factor).finish_non_exhaustive()
    }
}

/// Reads second factors.
#[async_trait]
pub trait FactorsRead: Send {
    /// Returns all factors of an account, confirmed or not, oldest first.
    async fn of_user(&mut self, user: UserId) -> Result<Vec<Factor>, StoreError>;
    /// Returns the number of recovery codes of an account that are not used.
    async fn recovery_codes_left(&mut self, user: UserId) -> Result<usize, StoreError>;
}

/// Changes second factors. They are deleted with their account. Every change is of the factors of one account: an id of
/// another account's is an id of none.
#[async_trait]
pub trait Factors: FactorsRead {
    /// Adds a factor with its sealed seed, without a step and without wrong codes.
    async fn insert(&mut self, factor: &Factor, sealed_seed: &[u8]) -> Result<(), StoreError>;
    /// Returns the authenticators of an account, confirmed or not, oldest first.
    async fn totp_of(&mut self, user: UserId) -> Result<Vec<TotpFactor>, StoreError>;
    /// Confirms a factor; false if the account has none with this id, or it is confirmed: of any number of calls at once,
    /// exactly one confirms it.
    async fn confirm(&mut self, user: UserId, id: FactorId, at: Timestamp) -> Result<bool, StoreError>;
    /// Uses up the step of this progress, and forgets the wrong codes. False, and nothing is changed, if that step or a
    /// later one is used up already: of any number of calls at once with one step, exactly one uses it up.
    async fn use_step(
        &mut self,
        user: UserId,
        id: FactorId,
        progress: &TotpProgress,
        at: Timestamp,
    ) -> Result<bool, StoreError>;
    /// Writes the count of wrong codes of a factor. The caller has the lock of the account.
    async fn save_attempts(&mut self, user: UserId, id: FactorId, attempts: &Attempts) -> Result<(), StoreError>;
    /// Deletes a factor; false if the account has none with this id.
    async fn delete(&mut self, user: UserId, id: FactorId) -> Result<bool, StoreError>;
    /// Replaces all recovery codes of an account, used or not, by those with these digests.
    async fn replace_recovery_codes(
        &mut self,
        user: UserId,
        digests: &[SecretDigest],
        at: Timestamp,
    ) -> Result<(), StoreError>;
    /// Uses up a recovery code; false if the account has none with this digest, or it is used up already: of any number
    /// of calls at once, exactly one uses it up.
    async fn use_recovery_code(
        &mut self,
        user: UserId,
        digest: &SecretDigest,
        at: Timestamp,
    ) -> Result<bool, StoreError>;
    /// Deletes at most `limit` factors that are not confirmed and were created before `before`; returns their number.
    async fn purge_unconfirmed(&mut self, before: Timestamp, limit: usize) -> Result<usize, StoreError>;
}
