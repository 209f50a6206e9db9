//! The page that shows the OpenAPI document. All of it comes from this binary: it loads nothing from elsewhere.
use crate::document::Document;
use crate::input::Require;
use crate::problem::{Fault, Problem};
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, web};
use doorward_ports::access::policy;
use std::borrow::Cow;
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
async fn to_folder(_: Require<policy::ReadDocs>) -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "docs/")).finish()
}

async fn file(
    request: HttpRequest,
    Require(_, name, _): Require<policy::ReadDocs, web::Path<String>>,
) -> Result<HttpResponse, Problem> {
    let place = FILES.iter().position(|file| *file == name.as_str());
    let file = place.and_then(|place| made(place).as_ref());
    let file =
        file.ok_or_else(|| Problem::http(Fault::RouteNotFound, "There is no such file in the documentation."))?;
    Ok(file.document.answer(&request, |answer| {
        answer
            .content_type(file.content_type.as_str())
            .insert_header((header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)))
            .insert_header((header::CACHE_CONTROL, "no-cache"));
    }))
}

struct File {
    content_type: String,
    document: Document,
}

/// One of [`FILES`], made when it is first asked for; none if the package has lost it.
fn made(place: usize) -> &'static Option<File> {
    static MADE: [OnceLock<Option<File>>; FILES.len()] = [const { OnceLock::new() }; FILES.len()];
    MADE[place].get_or_init(|| {
        // Without "none" the page would show the document to a validator on the internet.
        let page = Config::from("../openapi.json").use_base_layout().validator_url("none").display_operation_id(true);
        let file = utoipa_swagger_ui::serve(FILES[place], Arc::new(page)).ok().flatten()?;
        let bytes = match file.bytes {
            Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            Cow::Owned(bytes) => Bytes::from(bytes),
        };
        Some(File { content_type: file.content_type, document: Document::compressed(bytes) })
    })
}
