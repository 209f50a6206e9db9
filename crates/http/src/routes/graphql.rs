//! `/graphql`: GraphQL over HTTP. The document is executed by `doorward-graphql`, where each field asks admission by itself.
use super::Ports;
use crate::context::Context;
use crate::cookies::{self, REFRESH};
use crate::input::{GraphqlBody, shown_token};
use crate::middleware::report;
use crate::problem::{Code, Problem, status_of};
use crate::shared::Shared;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use doorward_graphql::{Answered, Fault, FaultKind, Method, Request, Shown, Visitor};
use doorward_ports::access::Operation;
use doorward_ports::inbound::RateLimitState;
use doorward_ports::{Error, Secret};
use std::collections::HashMap;
use url::form_urlencoded;

pub(crate) const PATH: &str = "/graphql";
/// What a client asks for that wants statuses (GraphQL over HTTP, "media types").
const GRAPHQL: &str = "application/graphql-response+json";
const JSON: &str = "application/json";

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config.service(web::resource(PATH).get(read).post(execute));
}

/// By GET, a page of another site can send a request with the caller's cookies: it may only read.
async fn read(ports: Ports, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let pairs: HashMap<_, _> = form_urlencoded::parse(request.query_string().as_bytes()).into_owned().collect();
    let asked = Request::from_parameters(|name| pairs.get(name).cloned());
    answer(&ports, &request, asked, Method::Reads).await
}

/// Only JSON is taken: no form can send it, and a script of another origin needs permission first.
async fn execute(ports: Ports, request: HttpRequest, body: GraphqlBody) -> Result<HttpResponse, Problem> {
    answer(&ports, &request, Request::from_json(&body.0), Method::Writes).await
}

async fn answer(
    shared: &Shared,
    request: &HttpRequest,
    asked: Result<Request, Fault>,
    method: Method,
) -> Result<HttpResponse, Problem> {
    let answered = match asked {
        Ok(asked) => shared.graphql.answer(&asked, visitor(shared, request)?, method).await,
        Err(fault) => Answered::refused(fault, why(fault)),
    };
    let answer = response(shared, request.headers(), &answered);
    note(&Context::of(request), answered);
    Ok(answer)
}

const fn why(fault: Fault) -> &'static str {
    match fault {
        Fault::Batch => "Send one request at a time: lists of requests are not accepted.",
        _ => "Send a JSON object with query, and optionally with operationName, variables and extensions.",
    }
}

fn visitor(shared: &Shared, request: &HttpRequest) -> Result<Visitor, Problem> {
    let shown = match shown_token(request) {
        Ok(None) => Shown::Nothing,
        Ok(Some(token)) => Shown::Token(Secret::new(token.to_owned())),
        Err(Problem { code: Code::UseCase(code), detail, .. }) => Shown::Unreadable(Box::new(Error::new(code, detail))),
        Err(forged) => return Err(forged),
    };
    let by_header = request.headers().contains_key(header::AUTHORIZATION);
    let refresh_token = match cookies::shown(request, REFRESH) {
        // A field that needs the cookie is refused by itself.
        Err(_) if by_header => None,
        shown => shown?,
    };
    Ok(Visitor {
        origin: Context::of(request).origin(request.headers()),
        shown,
        refresh_token: refresh_token.map(|token| Secret::new(token.to_owned())),
        by_header,
        hides_tokens: shared.options.session_cookie && cookies::is_browser(request.headers()),
    })
}

fn response(shared: &Shared, headers: &HeaderMap, answered: &Answered) -> HttpResponse {
    let media_type = media_type(headers);
    let mut answer = HttpResponse::build(status(answered, media_type));
    answer.content_type(format!("{media_type}; charset=utf-8"));
    if answered.fault == Some(Fault::QueriesOnly) {
        answer.insert_header((header::ALLOW, "POST"));
    }
    if !answered.only_reads {
        // It may contain a token: see `caching` in the guard.
        answer.insert_header((header::CONTENT_ENCODING, HeaderValue::from_static("identity")));
    }
    let mut answer = answer.body(answered.body.clone());
    if shared.options.session_cookie {
        match &answered.issued {
            Some(pair) => cookies::keep(&mut answer, pair),
            None if answered.signed_out => cookies::forget(&mut answer),
            None => {}
        }
    }
    answer
}

/// A client that accepts [`GRAPHQL`] is told by the status that nothing was executed. Others expect 200 with any answer to a
/// document.
fn status(answered: &Answered, media_type: &str) -> StatusCode {
    match answered.fault.map(Fault::kind) {
        Some(FaultKind::Document) if media_type != GRAPHQL => StatusCode::OK,
        Some(kind) => status_of(kind),
        None => {
            let status = answered.refused_with.map_or(200, doorward_ports::ErrorCode::status);
            StatusCode::from_u16(status).expect("the table of kinds has statuses only")
        }
    }
}

/// The one of the two that the client prefers; the older one if it says nothing.
fn media_type(headers: &HeaderMap) -> &'static str {
    let accept = headers.get_all(header::ACCEPT).filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(','));
    let weights: Vec<(String, f32)> = accept.map(weighed).collect();
    let of = |name: &str| weights.iter().filter(|(listed, _)| listed == name).map(|(_, weight)| *weight).next_back();
    match (of(GRAPHQL), of(JSON)) {
        (Some(graphql), json) if graphql > 0.0 && json.is_none_or(|json| graphql >= json) => GRAPHQL,
        _ => JSON,
    }
}

fn weighed(listed: &str) -> (String, f32) {
    let mut parts = listed.split(';');
    let name = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
    let weight = parts.find_map(|parameter| parameter.trim().strip_prefix("q=")?.parse().ok());
    (name, weight.unwrap_or(1.0))
}

/// What the log and the headers of the answer tell.
fn note(context: &Context, answered: Answered) {
    let gives_back =
        answered.refusals.is_empty() && answered.checked.last().is_some_and(|last| Operation::gives_back(*last));
    let state = answered.rate_limit.map(|state| if gives_back { RateLimitState::given_back(state) } else { state });
    context.rate_limit.set(state);
    if let Some(actor) = &answered.actor {
        context.comes_from(actor);
    }
    if let Some(user) = answered.user() {
        context.user.set(Some(user));
    }
    let of_document = answered.fault.map(Fault::as_str);
    context.code.set(of_document.or_else(|| answered.refusals.first().map(|refusal| refusal.code.as_str())));
    for refusal in answered.refusals {
        report(&Problem::from(refusal), context);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preferred(accept: &[&'static str]) -> &'static str {
        let mut headers = HeaderMap::new();
        for line in accept {
            headers.append(header::ACCEPT, HeaderValue::from_static(line));
        }
        media_type(&headers)
    }

    #[test]
    fn the_newer_media_type_is_for_who_asks_for_it() {
        for older in
            [&[][..], &["*/*"], &[JSON], &["text/html"], &["application/json, application/graphql-response+json;q=0.9"]]
        {
            assert_eq!(preferred(older), JSON, "{older:?}");
        }
        assert_eq!(preferred(&["application/graphql-response+json;q=0"]), JSON);
        for newer in [&[GRAPHQL][..], &["application/json;q=0.9, Application/GraphQL-Response+JSON"], &[JSON, GRAPHQL]]
        {
            assert_eq!(preferred(newer), GRAPHQL, "{newer:?}");
        }
    }
}
