use super::{
    ClientStates, Lease, LiveClient, Lookup, OpenSession, RevocationLog, RoleCatalogue, SessionStates, Store,
    UserDirectory,
};
use doorward_domain::{GrantId, Role, RoleName, SessionId, User, UserId};
use std::error::Error;
use std::sync::Arc;

/// The ports of an opened store.
#[derive(Clone)]
pub struct OpenedStore {
    /// Units of work.
    pub store: Arc<dyn Store>,
    /// Whether sessions hold, uncached.
    pub session_states: Arc<SessionStates>,
    /// Whether client apps' own tokens hold, uncached.
    pub client_states: Arc<ClientStates>,
    /// Accounts to look at, uncached.
    pub users: Arc<UserDirectory>,
    /// Roles to look at, uncached.
    pub roles: Arc<RoleCatalogue>,
    /// The sequence of revocations.
    pub revocations: Arc<dyn RevocationLog>,
    /// What one process does at a time.
    pub lease: Arc<dyn Lease>,
}

impl OpenedStore {
    /// One store as each of its ports.
    pub fn of<S>(store: S) -> Self
    where
        S: Store
            + Lookup<SessionId, OpenSession>
            + Lookup<GrantId, LiveClient>
            + Lookup<UserId, Arc<User>>
            + Lookup<RoleName, Role>
            + RevocationLog
            + Lease
            + 'static,
    {
        let store = Arc::new(store);
        Self {
            store: store.clone(),
            session_states: store.clone(),
            client_states: store.clone(),
            users: store.clone(),
            roles: store.clone(),
            revocations: store.clone(),
            lease: store,
        }
    }
}

/// What migrating did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationReport {
    /// The migrations that were applied, by name, in their order; empty when the schema was up to date.
    pub applied: Vec<String>,
}

/// What there is to know of a database before one relies on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DatabaseSurvey {
    /// The major version of PostgreSQL; none for SQLite.
    pub postgres: Option<u32>,
    /// Whether a prepared statement is still there in the next transaction. Behind PgBouncer in transaction mode it is from
    /// 1.21 on, with `max_prepared_statements` above 0; without it about half of all queries fail.
    pub keeps_prepared_statements: bool,
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
    /// The database could not be reached, opened or locked.
    #[error("the database cannot be opened")]
    Unavailable {
        /// What an operator should do.
        cure: &'static str,
        /// Why: no secret stands in it.
        #[source]
        source: Source,
    },
    /// A migration failed; it left nothing behind.
    #[error("the database's schema cannot be brought up to date")]
    Failed(#[source] Source),
}

impl SchemaError {
    /// A migration failed, because of this.
    pub fn failed(source: impl Into<Source>) -> Self {
        Self::Failed(source.into())
    }
}
