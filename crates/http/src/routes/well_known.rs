use super::Ports;
use super::oauth::GRANT_TYPES;
use crate::document::Document;
use crate::input::Require;
use crate::wire::{KeySet, ServerMetadata};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get};
use doorward_ports::access::policy;
use utoipa_actix_web::service_config::ServiceConfig;

const TAG: &str = "discovery";
/// How clients authenticate; `none` for public clients.
const CLIENT_METHODS: &[&str] = &["client_secret_basic", "client_secret_post", "none"];

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(read_public_keys).service(read_server_metadata).service(read_openapi);
}

/// The answer may be cached. Fetch it again if a token names a `kid` that it does not contain.
#[utoipa::path(
    tag = TAG,
    responses((status = 200, description = "The public keys.", body = KeySet, headers(("ETag" = String)))),
)]
#[get("/.well-known/jwks.json")]
async fn read_public_keys(request: HttpRequest, ports: Ports, _: Require<policy::ReadPublicKeys>) -> HttpResponse {
    cacheable(&request, ports.app.system.public_keys().0.to_string())
}

#[utoipa::path(
    tag = TAG,
    responses((status = 200, description = "The metadata of the authorization server.", body = ServerMetadata, headers(("ETag" = String)))),
)]
#[get("/.well-known/oauth-authorization-server")]
async fn read_server_metadata(
    request: HttpRequest,
    ports: Ports,
    _: Require<policy::ReadServerMetadata>,
) -> HttpResponse {
    let at = |path: &str| format!("{}{path}", ports.options.public_url);
    let metadata = ServerMetadata {
        issuer: ports.app.system.issuer(),
        authorization_endpoint: at("/api/v1/auth/authorize"),
        token_endpoint: at("/api/v1/auth/token"),
        jwks_uri: at("/.well-known/jwks.json"),
        introspection_endpoint: at("/api/v1/auth/introspect"),
        revocation_endpoint: at("/api/v1/auth/revoke"),
        service_documentation: at("/docs"),
        response_types_supported: &["code"],
        code_challenge_methods_supported: &["S256"],
        authorization_response_iss_parameter_supported: true,
        grant_types_supported: GRANT_TYPES,
        token_endpoint_auth_methods_supported: CLIENT_METHODS,
        introspection_endpoint_auth_methods_supported: &["client_secret_basic", "client_secret_post"],
        revocation_endpoint_auth_methods_supported: CLIENT_METHODS,
    };
    cacheable(&request, serde_json::to_string(&metadata).expect("a document of texts is JSON"))
}

/// Pages of every origin may read it: it is the same for everybody, and scripts that verify tokens need it.
fn cacheable(request: &HttpRequest, json: String) -> HttpResponse {
    Document::small(json).answer(request, |answer| {
        answer
            .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
            .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
            .content_type("application/json");
    })
}

#[utoipa::path(
    tag = TAG,
    responses((status = 200, description = "An OpenAPI 3.1 document.", content_type = "application/json", body = Object)),
)]
#[get("/openapi.json")]
async fn read_openapi(request: HttpRequest, ports: Ports, _: Require<policy::ReadOpenapi>) -> HttpResponse {
    ports.contents.document.answer(&request, |answer| {
        answer.insert_header((header::CACHE_CONTROL, "no-cache")).content_type("application/json");
    })
}
