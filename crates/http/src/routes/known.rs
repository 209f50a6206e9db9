use super::DOCS_PATTERNS;
use crate::openapi::openapi;
use utoipa::openapi::path::Operation;

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
    let mut known = Vec::new();
    for (path, item) in openapi().paths.paths {
        let operations =
            [("GET", item.get), ("POST", item.post), ("PUT", item.put), ("PATCH", item.patch), ("DELETE", item.delete)];
        for (method, operation) in operations {
            known.extend(operation.map(|it| KnownRoute { method, pattern: path.clone(), status: success(&it) }));
        }
    }
    known.extend(DOCS_PATTERNS.map(|pattern| KnownRoute { method: "GET", pattern: pattern.to_owned(), status: 200 }));
    known
}

fn success(operation: &Operation) -> u16 {
    let statuses = operation.responses.responses.keys().filter_map(|status| status.parse().ok());
    statuses.filter(|status| (200..400).contains(status)).min().unwrap_or(200)
}
