use super::StoreError;
use crate::SecretDigest;
use async_trait::async_trait;
use doorward_domain::{AttemptId, AuthorizationAttempt, ProviderName, SessionId, Timestamp};
use std::fmt;

/// What is kept of the secrets of a new attempt.
#[derive(Clone, Copy)]
pub struct AttemptSecrets<'a> {
    /// The digest of the `state` that is sent to the provider, by which its answer is found.
    pub state: &'a SecretDigest,
    /// The digest of the cookie of the browser that began it; none if a client began it without a browser.
    pub browser: Option<&'a SecretDigest>,
    /// The code verifier for the provider, sealed.
    pub verifier: &'a [u8],
}

impl fmt::Debug for AttemptSecrets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AttemptSecrets(…)")
    }
}

/// An attempt that the provider has answered.
#[derive(Clone)]
pub struct AnsweredAttempt {
    /// The attempt.
    pub attempt: AuthorizationAttempt,
    /// The code verifier for the provider, sealed.
    pub verifier: Vec<u8>,
}

impl fmt::Debug for AnsweredAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnsweredAttempt").field("attempt", &self.attempt).finish_non_exhaustive()
    }
}

/// The result of spending a code.
#[derive(Debug, Clone)]
pub enum SpentCode {
    /// It was spent now, for the first time.
    First {
        /// The attempt.
        attempt: Box<AuthorizationAttempt>,
        /// What the provider has said of the person, sealed.
        identity: Vec<u8>,
        /// When the code was issued.
        issued_at: Timestamp,
    },
    /// It was spent before.
    Again {
        /// The attempt.
        attempt: AttemptId,
        /// The session that the first use has made, if it made one.
        session: Option<SessionId>,
    },
}

/// An identity that may be linked to an account.
#[derive(Debug, Clone)]
pub struct LinkOffer {
    /// The attempt by which it was proved.
    pub attempt: AuthorizationAttempt,
    /// What the provider has said of the person, sealed.
    pub identity: Vec<u8>,
    /// When it was offered.
    pub offered_at: Timestamp,
}

/// Attempts to sign in with a provider. Each step of an attempt is taken by one statement: of any number of calls at
/// once, exactly one takes it.
#[async_trait]
pub trait AuthorizationAttempts: Send {
    /// Adds an attempt that was just begun.
    async fn insert(&mut self, attempt: &AuthorizationAttempt, secrets: AttemptSecrets<'_>) -> Result<(), StoreError>;

    /// Takes the answer of the provider to the attempt with this `state`. None if there is none, it belongs to another
    /// provider or another browser, it was begun before `begun_after`, or it was answered before.
    async fn answer(
        &mut self,
        state: &SecretDigest,
        provider: &ProviderName,
        browser: Option<&SecretDigest>,
        begun_after: Timestamp,
        now: Timestamp,
    ) -> Result<Option<AnsweredAttempt>, StoreError>;

    /// Adds the code for what the provider has proved (sealed) to an answered attempt.
    async fn issue_code(
        &mut self,
        id: AttemptId,
        code: &SecretDigest,
        identity: &[u8],
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Spends a code, whether it has expired or not. None if no attempt has it.
    async fn spend_code(&mut self, code: &SecretDigest, now: Timestamp) -> Result<Option<SpentCode>, StoreError>;

    /// An attempt whose code is spent, and what the provider has said of the person, sealed. None if there is none.
    async fn spent(&mut self, id: AttemptId) -> Result<Option<(AuthorizationAttempt, Vec<u8>)>, StoreError>;

    /// Records the session that was made for the code of an attempt.
    async fn note_session(&mut self, id: AttemptId, session: SessionId) -> Result<(), StoreError>;

    /// Offers the proved identity of an attempt, whose code is spent, to be linked by whoever has this token.
    async fn offer_link(&mut self, id: AttemptId, token: &SecretDigest, now: Timestamp) -> Result<(), StoreError>;

    /// Takes an offer, whether it has expired or not. None if there is none, or it was taken before.
    async fn take_link(&mut self, token: &SecretDigest, now: Timestamp) -> Result<Option<LinkOffer>, StoreError>;

    /// Deletes at most `limit` attempts that were begun before `before`; returns their number.
    async fn purge(&mut self, before: Timestamp, limit: usize) -> Result<usize, StoreError>;
}
