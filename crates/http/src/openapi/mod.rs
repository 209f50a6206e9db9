//! The OpenAPI document: collected from the routes and `wire`, and completed from the access table, so that
//! requirements and refusals are written only once.
mod complete;
mod refusals;

use crate::route_table::KnownRoute;
use crate::routes;
use doorward_ports::access::Operation;
use utoipa::OpenApi as _;
use utoipa::openapi::{OpenApi, PathItem, path};
use utoipa_actix_web::AppExt;

const DESCRIPTION: &str = "Accounts, sign-in, sessions, roles and permissions.\n\n\
    A refusal is a problem document (RFC 9457) with a stable `code`. A list takes `limit` and `cursor`, and returns \
    `items` and `next_cursor`. Bodies are JSON of at most 64 KiB; unknown fields and query parameters are refused.\n\n\
    The OAuth endpoints (`/auth/token`, `/auth/introspect`, `/auth/revoke`) take a form, and their refusals have the \
    format of OAuth (RFC 6749 §5.2).\n\n\
    If the operator has enabled `http.session_cookie`, browsers get both tokens in cookies, and must send the header \
    `X-CSRF-Token` with every request that changes something.";

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "Doorward", license(name = "Apache-2.0", identifier = "Apache-2.0")),
    components(schemas(crate::wire::ProblemDocument, crate::wire::OauthError)),
    tags(
        (name = "auth", description = "Registration, sign-in, tokens and sign-out"),
        (name = "me", description = "The caller's own account"),
        (name = "users", description = "Accounts, for administrators"),
        (name = "roles", description = "Roles"),
        (name = "permissions", description = "Permissions"),
        (name = "providers", description = "Identity providers, as they are configured"),
        (name = "client-apps", description = "Client apps: programs that get tokens"),
        (name = "audit", description = "The audit log"),
        (name = "health", description = "Health and metrics"),
        (name = "discovery", description = "Public keys, metadata and this document"),
    ),
)]
struct Frame;

/// The OpenAPI 3.1 document of every route. Built anew each time, and some megabytes large: keep what you need of it.
#[must_use]
pub fn openapi() -> OpenApi {
    let mut frame = Frame::openapi();
    DESCRIPTION.clone_into(frame.info.description.get_or_insert_default());
    let app = actix_web::App::new().into_utoipa_app().openapi(frame).configure(routes::describe);
    let (_, mut document) = app.split_for_parts();
    complete::complete(&mut document);
    document
}

/// [`openapi`] as pretty-printed JSON in a stable order, with a line break at its end.
#[must_use]
pub fn openapi_json() -> String {
    openapi().to_pretty_json().expect("an OpenAPI document is JSON") + "\n"
}

/// Every route, for whoever counts requests by them. Read off the document, so that there is no second list.
#[must_use]
pub fn known_routes() -> Vec<KnownRoute> {
    let described = openapi().paths.paths.into_iter().flat_map(|(path, item)| routes_at(&path, item));
    let operation = Some(Operation::ReadDocs);
    let page = |pattern: &str| KnownRoute { method: "GET", pattern: pattern.to_owned(), status: 200, operation };
    described.chain(routes::DOCS_PATTERNS.map(page)).chain(graphql()).chain(mail_pages()).collect()
}

/// Its fields have operations, and it has none. It describes itself.
fn graphql() -> impl Iterator<Item = KnownRoute> {
    let pattern = || routes::GRAPHQL.to_owned();
    ["GET", "POST"].into_iter().map(move |method| KnownRoute {
        method,
        pattern: pattern(),
        status: 200,
        operation: None,
    })
}

/// They are for people, and not in the document.
fn mail_pages() -> impl Iterator<Item = KnownRoute> {
    routes::MAIL_PAGES.into_iter().flat_map(|(path, sent)| {
        [("GET", Operation::ReadMailPage), ("POST", sent)].map(|(method, operation)| KnownRoute {
            method,
            pattern: path.to_owned(),
            status: 200,
            operation: Some(operation),
        })
    })
}

fn routes_at(pattern: &str, item: PathItem) -> Vec<KnownRoute> {
    let operations =
        [("GET", item.get), ("POST", item.post), ("PUT", item.put), ("PATCH", item.patch), ("DELETE", item.delete)];
    let described = operations.into_iter().filter_map(|(method, operation)| Some((method, operation?)));
    let route = |(method, it): (_, path::Operation)| {
        let (operation, status) = (complete::known(&it), success(&it));
        KnownRoute { method, pattern: pattern.to_owned(), status, operation }
    };
    described.map(route).collect()
}

fn success(operation: &path::Operation) -> u16 {
    let statuses = operation.responses.responses.keys().filter_map(|status| status.parse().ok());
    statuses.filter(|status| (200..400).contains(status)).min().unwrap_or(200)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route_table::RouteTable;
    use actix_web::http::Method;

    #[test]
    fn the_routes_of_the_document_are_known_by_pattern_method_and_operation() {
        let table = RouteTable::new(known_routes());
        assert_eq!(table.operation_at("/health", &Method::GET), Some(Operation::ReadHealth));
        assert_eq!(table.operation_at("/health", &Method::POST), None);
        assert_eq!(table.operation_at("/health/live", &Method::GET), None);
        assert_eq!(table.operation_at("/api/v1/users/{id}", &Method::DELETE), Some(Operation::DeleteUser));
        assert_eq!(table.methods_of("/api/v1/users/me"), Some("GET, HEAD, PATCH, DELETE"));
        assert_eq!(table.methods_of("/docs/index.html"), Some("GET, HEAD"));
        assert_eq!(table.methods_of("/nowhere"), None);
    }
}
