use super::DOCS_PATTERNS;
use crate::openapi::described_routes;

/// A route that there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownRoute {
    /// Its method.
    pub method: &'static str,
    /// Its pattern, as [`crate::Answered::route`] names it.
    pub pattern: String,
    /// The status of its success.
    pub status: u16,
}

/// Every route, for whoever counts requests by them. Read off the OpenAPI document, so that there is no second list.
#[must_use]
pub fn known_routes() -> Vec<KnownRoute> {
    let described = described_routes().iter().map(|route| KnownRoute {
        method: route.method,
        pattern: route.pattern.clone(),
        status: route.success,
    });
    let docs = DOCS_PATTERNS.map(|pattern| KnownRoute { method: "GET", pattern: pattern.to_owned(), status: 200 });
    described.chain(docs).collect()
}
