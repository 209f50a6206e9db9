use super::StoreError;
use crate::SecretDigest;
use async_trait::async_trait;
use doorward_domain::{MailToken, MailTokenPurpose, Timestamp, UserId};

/// Reads the tokens in the links of mails.
#[async_trait]
pub trait MailTokensRead: Send {
    /// Returns the token with this digest, unless it has expired. It is not spent.
    async fn find(&mut self, token: &SecretDigest, now: Timestamp) -> Result<Option<MailToken>, StoreError>;
}

/// Changes the tokens in the links of mails. Only their digests are kept. They are deleted with their account.
#[async_trait]
pub trait MailTokens: MailTokensRead {
    /// Adds a token, in the place of the one of the same account and [slot](MailToken::slot), if there is one: that one is
    /// good for nothing from then on. Of several at once, one is left.
    ///
    /// A report keeps the `issued_at` of the one that it replaces, if that one is still good and was issued earlier: it can
    /// undo all that the mails told of.
    async fn issue(&mut self, token: &MailToken, digest: &SecretDigest) -> Result<(), StoreError>;

    /// Spends a token, in one statement: of any number of calls at once, exactly one gets it. None if there is none with
    /// this digest and purpose, it has expired, was replaced, or was spent before.
    async fn spend(
        &mut self,
        token: &SecretDigest,
        purpose: MailTokenPurpose,
        now: Timestamp,
    ) -> Result<Option<MailToken>, StoreError>;

    /// Deletes the tokens of an account for these purposes that were issued then or later; returns their number.
    async fn revoke(
        &mut self,
        user: UserId,
        purposes: &[MailTokenPurpose],
        issued_from: Timestamp,
    ) -> Result<usize, StoreError>;

    /// Deletes at most `limit` tokens that expired before `before`; returns their number.
    async fn purge(&mut self, before: Timestamp, limit: usize) -> Result<usize, StoreError>;
}
