use super::{
    Audit, AuditChain, AuditChainRead, AuditRead, AuthorizationAttempts, ClientApps, ClientAppsRead, Exchange, Factors,
    FactorsRead, Identities, IdentitiesRead, MailTokens, MailTokensRead, Outbox, OutboxRead, PendingSignIns,
    ProviderSessions, Providers, ProvidersRead, Roles, RolesRead, SealedValues, SealedValuesRead, SealingKeys,
    SealingKeysRead, Sessions, SessionsRead, SignInAttempts, SigningKeys, SigningKeysRead, StoreError, Users,
    UsersRead,
};
use async_trait::async_trait;
use doorward_domain::{Session, SessionId, Timestamp};

/// An action that runs once after the commit is durable, and never after a rollback.
pub type AfterCommit = Box<dyn FnOnce() + Send>;

/// The source of truth: accounts, roles, sessions, the audit log.
///
/// Many units of work may be open at once; they are isolated from each other at least as with READ COMMITTED.
#[async_trait]
pub trait Store: Send + Sync {
    /// Opens a transaction that may write. Waits a limited time for a connection (and on an embedded store for its only
    /// writer), then fails with [`StoreError::Unavailable`]. Open it late and close it soon: never await a hash, the
    /// network or an external system in between.
    async fn write(&self) -> Result<Box<dyn WriteWork>, StoreError>;

    /// Runs single statements, each separately. A replica may answer.
    async fn read(&self) -> Result<Box<dyn ReadWork>, StoreError>;

    /// Runs several statements on one snapshot. A replica may answer.
    async fn snapshot(&self) -> Result<Box<dyn ReadWork>, StoreError>;

    /// Spends the presented token for the next one, in one statement: of any number of calls at once, exactly one gets
    /// the updated session. None if the presented token is not the current token of a live session.
    ///
    /// It is a unit of work of its own, and durable when it returns. It is the most frequent write, so a store may make
    /// several durable with one commit. If the caller goes away, it may be done or not.
    async fn exchange(&self, id: SessionId, exchange: &Exchange) -> Result<Option<Session>, StoreError>;

    /// Checks that the store answers, and is not one that never accepts a write, such as a standby. Waits a limited
    /// time.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Checks that something can be written durably: not on a standby, a full disk or a read-only file. Waits a limited
    /// time, and tries at most every few seconds: in between, it returns the last result.
    async fn try_write(&self) -> Result<(), StoreError>;
}

/// Reads. It has no method that writes, so that a write to a replica does not compile.
pub trait ReadWork: Send {
    /// Accounts.
    fn users(&mut self) -> &mut dyn UsersRead;
    /// Roles and permissions.
    fn roles(&mut self) -> &mut dyn RolesRead;
    /// Sessions.
    fn sessions(&mut self) -> &mut dyn SessionsRead;
    /// Client apps.
    fn client_apps(&mut self) -> &mut dyn ClientAppsRead;
    /// Identities at providers.
    fn identities(&mut self) -> &mut dyn IdentitiesRead;
    /// Second factors.
    fn factors(&mut self) -> &mut dyn FactorsRead;
    /// Providers.
    fn providers(&mut self) -> &mut dyn ProvidersRead;
    /// The tokens in the links of mails.
    fn mail_tokens(&mut self) -> &mut dyn MailTokensRead;
    /// Mails that are to be sent.
    fn outbox(&mut self) -> &mut dyn OutboxRead;
    /// The signing keys.
    fn signing_keys(&mut self) -> &mut dyn SigningKeysRead;
    /// The sealing keys.
    fn sealing_keys(&mut self) -> &mut dyn SealingKeysRead;
    /// The sealed values of all tables.
    fn sealed_values(&mut self) -> &mut dyn SealedValuesRead;
    /// The audit log.
    fn audit(&mut self) -> &mut dyn AuditRead;
    /// The chain of the audit log.
    fn audit_chain(&mut self) -> &mut dyn AuditChainRead;
}

/// A rule over several rows, which the lock of a single row can't protect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Guard {
    /// At least one active account must have the role `admin`.
    LastAdmin,
    /// The first account of an empty database is created once.
    Bootstrap,
    /// Only one process at a time changes the signing keys.
    SigningKeys,
    /// Only one process at a time creates an audit key, or prunes the audit log.
    AuditChain,
    /// Only one process at a time changes the sealing keys.
    SealingKeys,
}

impl Guard {
    /// The stable name of its row.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LastAdmin => "last_admin",
            Self::Bootstrap => "bootstrap",
            Self::SigningKeys => "signing_keys",
            Self::AuditChain => "audit_chain",
            Self::SealingKeys => "sealing_keys",
        }
    }
}

/// One transaction that may write. It reads from the primary and never from a cache.
///
/// If it is dropped without `commit` (an error with `?`, a cancelled request), it is rolled back, and its locks are
/// free at once.
#[async_trait]
pub trait WriteWork: Send {
    /// Accounts.
    fn users(&mut self) -> &mut dyn Users;
    /// Roles and permissions.
    fn roles(&mut self) -> &mut dyn Roles;
    /// Sessions.
    fn sessions(&mut self) -> &mut dyn Sessions;
    /// The signing keys.
    fn signing_keys(&mut self) -> &mut dyn SigningKeys;
    /// The sealing keys.
    fn sealing_keys(&mut self) -> &mut dyn SealingKeys;
    /// The sealed values of all tables.
    fn sealed_values(&mut self) -> &mut dyn SealedValues;
    /// Wrong passwords, and the known networks of owners.
    fn attempts(&mut self) -> &mut dyn SignInAttempts;
    /// Client apps.
    fn client_apps(&mut self) -> &mut dyn ClientApps;
    /// Identities at providers.
    fn identities(&mut self) -> &mut dyn Identities;
    /// Providers.
    fn providers(&mut self) -> &mut dyn Providers;
    /// The tokens in the links of mails.
    fn mail_tokens(&mut self) -> &mut dyn MailTokens;
    /// Mails that are to be sent: committed together with the act that they tell of.
    fn outbox(&mut self) -> &mut dyn Outbox;
    /// Attempts to sign in with a provider.
    fn authorization_attempts(&mut self) -> &mut dyn AuthorizationAttempts;
    /// Second factors.
    fn factors(&mut self) -> &mut dyn Factors;
    /// Sign-ins that wait for their second factor.
    fn pending_sign_ins(&mut self) -> &mut dyn PendingSignIns;
    /// The sessions at providers with which sessions began.
    fn provider_sessions(&mut self) -> &mut dyn ProviderSessions;
    /// The audit log: its lines are committed together with the changes that they describe.
    fn audit(&mut self) -> &mut dyn Audit;
    /// The chain of the audit log.
    fn audit_chain(&mut self) -> &mut dyn AuditChain;

    /// Lets every other unit of work with the same guard wait until this one ends. Take it before you read what the
    /// rule is about.
    async fn guard(&mut self, guard: Guard) -> Result<(), StoreError>;

    /// Deletes at most `limit` revocations that were written before `before`; returns their number.
    async fn purge_revocations(&mut self, before: Timestamp, limit: usize) -> Result<usize, StoreError>;

    /// Runs the action right after the commit, also if the caller has gone away by then.
    fn after_commit(&mut self, action: AfterCommit);

    /// Commits durably, then runs the actions. Once begun, it is finished, also if the caller stops waiting.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}
