use super::{
    AllProviders, AuditReaders, ClientStates, ConnectionPools, Lease, LiveClient, Lookup, OpenSession,
    ProviderCatalogue, RevocationLog, RoleCatalogue, SessionStates, Store, StoredProvider, UserDirectory,
};
use doorward_domain::{GrantId, Role, RoleName, SessionId, Timestamp, User, UserId};
use std::error::Error;
use std::sync::Arc;

/// The ports of an opened store.
#[derive(Clone)]
pub struct OpenedStore {
    /// Units of work.
    pub store: Arc<dyn Store>,
    /// The states of sessions, not cached.
    pub session_states: Arc<SessionStates>,
    /// The states of client apps' own tokens, not cached.
    pub client_states: Arc<ClientStates>,
    /// Accounts for reading, not cached.
    pub users: Arc<UserDirectory>,
    /// Roles for reading, not cached.
    pub roles: Arc<RoleCatalogue>,
    /// The providers in the store, not cached.
    pub providers: Arc<ProviderCatalogue>,
    /// The sequence of revocations.
    pub revocations: Arc<dyn RevocationLog>,
    /// What one process does at a time.
    pub lease: Arc<dyn Lease>,
    /// The places of the readers of the audit log.
    pub audit_readers: Arc<dyn AuditReaders>,
    /// Its pools of connections.
    pub pools: Arc<dyn ConnectionPools>,
}

impl OpenedStore {
    /// One store as all of these ports.
    pub fn of<S>(store: S) -> Self
    where
        S: Store
            + Lookup<SessionId, OpenSession>
            + Lookup<GrantId, LiveClient>
            + Lookup<UserId, Arc<User>>
            + Lookup<RoleName, Role>
            + Lookup<AllProviders, Arc<Vec<StoredProvider>>>
            + RevocationLog
            + Lease
            + AuditReaders
            + ConnectionPools
            + 'static,
    {
        let store = Arc::new(store);
        Self {
            store: store.clone(),
            session_states: store.clone(),
            client_states: store.clone(),
            users: store.clone(),
            roles: store.clone(),
            providers: store.clone(),
            revocations: store.clone(),
            lease: store.clone(),
            audit_readers: store.clone(),
            pools: store,
        }
    }
}

/// The result of a migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationReport {
    /// The migrations that were applied, by name and in order; empty if the schema was up to date.
    pub applied: Vec<String>,
}

/// What is checked of a database before it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DatabaseSurvey {
    /// The major version of PostgreSQL; none for SQLite.
    pub postgres: Option<u32>,
    /// Whether prepared statements survive the end of a transaction. Behind PgBouncer in transaction mode, they do from
    /// version 1.21 on, with `max_prepared_statements` above 0; otherwise about half of all queries fail.
    pub keeps_prepared_statements: bool,
    /// The time of the database's clock when it was asked, last of all; none for SQLite, which has no clock of its own.
    pub clock: Option<Timestamp>,
}

type Source = Box<dyn Error + Send + Sync>;

/// Why the schema could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// A later version of Doorward has changed the schema.
    #[error(
        "the database's schema is {found}, and this version of Doorward knows it up to {known}: start the version that was \
         here before, or a later one"
    )]
    Newer {
        /// The latest migration in the database.
        found: String,
        /// The latest one in this binary.
        known: String,
    },
    /// The database can't be reached, opened or locked.
    #[error("the database can't be opened")]
    Unavailable {
        /// What the operator should do.
        cure: &'static str,
        /// The cause, which contains no secret.
        #[source]
        source: Source,
    },
    /// A migration failed and was rolled back.
    #[error("the schema of the database can't be updated")]
    Failed(#[source] Source),
}

impl SchemaError {
    /// The cause of the failure.
    pub fn failed(source: impl Into<Source>) -> Self {
        Self::Failed(source.into())
    }
}
