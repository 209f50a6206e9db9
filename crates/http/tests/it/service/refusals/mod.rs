//! Every refusal that the OpenAPI document lists has an example here, or a reason why it has none: no route claims a status
//! that it can't answer. That each refusal that happens is listed is checked wherever a test sends a request.
mod bench;
mod by_code;

use super::matrix::routes::{self, Route};
use crate::documented::{Documented, refusals};
use bench::Bench;

#[actix_web::test]
async fn every_refusal_that_the_document_lists_has_an_example() {
    let bench = Bench::set_up().await;
    let (mut shown, mut faults) = (0, Vec::new());
    for refusal in refusals().iter().filter(|refusal| refusal.status < 500) {
        if why_there_is_no_example(refusal).is_none() {
            let route = route_of(refusal);
            let outcome = by_code::provoke(&bench, &route, &refusal.code).await;
            let expected = format!("{} {}", refusal.status, refusal.code);
            if outcome != expected {
                faults.push(format!("{}: {outcome}, not {expected}", route.name()));
            }
            shown += 1;
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(shown > 300, "{shown}");
}

fn route_of(refusal: &Documented) -> Route {
    let here = |route: &Route| route.path == refusal.pattern && route.method == refusal.method;
    routes::all().into_iter().find(here).unwrap()
}

/// Faults of the service and of what it stands on are provoked where they are tested: in `faults`, and in the whole-system
/// tests.
fn why_there_is_no_example(refusal: &Documented) -> Option<&'static str> {
    let own = refusal.operation.contains("_own_");
    match refusal.code.as_str() {
        "request_timeout" => Some("all bodies are read by one function, whose patience `bodies` tries out on a socket"),
        "malformed_request" if !reads_headers_or_parameters(refusal) => {
            Some("the body must be cut off, as on a socket that breaks")
        }
        "user_not_found" if own => Some("the account must be deleted while its owner's request is on its way"),
        "exceeds_own_permissions" if own => Some("the account must get a role while its owner's request is on its way"),
        _ => None,
    }
}

/// `If-Match`, or the parameters of OAuth: both have a form of their own.
fn reads_headers_or_parameters(refusal: &Documented) -> bool {
    let oauth = [
        "issue_tokens",
        "introspect_token",
        "revoke_token",
        "open_authorization",
        "finish_authorization",
        "forward_authorization",
        "end_provider_sessions",
    ];
    let same = |other: &&Documented| other.operation == refusal.operation && other.code == "version_mismatch";
    oauth.contains(&refusal.operation.as_str()) || refusals().iter().find(same).is_some()
}
