use crate::problem::{CONTENT_TYPE, Code, Fault, oauth};
use doorward_ports::ErrorCode;
use doorward_ports::access::Operation;
use std::collections::BTreeMap;
use utoipa::openapi::path::{self, ParameterIn};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

/// What determines the error codes of a route, besides its parameters.
pub(super) struct Route<'a> {
    pub(super) path: &'a str,
    /// None for what HTTP answers itself.
    pub(super) known: Option<Operation>,
    /// Whether its method only reads.
    pub(super) reads: bool,
}

/// One answer for each status of a refusal, with the error codes.
pub(super) fn refusals(route: &Route<'_>, described: &path::Operation) -> Vec<(String, Response)> {
    let mut by_status: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for code in codes(route, described) {
        let status = oauth::status(code, route.path).as_str().to_owned();
        by_status.entry(status).or_default().push(format!("`{}` ({})", code.as_str(), code.title()));
    }
    let answer = if oauth::is_spoken_at(route.path) { oauth_error } else { problem };
    by_status.into_iter().map(|(status, codes)| (status, answer(&(codes.join(", ") + ".")))).collect()
}

fn codes(route: &Route<'_>, described: &path::Operation) -> Vec<Code> {
    let mut codes: Vec<Code> = match route.known {
        Some(operation) => {
            operation.refusals().map(Code::UseCase).chain([Code::Http(Fault::DeadlineExceeded)]).collect()
        }
        None => vec![Code::UseCase(ErrorCode::Internal)],
    };
    let may_lack_a_token = codes.contains(&Code::UseCase(ErrorCode::AuthenticationRequired));
    let shape = Shape::of(described);
    let parameters = oauth::reads_parameters(route.path, route.reads);
    let by_shape = [
        (shape.body && !oauth::takes_forms_alone(route.path), Code::Http(Fault::MalformedJson)),
        (shape.body || shape.if_match || parameters, Code::Http(Fault::MalformedRequest)),
        (shape.body, Code::Http(Fault::RequestTimeout)),
        (shape.body, Code::Http(Fault::PayloadTooLarge)),
        (shape.body, Code::Http(Fault::UnsupportedMediaType)),
        // A token that may be in a header may also be in a cookie.
        (!route.reads && may_lack_a_token, Code::Http(Fault::CsrfRefused)),
        (shape.fields && !parameters, Code::UseCase(ErrorCode::ValidationFailed)),
    ];
    for (_, code) in by_shape.into_iter().filter(|(applies, _)| *applies) {
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    codes
}

/// The parts of a request that a route reads.
struct Shape {
    body: bool,
    if_match: bool,
    /// A body or a query.
    fields: bool,
}

impl Shape {
    fn of(described: &path::Operation) -> Self {
        let has = |place: ParameterIn| {
            described.parameters.iter().flatten().any(|p| matches!(p, RefOr::T(p) if p.parameter_in == place))
        };
        let body = described.request_body.is_some();
        Self { body, if_match: has(ParameterIn::Header), fields: body || has(ParameterIn::Query) }
    }
}

fn problem(codes: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(codes).content(CONTENT_TYPE, content).build()
}

fn oauth_error(codes: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("OauthError"))).build();
    ResponseBuilder::new().description(codes).content("application/json", content).build()
}
