use super::Ports;
use super::oauth::GRANT_TYPES;
use crate::wire::{KeySet, ServerMetadata};
use actix_web::http::header::{self, EntityTag};
use actix_web::{HttpResponse, get};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use std::hash::{DefaultHasher, Hash, Hasher};
use utoipa_actix_web::service_config::ServiceConfig;

const TAG: &str = "discovery";
/// How a client proves who it is, or that it has nothing to prove it with.
const CLIENT_METHODS: &[&str] = &["client_secret_basic", "client_secret_post", "none"];

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(read_public_keys).service(read_server_metadata).service(read_openapi);
}

/// The keys that tokens are verified with (RFC 7517). Cacheable: ask again for a `kid` that is not among them.
#[utoipa::path(
    tag = TAG,
    responses((status = 200, description = "The keys.", body = KeySet, headers(("ETag" = String)))),
)]
#[get("/.well-known/jwks.json")]
async fn read_public_keys(ports: Ports) -> HttpResponse {
    cacheable(ports.app.system.public_keys().0.to_string())
}

/// What an OAuth client needs to know of this service (RFC 8414).
#[utoipa::path(
    tag = TAG,
    responses((status = 200, description = "The metadata.", body = ServerMetadata, headers(("ETag" = String)))),
)]
#[get("/.well-known/oauth-authorization-server")]
async fn read_server_metadata(ports: Ports) -> HttpResponse {
    let at = |path: &str| format!("{}{path}", ports.options.public_url);
    let metadata = ServerMetadata {
        issuer: ports.app.system.issuer(),
        token_endpoint: at("/api/v1/auth/token"),
        jwks_uri: at("/.well-known/jwks.json"),
        introspection_endpoint: at("/api/v1/auth/introspect"),
        revocation_endpoint: at("/api/v1/auth/revoke"),
        service_documentation: at("/docs"),
        // Required, and empty as long as there is no authorization endpoint.
        response_types_supported: &[],
        grant_types_supported: GRANT_TYPES,
        token_endpoint_auth_methods_supported: CLIENT_METHODS,
        introspection_endpoint_auth_methods_supported: &["client_secret_basic", "client_secret_post"],
        revocation_endpoint_auth_methods_supported: CLIENT_METHODS,
    };
    cacheable(serde_json::to_string(&metadata).expect("a document of texts is JSON"))
}

/// Pages of every origin may read it: it is the same for everybody, and scripts that verify tokens need it.
fn cacheable(json: String) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .insert_header((header::ETAG, EntityTag::new_strong(fingerprint(&json))))
        .content_type("application/json")
        .body(json)
}

/// This document.
#[utoipa::path(
    tag = TAG,
    responses((status = 200, description = "An OpenAPI 3.1 document.", content_type = "application/json", body = Object)),
)]
#[get("/openapi.json")]
async fn read_openapi(ports: Ports) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .content_type("application/json")
        .body(ports.contents.document.as_str())
}

/// Tells two documents apart; it guards nothing.
fn fingerprint(text: &str) -> String {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    BASE64_URL_SAFE_NO_PAD.encode(hasher.finish().to_be_bytes())
}
