use doorward_ports::inbound::{self, HealthStatus};
use serde::Serialize;
use utoipa::ToSchema;

/// That the process answers at all.
#[derive(Serialize, ToSchema)]
pub(crate) struct Liveness {
    #[schema(pattern = "^(alive|ready)$")]
    pub(crate) status: &'static str,
}

/// How the service is.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    #[schema(pattern = "^(healthy|degraded|unhealthy)$")]
    pub(crate) status: &'static str,
    /// The parts, for those who may see them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    components: Option<Vec<Component>>,
}

/// How one part is.
#[derive(Serialize, ToSchema)]
pub(super) struct Component {
    #[schema(examples("database"))]
    name: &'static str,
    #[schema(pattern = "^(healthy|degraded|unhealthy)$")]
    status: &'static str,
    /// How long it took to answer, in milliseconds.
    took_ms: f64,
}

impl From<HealthStatus> for Health {
    fn from(status: HealthStatus) -> Self {
        Self { status: name(status), components: None }
    }
}

impl From<inbound::Health> for Health {
    fn from(health: inbound::Health) -> Self {
        let component = |part: inbound::ComponentHealth| Component {
            name: part.name,
            status: name(part.status),
            took_ms: part.took.as_secs_f64() * 1000.0,
        };
        Self { status: name(health.status), components: Some(health.components.into_iter().map(component).collect()) }
    }
}

const fn name(status: HealthStatus) -> &'static str {
    match status {
        HealthStatus::Healthy => "healthy",
        HealthStatus::Degraded => "degraded",
        HealthStatus::Unhealthy => "unhealthy",
    }
}
