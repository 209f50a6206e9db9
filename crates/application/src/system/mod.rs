//! The service itself: its health, its keys, its first administrator, its housekeeping.
mod bootstrap;
mod health;
mod sightings;
mod tidy;

use crate::Services;
use async_trait::async_trait;
use doorward_domain::CorrelationId;
use doorward_ports::access::{self, Operation};
use doorward_ports::inbound::{FirstAdmin, Health, HealthStatus, System, Tidied};
use doorward_ports::outbound::PublicKeys;
use doorward_ports::{Caller, Result, Secret};

#[async_trait]
impl System for Services {
    fn correlation_id(&self) -> CorrelationId {
        CorrelationId::mint(self.now(), self.draw())
    }

    async fn ready(&self) -> Result<()> {
        Ok(self.tools.store.ping().await?)
    }

    async fn health(&self, caller: &Caller) -> Result<Health> {
        health::health(self, caller).await
    }

    fn metrics(&self, caller: &Caller) -> Result<String> {
        access::authorize(caller, Operation::ReadMetrics)?;
        Ok(self.tools.exposition.text())
    }

    async fn summary(&self) -> HealthStatus {
        health::summary(self).await
    }

    fn public_keys(&self) -> PublicKeys {
        self.tools.signer.public_keys()
    }

    fn issuer(&self) -> String {
        self.tools.signer.names().issuer
    }

    async fn bootstrap(&self, caller: &Caller, email: &str, password: Option<Secret>) -> Result<Option<FirstAdmin>> {
        bootstrap::bootstrap(self, caller, email, password).await
    }

    async fn record_sightings(&self, caller: &Caller) -> Result<usize> {
        sightings::record(self, caller).await
    }

    async fn tidy(&self, caller: &Caller) -> Result<Tidied> {
        tidy::tidy(self, caller).await
    }
}
