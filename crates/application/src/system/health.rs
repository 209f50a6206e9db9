use crate::Tools;
use crate::services::Act;
use doorward_ports::inbound::{ComponentHealth, Health, HealthStatus};
use doorward_ports::outbound::HealthProbe;
use std::time::Duration;

pub(super) async fn health(act: Act<'_>) -> Health {
    let began = act.now();
    let status = database(act.tools()).await;
    let mut components = vec![ComponentHealth { name: "database", status, took: act.now().since(began) }];
    components.extend(act.tools().probes.iter().map(|probe| dispensable(&**probe)));
    Health { status: worst(components.iter().map(|component| component.status)), components }
}

pub(super) async fn summary(tools: &Tools) -> HealthStatus {
    let dispensable = tools.probes.iter().map(|probe| dispensable(&**probe).status);
    worst(dispensable.chain([database(tools).await]))
}

/// Healthy if the database accepts writes, which readiness does not check: a node that can only read is still useful
/// when the disk is full.
async fn database(tools: &Tools) -> HealthStatus {
    let works = tools.store.ping().await.is_ok() && tools.store.try_write().await.is_ok();
    if works { HealthStatus::Healthy } else { HealthStatus::Unhealthy }
}

fn dispensable(probe: &dyn HealthProbe) -> ComponentHealth {
    let status = if probe.works() { HealthStatus::Healthy } else { HealthStatus::Degraded };
    ComponentHealth { name: probe.component(), status, took: Duration::ZERO }
}

fn worst(parts: impl Iterator<Item = HealthStatus>) -> HealthStatus {
    parts.max().unwrap_or(HealthStatus::Healthy)
}
