//! What the OpenAPI document says of refusals: by which codes each route may refuse.
use crate::world::Answer;
use actix_web::dev::ResourceDef;
use actix_web::http::Method;
use serde_json::Value;
use std::sync::OnceLock;

/// A refusal of one route that the document lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Documented {
    pub method: Method,
    pub pattern: String,
    /// The `operationId`.
    pub operation: String,
    pub status: u16,
    pub code: String,
}

/// All of them, in the document's order.
pub fn refusals() -> &'static [Documented] {
    static TABLE: OnceLock<Vec<Documented>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let document: Value = serde_json::from_str(&doorward_http::openapi_json()).unwrap();
        let paths = document["paths"].as_object().unwrap();
        paths.iter().flat_map(|(pattern, item)| of_path(pattern, item)).collect()
    })
}

fn of_path(pattern: &str, item: &Value) -> Vec<Documented> {
    let mut refusals = Vec::new();
    for (method, operation) in item.as_object().unwrap() {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let codes = response["description"].as_str().unwrap().split('`').skip(1).step_by(2);
            refusals.extend(codes.filter(|_| !status.starts_with(['2', '3'])).map(|code| Documented {
                method: method.to_uppercase().parse().unwrap(),
                pattern: pattern.to_owned(),
                operation: operation["operationId"].as_str().unwrap().to_owned(),
                status: status.parse().unwrap(),
                code: code.to_owned(),
            }));
        }
    }
    refusals
}

/// Refuses an answer of a documented route with a code that the document does not list for it.
pub fn check(answer: &Answer) {
    let status = answer.status.as_u16();
    let method = if answer.method == Method::HEAD { Method::GET } else { answer.method.clone() };
    let here = |known: &&Documented| known.method == method && ResourceDef::new(&*known.pattern).is_match(&answer.path);
    // Fixed paths come before those with parameters, as they do in the routing.
    let Some(route) = refusals().iter().filter(here).min_by_key(|known| known.pattern.matches('{').count()) else {
        return;
    };
    // Refused before the route is reached, as any path would be; or told in another way, as health is.
    if status < 400 || [405, 406].contains(&status) || answer.body.is_empty() || answer.json()["code"].is_null() {
        return;
    }
    let code = answer.json()["code"].as_str().unwrap().to_owned();
    let found = Documented { status, code, ..route.clone() };
    assert!(refusals().contains(&found), "the document does not list {found:?}: {:?}", answer.body);
}
