use super::limits::{POLICY, STANDING};
use crate::context::CORRELATION_ID;
use crate::cookies::CSRF;
use actix_cors::Cors;
use actix_web::http::Method;
use actix_web::http::header;

const PREFLIGHT_HOLDS_SECONDS: usize = 600;

/// Lets pages of these origins call the API. Credentials are in `Authorization`, which the page sets itself, so
/// `Access-Control-Allow-Credentials` is sent only if tokens may be in cookies.
pub(crate) fn cors(origins: &[String], cookies: bool) -> Cors {
    let cors = Cors::default()
        .allowed_methods([Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allowed_headers([header::AUTHORIZATION, header::CONTENT_TYPE, header::IF_MATCH, header::IF_NONE_MATCH])
        .allowed_header(CORRELATION_ID)
        .expose_headers([header::ETAG, header::LOCATION, header::RETRY_AFTER, header::WWW_AUTHENTICATE])
        .expose_headers([CORRELATION_ID, POLICY, STANDING])
        .max_age(PREFLIGHT_HOLDS_SECONDS);
    let cors = if cookies { cors.supports_credentials().allowed_header(CSRF) } else { cors };
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}
