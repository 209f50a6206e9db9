use super::Ports;
use crate::input::Visitor;
use crate::problem::{Fault, Problem};
use crate::wire::{Liveness, ProblemDocument};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, web};
use doorward_ports::ErrorKind;
use doorward_ports::access::policy;
use doorward_views::Health;
use std::time::Duration;
use utoipa_actix_web::service_config::ServiceConfig;

const TAG: &str = "health";

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(live).service(ready).service(read_health);
}

pub(super) fn configure_liveness(config: &mut web::ServiceConfig) {
    config.service(live);
}

/// Check that the process answers.
///
/// The check uses nothing outside the process.
#[utoipa::path(tag = TAG, responses((status = 200, description = "The process answers.", body = Liveness)))]
#[get("/health/live")]
async fn live() -> web::Json<Liveness> {
    web::Json(Liveness { status: "alive" })
}

/// Check that the node can serve requests.
///
/// It can while the database answers, and the node is not stopping.
#[utoipa::path(
    tag = TAG,
    responses(
        (status = 200, description = "The node can serve requests.", body = Liveness),
        (
            status = 503,
            description = "`store_unavailable` (Database unavailable), `stopping` (The service is stopping).",
            body = ProblemDocument,
            content_type = "application/problem+json",
        ),
    ),
)]
#[get("/health/ready")]
async fn ready(ports: Ports) -> Result<web::Json<Liveness>, Problem> {
    if ports.readiness.is_stopping() {
        let detail = "This node is stopping. Send requests to another node, or try again later.";
        return Err(Problem::http(Fault::Stopping, detail).retry_after(Duration::from_secs(5)));
    }
    ports.app.system.ready().await?;
    Ok(web::Json(Liveness { status: "ready" }))
}

/// Everybody gets the status. The components are only for callers with the permission `system:read`, and for callers on
/// the machine itself.
#[utoipa::path(
    tag = TAG,
    responses(
        (status = 200, description = "The service works completely (`healthy`) or partly (`degraded`).", body = Health),
        (status = 503, description = "The service does not work (`unhealthy`).", body = Health),
    ),
)]
#[get("/health")]
async fn read_health(ports: Ports, visitor: Visitor<policy::ReadHealth>) -> Result<HttpResponse, Problem> {
    let caller = visitor.operator_or_identified(&ports).await?;
    let health = match ports.app.system.health(&caller).await {
        Ok(health) => health.into(),
        Err(refused) if matches!(refused.kind(), ErrorKind::Unauthenticated | ErrorKind::Forbidden) => {
            Health::from(ports.app.system.summary().await)
        }
        Err(failed) => return Err(failed.into()),
    };
    let status = if health.status == "unhealthy" { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    Ok(HttpResponse::build(status).json(health))
}
