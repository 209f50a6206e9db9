use super::Ports;
use crate::openapi::openapi_json;
use crate::wire::KeySet;
use actix_web::http::header::{self, EntityTag};
use actix_web::{HttpResponse, get};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use std::hash::{DefaultHasher, Hash, Hasher};
use utoipa_actix_web::service_config::ServiceConfig;

const TAG: &str = "discovery";

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(read_public_keys).service(read_openapi);
}

/// The keys that tokens are verified with (RFC 7517). Cacheable: ask again for a `kid` that is not among them.
#[utoipa::path(
    tag = TAG,
    responses((status = 200, description = "The keys.", body = KeySet, headers(("ETag" = String)))),
)]
#[get("/.well-known/jwks.json")]
async fn read_public_keys(ports: Ports) -> HttpResponse {
    let keys = ports.app.system.public_keys().0.to_string();
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .insert_header((header::ETAG, EntityTag::new_strong(fingerprint(&keys))))
        .content_type("application/json")
        .body(keys)
}

/// This document.
#[utoipa::path(
    tag = TAG,
    responses((status = 200, description = "An OpenAPI 3.1 document.", content_type = "application/json", body = Object)),
)]
#[get("/openapi.json")]
async fn read_openapi() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .content_type("application/json")
        .body(openapi_json())
}

/// Tells two key sets apart; it guards nothing.
fn fingerprint(text: &str) -> String {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    BASE64_URL_SAFE_NO_PAD.encode(hasher.finish().to_be_bytes())
}
