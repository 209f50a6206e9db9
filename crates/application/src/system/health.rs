use crate::Tools;
use crate::services::Act;
use doorward_ports::inbound::{ComponentHealth, Health, HealthStatus};
use doorward_ports::outbound::HealthProbe;

const UNREACHABLE: &str = "Nobody can sign in, and requests are answered with 503 (store_unavailable).";
const READ_ONLY: &str = "Nobody can sign in, refresh tokens or change anything. Access tokens that were issued before still \
                         work until they expire.";

pub(super) async fn health(act: Act<'_>) -> Health {
    let mut components = vec![database(act.tools()).await];
    components.extend(act.tools().probes.iter().map(|probe| dispensable(&**probe)));
    Health { status: worst(components.iter().map(|component| component.status)), components }
}

pub(super) async fn summary(tools: &Tools) -> HealthStatus {
    let dispensable = tools.probes.iter().map(|probe| dispensable(&**probe).status);
    worst(dispensable.chain([database(tools).await.status]))
}

/// Healthy if the database accepts writes, which readiness does not check: a node that can only read is still useful
/// when the disk is full.
async fn database(tools: &Tools) -> ComponentHealth {
    let began = tools.now();
    let effect = if tools.store.ping().await.is_err() {
        Some(UNREACHABLE)
    } else if tools.store.try_write().await.is_err() {
        Some(READ_ONLY)
    } else {
        None
    };
    let status = if effect.is_none() { HealthStatus::Healthy } else { HealthStatus::Unhealthy };
    ComponentHealth { name: "database", status, took: tools.now().since(began), effect: effect.map(str::to_owned) }
}

fn dispensable(probe: &dyn HealthProbe) -> ComponentHealth {
    let works = probe.works();
    let status = if works { HealthStatus::Healthy } else { HealthStatus::Degraded };
    let effect = (!works).then(|| probe.effect());
    ComponentHealth { name: probe.component(), status, took: probe.took(), effect }
}

fn worst(parts: impl Iterator<Item = HealthStatus>) -> HealthStatus {
    parts.max().unwrap_or(HealthStatus::Healthy)
}
