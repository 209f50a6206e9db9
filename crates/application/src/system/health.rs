use crate::Services;
use doorward_ports::access::{self, Operation};
use doorward_ports::inbound::{ComponentHealth, Health, HealthStatus};
use doorward_ports::outbound::HealthProbe;
use doorward_ports::{Caller, Result};
use std::time::Duration;

pub(super) async fn health(services: &Services, caller: &Caller) -> Result<Health> {
    access::authorize(caller, Operation::ReadHealth)?;
    let began = services.now();
    let status = database(services).await;
    let mut components = vec![ComponentHealth { name: "database", status, took: services.now().since(began) }];
    components.extend(services.tools.probes.iter().map(|probe| dispensable(&**probe)));
    Ok(Health { status: worst(components.iter().map(|component| component.status)), components })
}

pub(super) async fn summary(services: &Services) -> HealthStatus {
    let dispensable = services.tools.probes.iter().map(|probe| dispensable(&**probe).status);
    worst(dispensable.chain([database(services).await]))
}

async fn database(services: &Services) -> HealthStatus {
    match services.tools.store.ping().await {
        Ok(()) => HealthStatus::Healthy,
        Err(_) => HealthStatus::Unhealthy,
    }
}

fn dispensable(probe: &dyn HealthProbe) -> ComponentHealth {
    let status = if probe.works() { HealthStatus::Healthy } else { HealthStatus::Degraded };
    ComponentHealth { name: probe.component(), status, took: Duration::ZERO }
}

fn worst(parts: impl Iterator<Item = HealthStatus>) -> HealthStatus {
    parts.max().unwrap_or(HealthStatus::Healthy)
}
