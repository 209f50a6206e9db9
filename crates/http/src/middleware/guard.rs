use crate::input::Checked;
use crate::problem::{Fault, Problem};
use crate::route_table::RouteTable;
use crate::shared::Shared;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, web};
use doorward_ports::caught;
use std::sync::LazyLock;
use std::time::Duration;

const API: &str = "/api/";
const AUTH: &str = "/api/v1/auth/";

/// The innermost layer: limits the time of a route, and sets the headers that all answers share.
pub(crate) async fn guard(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let shared = request.app_data::<web::Data<Shared>>().expect("Rest::service puts it there").clone();
    let answer = caught(next.call(request));
    let Ok(answer) = tokio::time::timeout(shared.options.request_timeout, answer).await else {
        return Err(deadline_exceeded().into());
    };
    // A panic is an internal error, and costs only its request, not the worker with all its connections.
    let answer = answer.unwrap_or_else(|panic| Err(panicked(&panic).into()));
    let mut answer = answer?.map_into_boxed_body();
    if lacks_a_guard(&answer, &shared.contents.routes) {
        let route = answer.request().match_pattern().unwrap_or_default();
        return Err(unguarded(answer.request().method(), &route).into());
    }
    caching(&mut answer);
    if is_unmodified(&answer) {
        return Ok(answer.map_body(|head, _| {
            head.status = StatusCode::NOT_MODIFIED;
            head.headers.remove(header::CONTENT_TYPE);
            BoxBody::new(())
        }));
    }
    Ok(answer)
}

fn panicked(message: &str) -> Problem {
    doorward_ports::Error::internal(format!("a handler panicked: {message}")).into()
}

fn deadline_exceeded() -> Problem {
    let detail = "The request took longer than the service allows. Try again later.";
    Problem::http(Fault::DeadlineExceeded, detail).retry_after(Duration::from_secs(2))
}

/// Whether a route is about to answer without authorization. A route without a guard is found before the start; this
/// finds a `Visitor` that is never asked, and routes that only read and are not in the document.
fn lacks_a_guard(answer: &ServiceResponse<BoxBody>, routes: &LazyLock<RouteTable>) -> bool {
    let status = answer.status();
    let refused = status.is_client_error() || status.is_server_error();
    !refused && !answer.request().extensions().contains::<Checked>() && needs_a_guard(answer.request(), routes)
}

/// Every route of the API, even if the document does not contain it, and every other route with an operation.
fn needs_a_guard(request: &HttpRequest, routes: &LazyLock<RouteTable>) -> bool {
    let method = request.method();
    // No route answers this: it lists the methods of a path.
    let of_the_api = request.path().starts_with(API) && method != Method::OPTIONS;
    of_the_api || request.match_pattern().is_some_and(|pattern| routes.operation_at(&pattern, method).is_some())
}

fn unguarded(method: &Method, route: &str) -> Problem {
    doorward_ports::Error::internal(format!("{method} {route} answered without a guard: let it take Require<…>")).into()
}

/// Answers of the API are for their caller only. Those with a token are not compressed, so that their length does not
/// reveal it (BREACH). Those with a strong `ETag` are not compressed either, because it names exact bytes (RFC 9110
/// §8.8.3).
fn caching(answer: &mut ServiceResponse<BoxBody>) {
    let of_the_api = answer.request().path().starts_with(API);
    let plain = answer.request().path().starts_with(AUTH) || answer.headers().contains_key(header::ETAG);
    let headers = answer.headers_mut();
    if of_the_api || !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if plain && !headers.contains_key(header::CONTENT_ENCODING) {
        // This makes `Compress` skip the answer; the envelope removes it again.
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("identity"));
    }
}

/// RFC 9110 §13.1.2: weak comparison.
fn is_unmodified(answer: &ServiceResponse<BoxBody>) -> bool {
    let tag = answer.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok());
    let asked = answer.request().method() == Method::GET && answer.status() == StatusCode::OK;
    asked && tag.is_some_and(|tag| names(answer.request().headers(), tag))
}

fn names(headers: &HeaderMap, tag: &str) -> bool {
    let listed = headers.get_all(header::IF_NONE_MATCH).filter_map(|value| value.to_str().ok());
    listed
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|listed| listed == "*" || listed.strip_prefix("W/").unwrap_or(listed) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::HttpResponse;
    use actix_web::test::TestRequest;
    use doorward_ports::access::Operation;

    static NO_ROUTES: LazyLock<RouteTable> = LazyLock::new(|| RouteTable::new(Vec::new()));

    fn answered(method: Method, path: &str, status: StatusCode, checked: Option<Operation>) -> ServiceResponse {
        let request = TestRequest::with_uri(path).method(method).to_srv_request();
        if let Some(operation) = checked {
            request.extensions_mut().insert(Checked(operation));
        }
        request.into_response(HttpResponse::new(status))
    }

    #[test]
    fn an_answer_of_the_api_needs_a_guard_and_a_refusal_does_not() {
        let lacks =
            |status, checked| lacks_a_guard(&answered(Method::GET, "/api/v1/users", status, checked), &NO_ROUTES);
        for status in [StatusCode::OK, StatusCode::NO_CONTENT, StatusCode::FOUND, StatusCode::NOT_MODIFIED] {
            assert!(lacks(status, None), "{status}");
            assert!(!lacks(status, Some(Operation::ListUsers)), "{status}");
        }
        for status in [StatusCode::UNAUTHORIZED, StatusCode::NOT_FOUND, StatusCode::INTERNAL_SERVER_ERROR] {
            assert!(!lacks(status, None), "{status}");
        }
        assert!(!lacks_a_guard(&answered(Method::OPTIONS, "/api/v1/users", StatusCode::NO_CONTENT, None), &NO_ROUTES));
    }
}
