use crate::problem::CONTENT_TYPE;
use doorward_application::access::{self, Requirement};
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi, PathItem, Ref, RefOr, Response, ResponseBuilder};

const BEARER: &str = "bearer";

/// Adds to every route what follows from its operation and its shape: summary, security, and each refusal it may answer.
pub(super) fn complete(document: &mut OpenApi) {
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme(BEARER, SecurityScheme::Http(scheme));
    for (path, item) in &mut document.paths.paths {
        let of_the_api = path.starts_with("/api/");
        for operation in operations(item) {
            let known = known(operation);
            if let Some(known) = known {
                describe(operation, known);
            }
            for (status, why) in refusals(operation, known, of_the_api) {
                let responses = &mut operation.responses.responses;
                responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(problem(why)));
            }
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete].into_iter().flatten()
}

fn known(operation: &Operation) -> Option<access::Operation> {
    let id = operation.operation_id.as_deref()?;
    access::Operation::ALL.iter().copied().find(|known| known.as_str() == id)
}

fn describe(operation: &mut Operation, known: access::Operation) {
    // The handler's own comment, where it has one, goes on where the table's sentence ends.
    if let Some(more) = operation.summary.replace(known.summary().trim().to_owned()) {
        let rest = operation.description.take().filter(|rest| !rest.is_empty());
        operation.description = Some([Some(more), rest].into_iter().flatten().collect::<Vec<_>>().join("\n\n"));
    }
    let bearer = SecurityRequirement::new(BEARER, [""; 0]);
    operation.security = match (known, known.requirement()) {
        // Both may come without a token; what they then answer is another matter.
        (access::Operation::SignOut | access::Operation::ReadHealth, _) => {
            Some(vec![SecurityRequirement::default(), bearer])
        }
        (_, Requirement::Public) => None,
        (_, Requirement::SignedIn | Requirement::Permission(_) | Requirement::Operator) => Some(vec![bearer]),
    };
}

/// The statuses that a route of this shape may refuse with, and why.
fn refusals(
    operation: &Operation,
    known: Option<access::Operation>,
    of_the_api: bool,
) -> Vec<(&'static str, &'static str)> {
    let parameter = |place: ParameterIn| {
        operation.parameters.iter().flatten().any(|p| matches!(p, RefOr::T(p) if p.parameter_in == place))
    };
    let (body, query) = (operation.request_body.is_some(), parameter(ParameterIn::Query));
    let (path, if_match) = (parameter(ParameterIn::Path), parameter(ParameterIn::Header));
    let cached = operation.responses.responses.get("200").is_some_and(has_etag) && !body && of_the_api;
    let public = known.is_none_or(|known| matches!(known.requirement(), Requirement::Public));
    let privileged = known.is_some_and(|known| matches!(known.requirement(), Requirement::Permission(_)));
    let all = [
        (body || query || if_match, "400", "The body, the cursor or a header can't be read."),
        (of_the_api || !public, "401", "Nobody is signed in, or what was shown as proof is not accepted."),
        (of_the_api && (privileged || body), "403", "The caller is known, and may not."),
        (path, "404", "There is no such thing."),
        (body, "408", "The body did not arrive in time."),
        (of_the_api && !cached && !query, "409", "It does not fit the present state."),
        (if_match, "412", "It has changed since it was read."),
        (body, "413", "The body is longer than 64 KiB."),
        (body, "415", "The body is not sent as JSON."),
        (body || query, "422", "Fields or parameters are wrong; `errors` names them."),
        (of_the_api, "429", "Too often; `Retry-After` says when again."),
        (true, "500", "A fault of the service; its log has it under the correlation id."),
        (true, "503", "The service can't answer now; `Retry-After` says when again."),
    ];
    all.into_iter().filter(|(applies, ..)| *applies).map(|(_, status, why)| (status, why)).collect()
}

fn has_etag(answer: &RefOr<Response>) -> bool {
    matches!(answer, RefOr::T(answer) if answer.headers.contains_key("ETag"))
}

fn problem(why: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(why).content(CONTENT_TYPE, content).build()
}
