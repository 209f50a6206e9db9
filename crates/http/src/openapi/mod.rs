//! The OpenAPI document: collected from the routes and `wire`, and completed from the table of access, so that what a
//! route needs and how it may refuse is written once.
mod complete;
mod refusals;

use crate::routes;
use actix_web::http::Method;
use doorward_ports::access::Operation;
use std::sync::OnceLock;
use utoipa::OpenApi as _;
use utoipa::openapi::{OpenApi, PathItem, path};
use utoipa_actix_web::AppExt;

const DESCRIPTION: &str = "Accounts, sign-in, sessions, roles and permissions.\n\n\
    Every refusal is a problem document (RFC 9457) with a stable `code`. Lists take `limit` and `cursor` and answer \
    `items` and `next_cursor`. Bodies are JSON of at most 64 KiB; unknown fields and query parameters are refused.\n\n\
    Where the operator has set `http.session_cookie`, browsers get the pair of tokens in cookies, and send `X-CSRF-Token` \
    with whatever changes something.";

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "Doorward", license(name = "Apache-2.0", identifier = "Apache-2.0")),
    components(schemas(crate::wire::ProblemDocument, crate::wire::OauthError)),
    tags(
        (name = "auth", description = "Signing up, in and out"),
        (name = "me", description = "One's own account"),
        (name = "users", description = "Accounts, for administrators"),
        (name = "roles", description = "Roles"),
        (name = "permissions", description = "Permissions"),
        (name = "client-apps", description = "Programs that ask for tokens"),
        (name = "health", description = "How the service is"),
        (name = "discovery", description = "Keys and this document"),
    ),
)]
struct Frame;

/// The OpenAPI 3.1 document of every route. Built anew each time; of what is asked for often, a table is kept.
#[must_use]
pub fn openapi() -> OpenApi {
    let mut frame = Frame::openapi();
    DESCRIPTION.clone_into(frame.info.description.get_or_insert_default());
    let app = actix_web::App::new().into_utoipa_app().openapi(frame).configure(routes::describe);
    let (_, mut document) = app.split_for_parts();
    complete::complete(&mut document);
    document
}

/// [`openapi`] as pretty-printed JSON in a stable order, with a line break at its end. Built once.
#[must_use]
pub fn openapi_json() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| openapi().to_pretty_json().expect("an OpenAPI document is JSON") + "\n")
}

/// A route of the document.
pub(crate) struct DescribedRoute {
    pub(crate) pattern: String,
    pub(crate) method: &'static str,
    /// What it asks of the use cases; none for what HTTP answers by itself.
    pub(crate) operation: Option<Operation>,
    /// The status of its success.
    pub(crate) success: u16,
}

/// Every route of the document. Kept instead of it, for it is some megabytes large.
pub(crate) fn described_routes() -> &'static [DescribedRoute] {
    static ROUTES: OnceLock<Vec<DescribedRoute>> = OnceLock::new();
    ROUTES.get_or_init(|| openapi().paths.paths.into_iter().flat_map(|(path, item)| routes_at(&path, item)).collect())
}

fn routes_at(pattern: &str, item: PathItem) -> Vec<DescribedRoute> {
    let operations =
        [("GET", item.get), ("POST", item.post), ("PUT", item.put), ("PATCH", item.patch), ("DELETE", item.delete)];
    let described = operations.into_iter().filter_map(|(method, operation)| Some((method, operation?)));
    let route = |(method, it): (_, path::Operation)| {
        let (operation, success) = (complete::known(&it), success(&it));
        DescribedRoute { pattern: pattern.to_owned(), method, operation, success }
    };
    described.map(route).collect()
}

fn success(operation: &path::Operation) -> u16 {
    let statuses = operation.responses.responses.keys().filter_map(|status| status.parse().ok());
    statuses.filter(|status| (200..400).contains(status)).min().unwrap_or(200)
}

/// What the route of this pattern and method asks of the use cases; none for what HTTP answers by itself, and for a route
/// that the document does not have.
pub(crate) fn operation_at(pattern: &str, method: &Method) -> Option<Operation> {
    let route = described_routes().iter().find(|route| route.pattern == pattern && route.method == method.as_str());
    route?.operation
}
