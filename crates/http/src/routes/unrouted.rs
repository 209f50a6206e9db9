use super::Ports;
use crate::problem::{Fault, Problem};
use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse};

/// What no route took: the path is unknown, or the method is wrong for it.
pub(crate) async fn unrouted(ports: Ports, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let Some(allowed) = ports.contents.routes.methods_of(request.path()) else {
        return Err(Problem::http(Fault::RouteNotFound, "There is no such route; /docs lists those there are."));
    };
    if request.method() == Method::OPTIONS {
        return Ok(HttpResponse::NoContent().insert_header((header::ALLOW, allowed)).finish());
    }
    let detail = format!("This route answers {allowed} and no other method.");
    Err(Problem { allow: Some(allowed.to_owned()), ..Problem::http(Fault::MethodNotAllowed, detail) })
}

/// What no route took, where there are few.
pub(crate) async fn nothing_here() -> Result<HttpResponse, Problem> {
    let detail = "There is no such route here: this address answers /metrics and /health/live.";
    Err(Problem::http(Fault::RouteNotFound, detail))
}
