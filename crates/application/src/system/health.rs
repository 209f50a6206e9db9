use crate::access::{self, Operation};
use crate::ports::inbound::{ComponentHealth, Health, HealthStatus};
use crate::{Caller, Result, Services};

pub(super) async fn health(services: &Services, caller: &Caller) -> Result<Health> {
    access::authorize(caller, Operation::ReadHealth)?;
    let began = services.now();
    let status = summary(services).await;
    let database = ComponentHealth { name: "database", status, took: services.now().since(began) };
    Ok(Health { status, components: vec![database] })
}

pub(super) async fn summary(services: &Services) -> HealthStatus {
    match services.tools.store.ping().await {
        Ok(()) => HealthStatus::Healthy,
        Err(_) => HealthStatus::Unhealthy,
    }
}
