use crate::outbound::PublicKeys;
use crate::{Caller, Result, Secret};
use async_trait::async_trait;
use doorward_domain::{CorrelationId, Email};
use std::time::Duration;

/// The health of a component, or of the whole service; the worst is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HealthStatus {
    /// Everything works.
    Healthy,
    /// It works, but something is missing.
    Degraded,
    /// It does not work.
    Unhealthy,
}

/// The health of one component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentHealth {
    /// Its name.
    pub name: &'static str,
    /// Its health.
    pub status: HealthStatus,
    /// How long its answer took.
    pub took: Duration,
    /// What users notice; none while it is healthy.
    pub effect: Option<String>,
}

/// The health of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// The health of the whole service.
    pub status: HealthStatus,
    /// The health of the components.
    pub components: Vec<ComponentHealth>,
}

/// The first administrator of an empty database.
#[derive(Debug, Clone)]
pub struct FirstAdmin {
    /// The e-mail address to sign in with.
    pub email: Email,
    /// The generated password, to be shown once; none if the operator has set one.
    pub password: Option<Secret>,
}

/// What housekeeping has deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tidied {
    /// Sign-ins that waited for their second factor.
    pub pending_sign_ins: usize,
    /// Enrolments of second factors that nobody has finished.
    pub enrolments: usize,
    /// Sessions that ended long ago.
    pub sessions: usize,
    /// Counts of wrong passwords, and networks, that have not changed for long.
    pub attempts: usize,
    /// Attempts to sign in with a provider, long after their end.
    pub authorizations: usize,
    /// Logout tokens of providers that have expired.
    pub logout_tokens: usize,
    /// Tokens in the links of mails that have expired.
    pub mail_tokens: usize,
    /// Revocations that no node reads any more.
    pub revocations: usize,
}

/// The service itself.
#[async_trait]
pub trait System: Send + Sync {
    /// Returns a fresh correlation id, for a request without one.
    fn correlation_id(&self) -> CorrelationId;
    /// Checks that requests can be served: the database answers.
    async fn ready(&self) -> Result<()>;
    /// Returns the health of the whole service, for everybody.
    async fn summary(&self) -> HealthStatus;
    /// Returns the health of each component.
    async fn health(&self, caller: &Caller) -> Result<Health>;
    /// Returns the metrics in the text format of Prometheus, without the database.
    fn metrics(&self, caller: &Caller) -> Result<String>;
    /// Returns the public keys that verify tokens.
    fn public_keys(&self) -> PublicKeys;
    /// Returns the issuer of tokens (`iss`), which identifies the metadata of this service (RFC 8414 §2).
    fn issuer(&self) -> String;
    /// Creates the first administrator of an empty database. None if there is any account; of several calls at once,
    /// one succeeds.
    async fn bootstrap(&self, caller: &Caller, email: &str, password: Option<Secret>) -> Result<Option<FirstAdmin>>;
    /// Records the sessions that were used since the last call; returns their number. Uses that can't be recorded are
    /// dropped: a session that is used further is noted again.
    async fn record_sightings(&self, caller: &Caller) -> Result<usize>;
    /// Deletes expired data. Safe to run at any time, on several nodes at once.
    async fn tidy(&self, caller: &Caller) -> Result<Tidied>;
}
