use crate::context::Context;
use crate::cookies;
use crate::shared::Shared;
use crate::wire::Tokens;
use actix_web::http::header::{self, EntityTag};
use actix_web::{HttpRequest, HttpResponse};
use doorward_ports::inbound::TokenPair;
use serde::Serialize;

/// A resource with its version as a strong `ETag` (RFC 9110 §8.8.3).
pub(super) fn versioned(body: &impl Serialize, version: i64) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::ETAG, etag(version))).json(body)
}

/// A created resource, and its location. The URL is built from the configured one, never from the `Host` of the
/// request.
pub(super) fn created(shared: &Shared, path: &str, body: &impl Serialize, version: Option<i64>) -> HttpResponse {
    let mut answer = HttpResponse::Created();
    if let Some(version) = version {
        answer.insert_header((header::ETAG, etag(version)));
    }
    answer.insert_header((header::LOCATION, format!("{}{path}", shared.options.public_url))).json(body)
}

/// A pair of tokens, whose account is now known: for a browser, if cookies are on, only in cookies; for others in cookies and in the body.
pub(super) fn tokens(request: &HttpRequest, shared: &Shared, pair: &TokenPair) -> HttpResponse {
    Context::of(request).user.set(Some(pair.user));
    let cookies = shared.options.session_cookie;
    let body = Tokens::from(pair);
    let body = if cookies && cookies::is_browser(request.headers()) { body.kept_in_cookies() } else { body };
    let mut answer = HttpResponse::Ok().json(body);
    if cookies {
        cookies::keep(&mut answer, pair);
    }
    answer
}

fn etag(version: i64) -> EntityTag {
    EntityTag::new_strong(version.to_string())
}
