//! The page that shows the OpenAPI document. It is part of the binary: it loads nothing from elsewhere.
use crate::problem::{Fault, Problem};
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, web};
use doorward_ports::Error;
use std::sync::{Arc, OnceLock};
use utoipa_swagger_ui::Config;

pub(crate) const PATTERNS: [&str; 2] = ["/docs", "/docs/{file:.*}"];
/// Scripts only from here and none inline; the page sets styles itself, and shows images from its stylesheet.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// The files of the page; the package has others.
const FILES: [&str; 8] = [
    "",
    "index.html",
    "index.css",
    "swagger-ui.css",
    "swagger-ui-bundle.js",
    "swagger-ui-standalone-preset.js",
    "swagger-initializer.js",
    "favicon-32x32.png",
];

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config.route("/docs", web::get().to(to_folder)).route("/docs/{file:.*}", web::get().to(file));
}

/// Relative, so that it works behind a proxy that adds a prefix.
async fn to_folder() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "docs/")).finish()
}

async fn file(name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let absent = || Problem::http(Fault::RouteNotFound, "There is no such file in the documentation.");
    if !FILES.contains(&name.as_str()) {
        return Err(absent());
    }
    let file = utoipa_swagger_ui::serve(&name, Arc::clone(page()))
        .map_err(|error| Error::internal(error.to_string()))?
        .ok_or_else(absent)?;
    let mut answer = HttpResponse::Ok();
    if file.gzpipped {
        answer.insert_header((header::CONTENT_ENCODING, "gzip"));
    }
    Ok(answer
        .content_type(file.content_type)
        .insert_header((header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(file.bytes.into_owned()))
}

fn page() -> &'static Arc<Config<'static>> {
    static PAGE: OnceLock<Arc<Config<'static>>> = OnceLock::new();
    // Without "none", the page would send the document to a validator on the internet.
    PAGE.get_or_init(|| {
        Arc::new(Config::from("../openapi.json").use_base_layout().validator_url("none").display_operation_id(true))
    })
}
