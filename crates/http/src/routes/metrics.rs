use super::Ports;
use crate::input::Visitor;
use crate::problem::Problem;
use actix_web::{HttpResponse, get, web};
use doorward_ports::access::policy;
use utoipa_actix_web::service_config::ServiceConfig;

const TAG: &str = "health";
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(read_metrics);
}

/// For a listener that only permitted callers can reach.
pub(super) fn configure_openly(config: &mut web::ServiceConfig) {
    config.route("/metrics", web::get().to(read_metrics_openly));
}

/// The answer is in the text format of Prometheus. Callers on the machine itself need no token.
#[utoipa::path(
    tag = TAG,
    responses((status = 200, description = "The metrics.", content_type = "text/plain", body = String)),
)]
#[get("/metrics")]
async fn read_metrics(ports: Ports, visitor: Visitor<policy::ReadMetrics>) -> Result<HttpResponse, Problem> {
    let caller = visitor.operator_or_identified(&ports).await?;
    Ok(text(ports.app.system.metrics(&caller)?))
}

async fn read_metrics_openly(ports: Ports, visitor: Visitor<policy::ReadMetrics>) -> Result<HttpResponse, Problem> {
    Ok(text(ports.app.system.metrics(&visitor.operator().await?)?))
}

fn text(metrics: String) -> HttpResponse {
    HttpResponse::Ok().content_type(TEXT).body(metrics)
}
