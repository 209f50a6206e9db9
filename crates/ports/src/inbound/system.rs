use crate::outbound::PublicKeys;
use crate::{Caller, Result, Secret};
use async_trait::async_trait;
use doorward_domain::{CorrelationId, Email};
use std::time::Duration;

/// How a part, or the whole, is; the worst is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HealthStatus {
    /// All is well.
    Healthy,
    /// It works, with something missing.
    Degraded,
    /// It does not work.
    Unhealthy,
}

/// How one part is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentHealth {
    /// Which.
    pub name: &'static str,
    /// How.
    pub status: HealthStatus,
    /// How long it took to answer.
    pub took: Duration,
}

/// How the service is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// The whole.
    pub status: HealthStatus,
    /// The parts.
    pub components: Vec<ComponentHealth>,
}

/// The administrator that an empty database was given.
#[derive(Debug, Clone)]
pub struct FirstAdmin {
    /// How to sign in.
    pub email: Email,
    /// The password that was made up, to be shown once; none when the operator had set one.
    pub password: Option<Secret>,
}

/// What housekeeping removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tidied {
    /// Sessions that ended long ago.
    pub sessions: usize,
    /// Counts of wrong passwords, and networks, untouched for long.
    pub attempts: usize,
    /// Revocations that nobody reads any more.
    pub revocations: usize,
}

/// The service itself.
#[async_trait]
pub trait System: Send + Sync {
    /// A fresh correlation id, for a request that brought none.
    fn correlation_id(&self) -> CorrelationId;
    /// Whether requests can be served: the database answers.
    async fn ready(&self) -> Result<()>;
    /// How the whole is, for anybody.
    async fn summary(&self) -> HealthStatus;
    /// How each part is.
    async fn health(&self, caller: &Caller) -> Result<Health>;
    /// What was counted and measured, in the text format of Prometheus. Asks no database.
    fn metrics(&self, caller: &Caller) -> Result<String>;
    /// The keys that others verify our tokens with.
    fn public_keys(&self) -> PublicKeys;
    /// Whom tokens come from (`iss`): what metadata about this service is named by (RFC 8414 §2).
    fn issuer(&self) -> String;
    /// Gives an empty database its first administrator. None when there is any account already; of many at once, one wins.
    async fn bootstrap(&self, caller: &Caller, email: &str, password: Option<Secret>) -> Result<Option<FirstAdmin>>;
    /// Records which sessions were used since this was last asked; answers how many. What can't be recorded is let go: who
    /// goes on using a session is noted again.
    async fn record_sightings(&self, caller: &Caller) -> Result<usize>;
    /// Removes what nobody needs any more. Safe to run at any time, on any number of nodes at once.
    async fn tidy(&self, caller: &Caller) -> Result<Tidied>;
}
