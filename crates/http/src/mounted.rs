//! Looks the routes over before the first request: each must have the guard of its operation.
//!
//! A handler that forgot its guard would be found out by its answer, which is late: it may have changed something by then.
use crate::input::Declared;
use crate::route_table::KnownRoute;
use crate::routes::GRAPHQL;
use actix_web::http::Method;
use actix_web::rt::System;
use actix_web::test::{TestRequest, init_service, try_call_service};
use actix_web::{App, HttpMessage, web};
use std::thread;

/// What is wrong with the guards of these routes, as they are mounted.
pub(crate) fn faults(routes: &[KnownRoute], mount: fn(&mut web::ServiceConfig)) -> Vec<String> {
    // In a thread of its own, because a runtime may already be there, which must not be blocked.
    let looked_over = thread::scope(|scope| scope.spawn(|| System::new().block_on(look_over(routes, mount))).join());
    looked_over.unwrap_or_else(|_| vec!["a route panics before its guard is asked".to_owned()])
}

/// Nothing that a handler needs is there, so that none can do anything, whatever it forgot.
async fn look_over(routes: &[KnownRoute], mount: fn(&mut web::ServiceConfig)) -> Vec<String> {
    let service = init_service(App::new().configure(mount)).await;
    let mut faults = Vec::new();
    for route in routes.iter().filter(|route| needs_a_guard(route)) {
        let declared = Declared::default();
        let path = route.pattern.replace(['{', '}'], "");
        let request = TestRequest::with_uri(&path).method(method(route)).to_request();
        request.extensions_mut().insert(declared.clone());
        // Always a refusal: by the guard, or for lack of what the handler needs.
        drop(try_call_service(&service, request).await);
        faults.extend(fault(route, &declared));
    }
    faults
}

/// All of the API, what has an operation, and what may change something. The fields of GraphQL are admitted by themselves,
/// which the tests of `doorward-graphql` look over.
fn needs_a_guard(route: &KnownRoute) -> bool {
    if route.pattern == GRAPHQL {
        return false;
    }
    route.operation.is_some() || route.pattern.starts_with("/api/") || !method(route).is_safe()
}

fn method(route: &KnownRoute) -> Method {
    Method::from_bytes(route.method.as_bytes()).expect("actix takes routes of known methods only")
}

fn fault(route: &KnownRoute, declared: &Declared) -> Option<String> {
    let KnownRoute { pattern, method, operation, .. } = route;
    match (operation, declared.operation()) {
        (_, None) => Some(format!("{method} {pattern} has no guard: let its handler take Require<…>")),
        (None, Some(asked)) => Some(format!("{method} {pattern} is named as no operation, and asks for {asked:?}")),
        (Some(named), Some(asked)) if *named != asked => {
            Some(format!("{method} {pattern} is named {named:?}, and asks for {asked:?}"))
        }
        (Some(_), Some(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Require;
    use crate::{openapi, routes};
    use actix_web::dev::Payload;
    use actix_web::{FromRequest, HttpRequest, HttpResponse};
    use doorward_ports::access::{Operation, policy};
    use std::sync::atomic::{AtomicBool, Ordering};

    fn route(method: &'static str, pattern: &str, operation: Option<Operation>) -> KnownRoute {
        KnownRoute { pattern: pattern.to_owned(), method, operation, status: 200 }
    }

    #[test]
    fn every_route_has_the_guard_of_its_operation() {
        let known = openapi::known_routes();
        assert_eq!(faults(&known, routes::configure), [] as [&str; 0]);
        assert!(known.iter().filter(|route| needs_a_guard(route)).count() > 40);
    }

    #[test]
    fn a_route_without_a_guard_is_found_though_its_handler_needs_nothing() {
        static HAS_RUN: AtomicBool = AtomicBool::new(false);
        async fn naked() -> HttpResponse {
            HttpResponse::Ok().finish()
        }
        async fn writes(_: web::Data<()>) -> HttpResponse {
            HAS_RUN.store(true, Ordering::SeqCst);
            HttpResponse::Ok().finish()
        }
        let mount = |config: &mut web::ServiceConfig| {
            config.route("/naked", web::post().to(naked)).route("/api/v1/users/{id}", web::delete().to(writes));
        };
        let routes =
            [route("POST", "/naked", None), route("DELETE", "/api/v1/users/{id}", Some(Operation::DeleteUser))];
        let found = faults(&routes, mount);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[1].starts_with("DELETE /api/v1/users/{id} has no guard"), "{found:?}");
        assert!(!HAS_RUN.load(Ordering::SeqCst));
    }

    #[test]
    fn a_guard_of_another_operation_than_the_route_is_named_for_is_found() {
        async fn lists(_: Require<policy::ListRoles>) -> HttpResponse {
            HttpResponse::Ok().finish()
        }
        let mount = |config: &mut web::ServiceConfig| {
            config.route("/api/v1/users", web::get().to(lists)).route("/api/v1/more", web::get().to(lists));
        };
        let routes = [route("GET", "/api/v1/users", Some(Operation::ListUsers)), route("GET", "/api/v1/more", None)];
        let found = faults(&routes, mount);
        assert_eq!(
            found,
            [
                "GET /api/v1/users is named ListUsers, and asks for ListRoles",
                "GET /api/v1/more is named as no operation, and asks for ListRoles"
            ]
        );
    }

    #[test]
    fn what_panics_before_its_guard_is_asked_is_a_fault() {
        struct Panics;
        impl FromRequest for Panics {
            type Error = actix_web::Error;
            type Future = std::future::Ready<Result<Self, actix_web::Error>>;

            fn from_request(_: &HttpRequest, _: &mut Payload) -> Self::Future {
                panic!("nothing is there")
            }
        }
        async fn never(_: Panics) -> HttpResponse {
            HttpResponse::Ok().finish()
        }
        let mount = |config: &mut web::ServiceConfig| {
            config.route("/api/v1/users", web::get().to(never));
        };
        assert_eq!(faults(&[route("GET", "/api/v1/users", Some(Operation::ListUsers))], mount).len(), 1);
    }
}
