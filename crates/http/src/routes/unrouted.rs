use crate::problem::{Fault, Problem};
use crate::shared::Shared;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, HttpResponse};

/// Requests without a route: the path is unknown, or its routes do not support the method.
pub(crate) async fn unrouted(request: HttpRequest) -> Result<HttpResponse, Problem> {
    match allowed(&request) {
        Some(allowed) if request.method() == Method::OPTIONS => {
            Ok(HttpResponse::NoContent().insert_header((header::ALLOW, allowed)).finish())
        }
        allowed => Err(refusal(allowed)),
    }
}

/// What may change something goes to a route that the document describes, or to none: only those were looked over before
/// the start.
pub(crate) async fn described_alone(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let (routes, method) = (&Shared::of(request.request()).contents.routes, request.method());
    if method.is_safe() || request.match_pattern().is_some_and(|pattern| routes.is_known(&pattern, method)) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let refusal = refusal(allowed(request.request()));
    Ok(request.error_response(refusal))
}

/// Requests without a route, on a listener with few routes.
pub(crate) async fn nothing_here() -> Result<HttpResponse, Problem> {
    let detail = "There is no route with this path. This listener serves only /metrics and /health/live.";
    Err(Problem::http(Fault::RouteNotFound, detail))
}

fn allowed(request: &HttpRequest) -> Option<&str> {
    Shared::of(request).contents.routes.methods_of(request.path())
}

fn refusal(allowed: Option<&str>) -> Problem {
    let Some(allowed) = allowed else {
        return Problem::http(Fault::RouteNotFound, "There is no route with this path. /docs lists all routes.");
    };
    let detail = format!("This route supports only these methods: {allowed}.");
    Problem { allow: Some(allowed.into()), ..Problem::http(Fault::MethodNotAllowed, detail) }
}
