use super::head::LengthOnly;
use super::{limits, request_log};
use crate::Answered;
use crate::context::{CORRELATION_ID, Context};
use crate::input::Checked;
use crate::problem::{Code, Fault, Problem, Rendered};
use crate::shared::Shared;
use crate::traced::Traced;
use actix_cors::CorsError;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, web};
use doorward_ports::access::Operation;
use doorward_ports::inbound::RateLimitState;
use doorward_ports::usage::Usage;
use doorward_ports::{Causes, ErrorKind};
use std::rc::Rc;
use std::time::Instant;
use tracing::Instrument;

const STRICT_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";
/// Some proxies ask with the method of the original request. If this route answered differently, such as an `OPTIONS`
/// with `Allow` or with CORS, the proxy would let the request through.
const FORWARD_AUTH: &str = "/api/v1/auth/check";
/// One year, the minimum of the preload lists of browsers.
const HTTPS_ONLY: &str = "max-age=31536000";

/// The outermost layer. Every answer leaves here: with its correlation id and the security headers, as a problem
/// document if it is a refusal, and with one line in the log.
pub(crate) async fn envelope(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let begun = Instant::now();
    let shared = request.app_data::<web::Data<Shared>>().expect("Rest::service puts it there").clone();
    let context = Context::attach(&request, &shared);
    // Read this now, because a panic or the deadline destroys the request.
    let route = request.match_pattern();
    let traced = Traced::begin(&shared, &context, request.headers(), route.as_deref());
    if context.method == Method::HEAD || route.as_deref() == Some(FORWARD_AUTH) {
        // RFC 9110 §9.3.2: HEAD is like GET, without the body.
        request.head_mut().method = Method::GET;
    }
    let span = tracing::info_span!("request", correlation_id = %context.correlation_id);
    let usage = Usage::of_request(traced.trace.clone());
    let result = Usage::during(Some(usage.clone()), next.call(request).instrument(span)).await;
    let secure = shared.options.secure;
    let (status, result) = match result {
        Ok(answer) => {
            let answer = finish(answer.map_into_boxed_body(), &context, secure);
            (answer.status(), Ok(answer))
        }
        Err(error) => {
            let status = error.as_response_error().status_code();
            (status, Err(finish_lost(error, context.clone(), secure)))
        }
    };
    let (method, route) = (context.method.as_str(), route.as_deref());
    let answered = Answered { method, route, status: status.as_u16(), took: begun.elapsed() };
    request_log::tell(&shared, &context, answered, &usage);
    traced.answered(status);
    result
}

fn finish(mut answer: ServiceResponse<BoxBody>, context: &Context, secure: bool) -> ServiceResponse<BoxBody> {
    if let Some(rendered) = refusal(answer.response(), context) {
        let kept = std::mem::replace(answer.headers_mut(), HeaderMap::new());
        answer = answer.into_response(rendered.response());
        keep_headers(&kept, answer.headers_mut());
    }
    let operation = answer.request().extensions().get::<Checked>().map(|checked| checked.0);
    if answer.status().is_success() && operation.is_some_and(Operation::gives_back) {
        context.rate_limit.set(context.rate_limit.get().map(RateLimitState::given_back));
    }
    add_headers(answer.headers_mut(), context, secure);
    if context.method == Method::HEAD {
        answer = answer.map_body(|_, body| LengthOnly::of(&body));
    }
    answer
}

/// An error that destroyed the request, so that only the error carries the answer: a panic, the deadline.
fn finish_lost(mut error: Error, context: Rc<Context>, secure: bool) -> Error {
    let rendered = judge(Some(&error), error.as_response_error().status_code(), &context);
    error.add_response_mapper(move |answer| {
        let mut refusal = rendered.response();
        keep_headers(answer.headers(), refusal.headers_mut());
        add_headers(refusal.headers_mut(), &context, secure);
        refusal
    });
    error
}

/// The forms of refusals that handlers make: documents for programs, and pages for people.
const MADE: [&str; 2] = ["application/", "text/html"];

/// The problem document for a refusal that has none yet.
fn refusal(answer: &HttpResponse<BoxBody>, context: &Context) -> Option<Rendered> {
    let status = answer.status();
    if !status.is_client_error() && !status.is_server_error() {
        return None;
    }
    let content_type = answer.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let made_by_a_handler =
        answer.error().is_none() && content_type.is_some_and(|value| MADE.iter().any(|made| value.starts_with(made)));
    (!made_by_a_handler).then(|| judge(answer.error(), status, context))
}

/// Finds the problem of an error, logs what the caller must not know, and renders it.
fn judge(error: Option<&Error>, status: StatusCode, context: &Context) -> Rendered {
    if let Some(problem) = error.and_then(Error::as_error::<Problem>) {
        return render(problem, context);
    }
    let problem = match error.and_then(Error::as_error::<CorsError>) {
        Some(refused) => Problem::http(Fault::CorsRefused, format!("{refused}.")),
        None => Problem::of_status(status),
    };
    render(&problem, context)
}

fn render(problem: &Problem, context: &Context) -> Rendered {
    context.code.set(Some(problem.code.as_str()));
    report(problem, context);
    Rendered::new(problem, context)
}

/// The only place where an internal error is logged: once, with its causes, under the correlation id.
pub(crate) fn report(problem: &Problem, context: &Context) {
    let Code::UseCase(code) = problem.code else { return };
    let (kind, code, correlation_id) = (code.kind(), code.as_str(), &context.correlation_id);
    match kind {
        ErrorKind::Internal => {
            tracing::error!(%correlation_id, code, causes = causes(problem), "a request failed with an internal error");
        }
        ErrorKind::Unavailable => {
            tracing::warn!(%correlation_id, code, causes = causes(problem), "{}", problem.detail);
        }
        _ => {}
    }
}

fn causes(problem: &Problem) -> String {
    std::error::Error::source(problem).map(|error| Causes(error).to_string()).unwrap_or_default()
}

/// The headers of inner layers that must also be in the problem document.
fn keep_headers(from: &HeaderMap, to: &mut HeaderMap) {
    for (name, value) in from {
        let about_the_old_body =
            [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::CONTENT_ENCODING].contains(name);
        let repeats = [header::VARY, header::SET_COOKIE].contains(name);
        if !about_the_old_body && (repeats || !to.contains_key(name)) {
            to.append(name.clone(), value.clone());
        }
    }
}

fn add_headers(headers: &mut HeaderMap, context: &Context, secure: bool) {
    if headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding == "identity") {
        headers.remove(header::CONTENT_ENCODING);
    }
    let correlation_id = HeaderValue::from_str(context.correlation_id.as_str());
    headers.insert(
        HeaderName::from_static(CORRELATION_ID),
        correlation_id.expect("a correlation id is visible ASCII since it was parsed"),
    );
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    for (name, value) in [(header::CONTENT_SECURITY_POLICY, STRICT_POLICY), (header::CACHE_CONTROL, "no-store")] {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if let Some(rate_limit) = context.rate_limit.get() {
        limits::tell(headers, &rate_limit);
    }
    if secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HTTPS_ONLY));
    }
}
