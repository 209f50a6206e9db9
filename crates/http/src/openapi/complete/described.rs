//! Descriptions of parameters and headers whose names say everything, written once for all routes.
use utoipa::openapi::path::Operation;
use utoipa::openapi::{RefOr, Response};

const HEADERS: &[(&str, &str)] = &[
    ("ETag", "The version of the answer, for `If-Match` or `If-None-Match`."),
    ("Location", "The URL of the created resource."),
];
const IF_MATCH: &str = "Versions as in `ETag`. The change is made only if the resource still has one of them.";

/// The resources that follow these segments of a path.
const RESOURCES: &[(&str, &str)] = &[
    ("users", "account"),
    ("sessions", "session"),
    ("client-apps", "client app"),
    ("roles", "role"),
    ("permissions", "permission"),
];

/// Describes what has no description of its own.
pub(super) fn describe(path: &str, operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter
            && parameter.description.is_none()
        {
            parameter.description = match parameter.name.as_str() {
                "If-Match" => Some(IF_MATCH.to_owned()),
                name => in_path(path, name),
            };
        }
    }
    for answer in operation.responses.responses.values_mut() {
        if let RefOr::T(answer) = answer {
            describe_headers(answer);
        }
    }
}

/// `The id of the account.` for `{id}` in `/users/{id}`.
fn in_path(path: &str, name: &str) -> Option<String> {
    let (before, _) = path.split_once(&format!("/{{{name}}}"))?;
    let segment = before.rsplit('/').next()?;
    let (_, resource) = RESOURCES.iter().find(|(known, _)| *known == segment)?;
    Some(format!("The {} of the {resource}.", if name == "id" { "id" } else { "name" }))
}

fn describe_headers(answer: &mut Response) {
    for (name, text) in HEADERS {
        if let Some(RefOr::T(header)) = answer.headers.get_mut(*name)
            && header.description.is_none()
        {
            header.description = Some((*text).to_owned());
        }
    }
}
