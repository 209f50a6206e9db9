use crate::problem::{Fault, Problem};
use crate::rest::Shared;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, web};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

const API: &str = "/api/v1/";
const AUTH: &str = "/api/v1/auth/";

/// The innermost layer: bounds what a route may do, and settles what holds for the answers of all of them.
pub(crate) async fn guard(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let shared = request.app_data::<web::Data<Shared>>().expect("Rest::service puts it there").clone();
    let answer = caught(next.call(request));
    let Ok(answer) = tokio::time::timeout(shared.options.request_timeout, answer).await else {
        return Err(deadline_exceeded().into());
    };
    let mut answer = answer?.map_into_boxed_body();
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

/// A panic is a fault of ours and costs its request, not the worker with all its connections.
async fn caught<T>(answer: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let mut answer = pin!(answer);
    std::future::poll_fn(move |context| {
        // Unwind safety: nothing of the request is touched again after a panic.
        match catch_unwind(AssertUnwindSafe(|| answer.as_mut().poll(context))) {
            Ok(poll) => poll,
            Err(panic) => Poll::Ready(Err(panicked(panic.as_ref()).into())),
        }
    })
    .await
}

fn panicked(panic: &(dyn Any + Send)) -> Problem {
    let message = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    doorward_application::Error::internal(format!("a handler panicked: {}", message.unwrap_or("without a message")))
        .into()
}

fn deadline_exceeded() -> Problem {
    let detail = "The request took longer than this service allows. Try again shortly.";
    Problem::http(Fault::DeadlineExceeded, detail).retry_after(Duration::from_secs(2))
}

/// Answers of the API are for their caller alone. Those with a token are not compressed, lest their length tell of it
/// (BREACH), nor those with a strong `ETag`, which names exact bytes (RFC 9110 §8.8.3).
fn caching(answer: &mut ServiceResponse<BoxBody>) {
    let of_the_api = answer.request().path().starts_with(API);
    let plain = answer.request().path().starts_with(AUTH) || answer.headers().contains_key(header::ETAG);
    let headers = answer.headers_mut();
    if of_the_api || !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if plain && !headers.contains_key(header::CONTENT_ENCODING) {
        // Makes `Compress` pass it by; the envelope takes it off again.
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
