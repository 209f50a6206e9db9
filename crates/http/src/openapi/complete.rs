use crate::problem::{CONTENT_TYPE, oauth};
use doorward_ports::access::{self, Requirement};
use doorward_ports::limits::limit_of;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::schema::ArrayItems;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi, PathItem, Ref, RefOr, Response, ResponseBuilder, Schema};

const BEARER: &str = "bearer";
const BASIC: &str = "basic";

/// Adds to every route what follows from its operation and its shape: summary, security, and each refusal it may answer.
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
        let of_the_api = path.starts_with("/api/");
        for (reads, operation) in operations(item) {
            let known = known(operation);
            if let Some(known) = known {
                describe(operation, known);
            }
            let route = Route { known, of_the_api, reads };
            let refused = if oauth::is_spoken_at(path) { oauth_error } else { problem };
            let refusals = route.refusals(operation).into_iter().map(|(status, why)| (status, refused(why)));
            let unmodified = reads && operation.responses.responses.get("200").is_some_and(has_etag);
            let unmodified = unmodified.then(|| ("304", Response::new("It is still the one of `If-None-Match`.")));
            for (status, response) in refusals.chain(unmodified) {
                operation.responses.responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(response));
            }
        }
    }
}

/// utoipa writes out what a generic page holds; clients want it by its name.
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
    // The handler's own comment, where it has one, goes on where the table's sentence ends.
    if let Some(more) = operation.summary.replace(known.summary().trim().to_owned()) {
        let rest = operation.description.take().filter(|rest| !rest.is_empty());
        operation.description = Some([Some(more), rest].into_iter().flatten().collect::<Vec<_>>().join("\n\n"));
    }
    let bearer = SecurityRequirement::new(BEARER, [""; 0]);
    operation.security = match (known, known.requirement()) {
        (access::Operation::IssueTokens | access::Operation::RevokeToken, _) => {
            Some(vec![SecurityRequirement::default(), SecurityRequirement::new(BASIC, [""; 0])])
        }
        // Both may come without a token; what they then answer is another matter.
        (access::Operation::SignOut | access::Operation::ReadHealth, _) => {
            Some(vec![SecurityRequirement::default(), bearer])
        }
        (_, Requirement::Public) => None,
        (_, Requirement::ClientOr(_)) => Some(vec![SecurityRequirement::new(BASIC, [""; 0]), bearer]),
        (
            _,
            Requirement::SignedIn
            | Requirement::Fresh
            | Requirement::Known
            | Requirement::Permission(_)
            | Requirement::Operator,
        ) => Some(vec![bearer]),
    };
}

/// What decides which refusals a route may answer.
struct Route {
    known: Option<access::Operation>,
    of_the_api: bool,
    reads: bool,
}

impl Route {
    fn refusals(&self, operation: &Operation) -> Vec<(&'static str, &'static str)> {
        let has = |place: ParameterIn| {
            operation.parameters.iter().flatten().any(|p| matches!(p, RefOr::T(p) if p.parameter_in == place))
        };
        let (body, query) = (operation.request_body.is_some(), has(ParameterIn::Query));
        let (path, if_match) = (has(ParameterIn::Path), has(ParameterIn::Header));
        let fresh = self.known.is_some_and(|known| known.requirement() == Requirement::Fresh);
        let privileged = self.known.is_some_and(|known| matches!(known.requirement(), Requirement::Permission(_)));
        let asks_who = self
            .known
            .is_some_and(|known| matches!(known.requirement(), Requirement::ClientOr(_) | Requirement::Known));
        let oauth = self.speaks_oauth();
        let all = [
            (body || query || if_match, "400", "The body, the cursor or a header can't be read."),
            (self.asks_for_proof(), "401", "Nobody is signed in, or what was shown as proof is not accepted."),
            (
                (privileged && !self.tells_everybody_something())
                    || (self.of_the_api && (fresh || (body && !oauth) || asks_who)),
                "403",
                "The caller is known, and may not.",
            ),
            (self.of_the_api && (path || (privileged && body)), "404", "There is no such thing."),
            (body, "408", "The body did not arrive in time."),
            (self.may_conflict(), "409", "It does not fit the present state."),
            (if_match, "412", "It has changed since it was read."),
            (body, "413", "The body is longer than 64 KiB."),
            (body, "415", if oauth { "The body is neither a form nor JSON." } else { "The body is not sent as JSON." }),
            ((body || query) && !oauth, "422", "Fields or parameters are wrong; `errors` names them."),
            (self.is_limited(), "429", "Too often; `Retry-After` says when again."),
            (true, "500", "A fault of the service; its log has it under the correlation id."),
            (true, "503", "The service can't answer now; `Retry-After` says when again."),
        ];
        all.into_iter().filter(|(applies, ..)| *applies).map(|(_, status, why)| (status, why)).collect()
    }

    /// Those who may not see the whole see a part of it.
    fn tells_everybody_something(&self) -> bool {
        self.known == Some(access::Operation::ReadHealth)
    }

    fn is_limited(&self) -> bool {
        self.known.and_then(limit_of).is_some()
    }

    /// A token, or at sign-in a password.
    fn asks_for_proof(&self) -> bool {
        self.known.is_some_and(|known| known != access::Operation::Register)
    }

    fn may_conflict(&self) -> bool {
        use access::Operation::{Refresh, SignIn, SignOut};
        let never = self.speaks_oauth() || matches!(self.known, Some(SignIn | Refresh | SignOut));
        self.of_the_api && !self.reads && !never
    }

    const fn speaks_oauth(&self) -> bool {
        use access::Operation::{IntrospectToken, IssueTokens, RevokeToken};
        matches!(self.known, Some(IssueTokens | IntrospectToken | RevokeToken))
    }
}

fn has_etag(answer: &RefOr<Response>) -> bool {
    matches!(answer, RefOr::T(answer) if answer.headers.contains_key("ETag"))
}

fn problem(why: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(why).content(CONTENT_TYPE, content).build()
}

fn oauth_error(why: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("OauthError"))).build();
    ResponseBuilder::new().description(why).content("application/json", content).build()
}
