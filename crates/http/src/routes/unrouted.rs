use crate::openapi::{DescribedRoute, described_routes};
use crate::problem::{Fault, Problem};
use crate::routes::DOCS_PATTERNS;
use actix_web::dev::ResourceDef;
use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse};
use std::sync::OnceLock;

/// What no route took: the path is unknown, or the method is wrong for it.
pub(crate) async fn unrouted(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let Some(allowed) = methods_of(request.path()) else {
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

/// The methods that routes of this path have, for `Allow`.
fn methods_of(path: &str) -> Option<&'static str> {
    static TABLE: OnceLock<Vec<(ResourceDef, String)>> = OnceLock::new();
    let table = TABLE.get_or_init(table);
    table.iter().find(|(pattern, _)| pattern.is_match(path)).map(|(_, methods)| methods.as_str())
}

/// Read off the OpenAPI document, so that there is no second list of routes. Fixed paths come before those with
/// parameters, as they do in the routing.
fn table() -> Vec<(ResourceDef, String)> {
    let of_one_path = described_routes().chunk_by(|one, other| one.pattern == other.pattern);
    let described = of_one_path.map(|routes| (ResourceDef::new(&*routes[0].pattern), allowed(routes)));
    let docs = DOCS_PATTERNS.iter().map(|pattern| (ResourceDef::new(*pattern), "GET, HEAD".to_owned()));
    described.chain(docs).collect()
}

/// As `Allow` lists them: what can be read can be asked for its head.
fn allowed(routes: &[DescribedRoute]) -> String {
    let methods = routes.iter().map(|route| if route.method == "GET" { "GET, HEAD" } else { route.method });
    methods.collect::<Vec<_>>().join(", ")
}
