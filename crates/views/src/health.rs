use doorward_ports::inbound::{self, HealthStatus};
use serde::Serialize;

/// The health of the service.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Health {
    /// The status of the whole service, which is that of its worst component.
    #[cfg_attr(feature = "openapi", schema(pattern = "^(healthy|degraded|unhealthy)$"))]
    pub status: &'static str,
    /// The components, for callers who may see them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub components: Option<Vec<Component>>,
}

/// The health of one component.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Component {
    /// The name of the component.
    #[cfg_attr(feature = "openapi", schema(examples("database")))]
    pub name: &'static str,
    /// The status of the component.
    #[cfg_attr(feature = "openapi", schema(pattern = "^(healthy|degraded|unhealthy)$"))]
    pub status: &'static str,
    /// How long the component took to answer, in milliseconds.
    pub took_ms: f64,
    /// What users notice, while the component is not healthy.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub effect: Option<String>,
}

impl From<HealthStatus> for Health {
    fn from(status: HealthStatus) -> Self {
        Self { status: name(status), components: None }
    }
}

impl From<inbound::Health> for Health {
    fn from(health: inbound::Health) -> Self {
        let components = health.components.into_iter().map(Component::from).collect();
        Self { status: name(health.status), components: Some(components) }
    }
}

impl From<inbound::ComponentHealth> for Component {
    fn from(part: inbound::ComponentHealth) -> Self {
        let took_ms = part.took.as_secs_f64() * 1000.0;
        Self { name: part.name, status: name(part.status), took_ms, effect: part.effect }
    }
}

const fn name(status: HealthStatus) -> &'static str {
    match status {
        HealthStatus::Healthy => "healthy",
        HealthStatus::Degraded => "degraded",
        HealthStatus::Unhealthy => "unhealthy",
    }
}
