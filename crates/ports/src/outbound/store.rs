use super::{
    Audit, AuditRead, ClientApps, ClientAppsRead, Exchange, Roles, RolesRead, Sessions, SessionsRead, SignInAttempts,
    SigningKeys, SigningKeysRead, StoreError, Users, UsersRead,
};
use async_trait::async_trait;
use doorward_domain::{Session, SessionId, Timestamp};

/// Runs once what was written is durable, and never when it was rolled back.
pub type AfterCommit = Box<dyn FnOnce() + Send>;

/// The truth: accounts, roles, sessions, the audit log.
///
/// Many units of work may be open at once; they are isolated from each other at least as READ COMMITTED.
#[async_trait]
pub trait Store: Send + Sync {
    /// Opens a transaction that may write. Waits a bounded time for a connection (and on an embedded store for its one
    /// writer), then answers [`StoreError::Unavailable`]. Open it late and close it soon: never await a hash, the network
    /// or an outside service in between.
    async fn write(&self) -> Result<Box<dyn WriteWork>, StoreError>;

    /// Single statements, each by itself. May be answered by a replica.
    async fn read(&self) -> Result<Box<dyn ReadWork>, StoreError>;

    /// Several statements that see one moment. May be answered by a replica.
    async fn snapshot(&self) -> Result<Box<dyn ReadWork>, StoreError>;

    /// Spends the shown token for the next one, in one statement: of any number of callers at once exactly one is answered
    /// the session as it then is. None when the shown token is not the current one of a live session.
    ///
    /// A unit of work by itself, durable once it is answered, because nothing is written as often: a store may make several
    /// durable by one commit. A caller that goes away may find it done or not.
    async fn exchange(&self, id: SessionId, exchange: &Exchange) -> Result<Option<Session>, StoreError>;

    /// Whether the store answers, and is not one that never takes a write, such as a standby. Asked with a bounded wait.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Whether something can be written and made durable: not on a standby, a full disk or a file that is read-only. Asked
    /// with a bounded wait, and tried every few seconds at most: in between it answers what it has found.
    async fn try_write(&self) -> Result<(), StoreError>;
}

/// Reads. Has no method that writes, so that writing to a replica does not compile.
pub trait ReadWork: Send {
    /// Accounts.
    fn users(&mut self) -> &mut dyn UsersRead;
    /// Roles and permissions.
    fn roles(&mut self) -> &mut dyn RolesRead;
    /// Sessions.
    fn sessions(&mut self) -> &mut dyn SessionsRead;
    /// Client apps.
    fn client_apps(&mut self) -> &mut dyn ClientAppsRead;
    /// The keys that tokens are signed with.
    fn signing_keys(&mut self) -> &mut dyn SigningKeysRead;
    /// The audit log.
    fn audit(&mut self) -> &mut dyn AuditRead;
}

/// A rule over several rows, which a single row's lock can't keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Guard {
    /// Somebody active must hold the role `admin`.
    LastAdmin,
    /// The first account of an empty database is made once.
    Bootstrap,
    /// The keys that tokens are signed with are changed by one at a time.
    SigningKeys,
}

impl Guard {
    /// The stable name of its row.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LastAdmin => "last_admin",
            Self::Bootstrap => "bootstrap",
            Self::SigningKeys => "signing_keys",
        }
    }
}

/// One transaction that may write. What it reads, it reads from the primary and from no cache.
///
/// Dropped without `commit` (an error's `?`, a cancelled request) it is rolled back, and its locks are free at once.
#[async_trait]
pub trait WriteWork: Send {
    /// Accounts.
    fn users(&mut self) -> &mut dyn Users;
    /// Roles and permissions.
    fn roles(&mut self) -> &mut dyn Roles;
    /// Sessions.
    fn sessions(&mut self) -> &mut dyn Sessions;
    /// The keys that tokens are signed with.
    fn signing_keys(&mut self) -> &mut dyn SigningKeys;
    /// Wrong passwords, and the networks that owners come from.
    fn attempts(&mut self) -> &mut dyn SignInAttempts;
    /// Client apps.
    fn client_apps(&mut self) -> &mut dyn ClientApps;
    /// The audit log: what it is told is committed together with what it tells of.
    fn audit(&mut self) -> &mut dyn Audit;

    /// Makes every other unit of work that takes the same guard wait until this one ends. Take it before reading what the
    /// rule is about.
    async fn guard(&mut self, guard: Guard) -> Result<(), StoreError>;

    /// Forgets at most `limit` revocations written before `before`; answers how many.
    async fn purge_revocations(&mut self, before: Timestamp, limit: usize) -> Result<usize, StoreError>;

    /// Has the action run right after the commit, also when the caller has gone away by then.
    fn after_commit(&mut self, action: AfterCommit);

    /// Makes it durable, then runs the actions. Once begun it is finished, also when the caller stops waiting.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}
