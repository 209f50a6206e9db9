//! The service itself: its health, its keys, its first administrator, its housekeeping.
mod bootstrap;
mod health;
mod sightings;
mod tidy;

use crate::Services;
use async_trait::async_trait;
use doorward_domain::CorrelationId;
use doorward_ports::access::Operation;
use doorward_ports::inbound::{FirstAdmin, Health, HealthStatus, System, Tidied};
use doorward_ports::outbound::PublicKeys;
use doorward_ports::{Caller, Result, Secret};

#[async_trait]
impl System for Services {
    fn correlation_id(&self) -> CorrelationId {
        let tools = self.tools_without_authorization();
        CorrelationId::mint(tools.now(), tools.draw())
    }

    async fn ready(&self) -> Result<()> {
        Ok(self.tools_without_authorization().store.ping().await?)
    }

    async fn health(&self, caller: &Caller) -> Result<Health> {
        Ok(health::health(self.authorize(caller, Operation::ReadHealth)?).await)
    }

    fn metrics(&self, caller: &Caller) -> Result<String> {
        Ok(self.authorize(caller, Operation::ReadMetrics)?.tools().exposition.text())
    }

    async fn summary(&self) -> HealthStatus {
        health::summary(self.tools_without_authorization()).await
    }

    fn public_keys(&self) -> PublicKeys {
        self.tools_without_authorization().signer.public_keys()
    }

    fn issuer(&self) -> String {
        self.tools_without_authorization().signer.names().issuer
    }

    async fn bootstrap(&self, caller: &Caller, email: &str, password: Option<Secret>) -> Result<Option<FirstAdmin>> {
        bootstrap::bootstrap(self.authorize(caller, Operation::Bootstrap)?, email, password).await
    }

    async fn record_sightings(&self, caller: &Caller) -> Result<usize> {
        sightings::record(self.authorize(caller, Operation::RecordSightings)?).await
    }

    async fn tidy(&self, caller: &Caller) -> Result<Tidied> {
        tidy::tidy(self.authorize(caller, Operation::Tidy)?).await
    }
}
