//! What a request must have passed before a route answers it.
use crate::actors::{ADMIN, ANN, ANONYMOUS};
use crate::fake::user_id;
use crate::world::{World, answer_of};
use actix_web::http::Method;
use actix_web::{HttpResponse, web};
use serde_json::json;
use std::sync::atomic::{AtomicBool, Ordering};

/// A path that no route of ours has, beside the scope that takes all of `/api/v1`.
const FORGOTTEN: &str = "/api/v2/forgotten";

/// OWASP ASVS 4.1.5: access control fails closed.
#[actix_web::test]
async fn asvs_4_1_5_a_route_without_a_guard_answers_nothing_but_500() {
    let world = World::new();
    let naked = async || HttpResponse::Ok().body("everything");
    for actor in [ANONYMOUS, ANN, ADMIN] {
        let app = world.rest().service().route(FORGOTTEN, web::get().to(naked));
        let answer = answer_of(app, actor.get(FORGOTTEN)).await;
        assert_eq!(answer.outcome(), "500 internal");
        assert!(!String::from_utf8_lossy(&answer.body).contains("everything"));
    }
}

/// Its guard could not be looked for before the start.
#[actix_web::test]
async fn a_route_that_the_document_does_not_have_changes_nothing() {
    static HAS_RUN: AtomicBool = AtomicBool::new(false);
    let writes = async || {
        HAS_RUN.store(true, Ordering::SeqCst);
        HttpResponse::NoContent().finish()
    };
    for (method, path, outcome) in [
        (Method::POST, FORGOTTEN, "404 route_not_found"),
        (Method::DELETE, "/forgotten", "404 route_not_found"),
        (Method::PUT, "/health/live", "405 method_not_allowed"),
    ] {
        let route = web::method(method.clone()).to(writes);
        let app = World::new().rest().service().route(path, route);
        assert_eq!(answer_of(app, ADMIN.asks(method, path)).await.outcome(), outcome, "{path}");
        assert!(!HAS_RUN.load(Ordering::SeqCst), "{path}");
    }
}

#[actix_web::test]
async fn a_redirection_of_the_api_needs_a_guard_as_well() {
    let naked = async || HttpResponse::Found().insert_header(("location", "https://evil.example.com")).finish();
    let app = World::new().rest().service().route(FORGOTTEN, web::get().to(naked));
    let answer = answer_of(app, ANONYMOUS.get(FORGOTTEN)).await;
    assert_eq!((answer.outcome().as_str(), answer.header("location")), ("500 internal", ""));
}

#[actix_web::test]
async fn who_may_not_is_told_so_before_anything_is_said_of_his_input() {
    let world = World::new();
    let user = format!("/api/v1/users/{}", user_id(1));
    let requests = [
        ANN.get("/api/v1/users?limit=none&nonsense=1"),
        ANN.post("/api/v1/users", &json!({"nonsense": 1})),
        ANN.asks(Method::POST, "/api/v1/roles").set_payload("not JSON"),
        ANN.patch(&user, &json!({})).insert_header(("if-match", "no tag")),
        ANN.get("/api/v1/users/no-id"),
    ];
    for request in requests {
        assert_eq!(world.send(request).await.outcome(), "403 permission_denied");
    }
    assert_eq!(world.fake.calls(), [] as [String; 0]);
}

/// A public operation has nothing to learn from a token, and a stale one must not keep its owner from signing in anew.
#[actix_web::test]
async fn a_token_that_is_no_longer_good_keeps_nobody_from_what_is_public() {
    let login = json!({"identifier": "ann", "password": "x"});
    for header in ["Bearer stale", "Bearer", "nonsense"] {
        let request = ANONYMOUS.post("/api/v1/auth/login", &login).insert_header(("authorization", header));
        assert_eq!(World::new().send(request).await.outcome(), "200", "{header}");
    }
}
