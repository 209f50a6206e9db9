//! The OpenAPI document: collected from the routes and `wire`, and completed from the table of access, so that what a
//! route needs and how it may refuse is written once.
mod complete;

use crate::routes;
use actix_web::http::Method;
use doorward_application::access::Operation;
use std::sync::OnceLock;
use utoipa::OpenApi as _;
use utoipa::openapi::{OpenApi, PathItem};
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

/// The OpenAPI 3.1 document of every route. Built once.
#[must_use]
pub fn openapi() -> OpenApi {
    document().clone()
}

fn document() -> &'static OpenApi {
    static DOCUMENT: OnceLock<OpenApi> = OnceLock::new();
    DOCUMENT.get_or_init(build)
}

/// [`openapi`] as pretty-printed JSON in a stable order, with a line break at its end.
#[must_use]
pub fn openapi_json() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| openapi().to_pretty_json().expect("an OpenAPI document is JSON") + "\n")
}

fn build() -> OpenApi {
    let mut frame = Frame::openapi();
    DESCRIPTION.clone_into(frame.info.description.get_or_insert_default());
    let app = actix_web::App::new().into_utoipa_app().openapi(frame).configure(routes::describe);
    let (_, mut document) = app.split_for_parts();
    complete::complete(&mut document);
    document
}

/// What the route of this pattern and method asks of the use cases; none for what HTTP answers by itself, and for a route
/// that the document does not have.
pub(crate) fn operation_at(pattern: &str, method: &Method) -> Option<Operation> {
    let item = document().paths.paths.get(pattern)?;
    let route = match method.as_str() {
        "GET" => &item.get,
        "POST" => &item.post,
        "PUT" => &item.put,
        "PATCH" => &item.patch,
        "DELETE" => &item.delete,
        _ => return None,
    };
    complete::known(route.as_ref()?)
}

/// The methods of a path, as `Allow` lists them.
pub(crate) fn methods(item: &PathItem) -> Vec<&'static str> {
    let present = [
        ("GET", item.get.is_some()),
        ("HEAD", item.get.is_some()),
        ("POST", item.post.is_some()),
        ("PUT", item.put.is_some()),
        ("PATCH", item.patch.is_some()),
        ("DELETE", item.delete.is_some()),
    ];
    present.into_iter().filter(|(_, present)| *present).map(|(method, _)| method).collect()
}
