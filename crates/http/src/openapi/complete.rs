mod described;

use super::refusals::{Route, refusals};
use doorward_ports::access::{self, Requirement, Who};
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::ArrayItems;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{OpenApi, PathItem, Ref, RefOr, Response, Schema};

const BEARER: &str = "bearer";
const BASIC: &str = "basic";

/// Adds to every route what follows from its operation and its parameters: summary, security, and all refusals.
pub(super) fn complete(document: &mut OpenApi) {
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme(BEARER, SecurityScheme::Http(scheme));
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Basic).build();
    components.add_security_scheme(BASIC, SecurityScheme::Http(scheme));
    for (name, schema) in &mut components.schemas {
        name_items(name, schema);
    }
    for (path, item) in &mut document.paths.paths {
        for (reads, operation) in operations(item) {
            let known = known(operation);
            if let Some(known) = known {
                describe(operation, known);
            }
            described::describe(path, operation);
            let refusals = refusals(&Route { path, known, reads }, operation);
            let unmodified = reads && operation.responses.responses.get("200").is_some_and(has_etag);
            let unmodified = unmodified.then(|| {
                (
                    "304".to_owned(),
                    Response::new("`If-None-Match` contains the current version, which the caller already has."),
                )
            });
            for (status, response) in refusals.into_iter().chain(unmodified) {
                operation.responses.responses.entry(status).or_insert_with(|| RefOr::T(response));
            }
        }
    }
}

/// utoipa inlines the fields of a generic page; generated clients need it by name.
fn name_items(name: &str, schema: &mut RefOr<Schema>) {
    let Some(item) = name.strip_prefix("Page_") else { return };
    let RefOr::T(Schema::Object(page)) = schema else { return };
    if let Some(RefOr::T(Schema::Array(items))) = page.properties.get_mut("items") {
        items.items = ArrayItems::RefOrSchema(Box::new(Ref::from_schema_name(item).into()));
    }
}

/// Each with whether it only reads.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (bool, &mut Operation)> {
    let writes = [&mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
    let writes = writes.into_iter().flatten().map(|operation| (false, operation));
    item.get.as_mut().map(|operation| (true, operation)).into_iter().chain(writes)
}

pub(super) fn known(operation: &Operation) -> Option<access::Operation> {
    let id = operation.operation_id.as_deref()?;
    access::Operation::ALL.iter().copied().find(|known| known.as_str() == id)
}

fn describe(operation: &mut Operation, known: access::Operation) {
    // The comment of the handler, if there is one, follows the sentence of the table.
    if let Some(more) = operation.summary.replace(known.summary().to_owned()) {
        let rest = operation.description.take().filter(|rest| !rest.is_empty());
        operation.description = Some([Some(more), rest].into_iter().flatten().collect::<Vec<_>>().join("\n\n"));
    }
    operation.security = security(known.requirement());
}

/// None if no token is read; several are alternatives.
fn security(requirement: Requirement) -> Option<Vec<SecurityRequirement>> {
    let (nothing, by) = (SecurityRequirement::default(), |scheme| SecurityRequirement::new(scheme, [""; 0]));
    match requirement.who {
        _ if requirement.token_optional => Some(vec![nothing, by(BEARER)]),
        Who::Anybody => None,
        Who::Client => Some(vec![nothing, by(BASIC)]),
        Who::ClientAppOr(_) => Some(vec![by(BASIC), by(BEARER)]),
        Who::Account | Who::AccountOrClientApp | Who::Permission(_) | Who::Operator => Some(vec![by(BEARER)]),
    }
}

fn has_etag(answer: &RefOr<Response>) -> bool {
    matches!(answer, RefOr::T(answer) if answer.headers.contains_key("ETag"))
}
