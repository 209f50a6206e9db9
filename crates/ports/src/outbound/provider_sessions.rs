use super::StoreError;
use crate::SecretDigest;
use async_trait::async_trait;
use doorward_domain::{IdentityKey, ProviderName, SessionId, Timestamp, UserId};

/// A session at a provider.
#[derive(Debug, Clone, Copy)]
pub struct ProviderSession<'a> {
    /// The provider.
    pub provider: &'a ProviderName,
    /// Whose it is.
    pub key: &'a IdentityKey,
    /// The digest of its id, `sid`, if the provider states one (OpenID Connect Back-Channel Logout 1.0 §2.1).
    pub id: Option<&'a SecretDigest>,
}

/// Which sessions have ended at a provider.
#[derive(Debug, Clone, Copy)]
pub struct EndedThere<'a> {
    /// The provider.
    pub provider: &'a ProviderName,
    /// The issuer of the person.
    pub issuer: &'a str,
    /// Whose they are.
    pub whose: Whose<'a>,
}

/// One session at a provider, or all of a person.
#[derive(Debug, Clone, Copy)]
pub enum Whose<'a> {
    /// The session with this digest; of this subject alone, if one is named.
    Session(&'a SecretDigest, Option<&'a str>),
    /// All sessions of the subject.
    Subject(&'a str),
}

/// The sessions at providers with which sessions began, and the logout tokens that were used.
#[async_trait]
pub trait ProviderSessions: Send {
    /// Records with which session at a provider a session began. It is deleted with the session.
    async fn insert(&mut self, session: SessionId, there: ProviderSession<'_>) -> Result<(), StoreError>;

    /// Returns at most `limit` live sessions, with their accounts, which began with what has ended; in a stable order.
    async fn live(
        &mut self,
        ended: EndedThere<'_>,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<(SessionId, UserId)>, StoreError>;

    /// Uses a logout token, which expires at this time. False if it was used before: of any number of calls at once,
    /// exactly one uses it.
    async fn use_logout_token(&mut self, token: &SecretDigest, expires_at: Timestamp) -> Result<bool, StoreError>;

    /// Notes that this has ended at the provider now, for an hour at least.
    async fn note_end(&mut self, ended: EndedThere<'_>, now: Timestamp) -> Result<(), StoreError>;

    /// Whether what is noted has ended this session: it itself, or, later than `since`, all sessions of its subject. An end
    /// that is noted at the same time waits until this work has ended, or this call waits for it: the later of both sees
    /// what the other has done.
    async fn has_ended(
        &mut self,
        there: ProviderSession<'_>,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Deletes at most `limit` notes and logout tokens that expired before `before`; returns their number. A note expires when it
    /// is made.
    async fn purge_logout_tokens(&mut self, before: Timestamp, limit: usize) -> Result<usize, StoreError>;
}
