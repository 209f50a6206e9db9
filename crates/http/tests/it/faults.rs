//! Whatever goes wrong ends in a problem document.
use crate::actors::{ADMIN, ANN, ANONYMOUS};
use crate::world::World;
use actix_web::http::Method;
use doorward_ports::{Error, ErrorCode};
use insta::assert_json_snapshot;
use std::time::Duration;

#[actix_web::test]
async fn an_unknown_route_is_404() {
    let world = World::new();
    for path in ["/", "/nowhere", "/api/v1", "/api/v1/users/", "/api/v2/users", "/docs/nothing.js", "/api/v1/%ff"] {
        let answer = world.send(ADMIN.get(path)).await;
        assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (404, "route_not_found"), "{path}");
    }
    let answer = world.send(ANONYMOUS.get("/nowhere?secret=1")).await;
    assert_json_snapshot!(answer.json(), @r#"
    {
      "code": "route_not_found",
      "correlation_id": "fresh-correlation-id",
      "detail": "There is no route with this path. /docs lists all routes.",
      "instance": "/nowhere",
      "status": 404,
      "title": "No such route",
      "type": "https://doorward.dev/problems/route_not_found"
    }
    "#);
}

#[actix_web::test]
async fn a_wrong_method_is_405_and_says_which_are_right() {
    let world = World::new();
    for (method, path, allow) in [
        (Method::PUT, "/api/v1/users/me", "GET, HEAD, PATCH, DELETE"),
        (Method::GET, "/api/v1/auth/login", "POST"),
        (Method::POST, "/api/v1/users/0190a5c4-7e1b-7c3d-8f00-1234567890ab", "GET, HEAD, PATCH, DELETE"),
        (Method::DELETE, "/health", "GET, HEAD"),
        (Method::POST, "/docs/", "GET, HEAD"),
        (Method::TRACE, "/openapi.json", "GET, HEAD"),
    ] {
        let answer = world.send(ADMIN.asks(method, path)).await;
        assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (405, "method_not_allowed"), "{path}");
        assert_eq!(answer.header("allow"), allow, "{path}");
    }
    let options = world.send(ANONYMOUS.asks(Method::OPTIONS, "/api/v1/auth/login")).await;
    assert_eq!((options.status.as_u16(), options.header("allow")), (204, "POST"));
}

#[actix_web::test]
async fn a_panic_is_500_without_its_words() {
    let world = World::new();
    world.fake.panic_when_asked();
    let answer = world.send(ANN.get("/api/v1/users/me")).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (500, "internal"));
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_json_snapshot!(answer.json(), @r#"
    {
      "code": "internal",
      "correlation_id": "fresh-correlation-id",
      "detail": "An internal error occurred. The log contains the cause under the correlation id.",
      "instance": "/api/v1/users/me",
      "status": 500,
      "title": "Internal error",
      "type": "https://doorward.dev/problems/internal"
    }
    "#);
}

#[actix_web::test]
async fn what_lies_under_a_fault_is_not_told() {
    let world = World::new();
    world.fake.refuse(Error::internal("password authentication failed for user doorward"));
    let answer = world.send(ANN.get("/api/v1/users/me")).await;
    assert_eq!(answer.problem(), "internal");
    assert!(!String::from_utf8_lossy(&answer.body).contains("authentication failed"));
}

#[actix_web::test]
async fn a_request_beyond_its_deadline_is_503_and_may_be_tried_again() {
    let world = World::with(|options| options.request_timeout = Duration::from_millis(40));
    world.fake.hang_when_asked();
    let answer = world.send(ANN.get("/api/v1/users/me")).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (503, "deadline_exceeded"));
    assert_eq!(answer.header("retry-after"), "2");
}

#[actix_web::test]
async fn a_refused_encoding_is_406() {
    let request = ANN.get("/api/v1/users/me").insert_header(("accept-encoding", "identity;q=0, zstd"));
    let answer = World::new().send(request).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (406, "not_acceptable"));
}

#[actix_web::test]
async fn every_kind_of_refusal_has_its_status() {
    let world = World::new();
    for (code, status) in [
        (ErrorCode::ValidationFailed, 422),
        (ErrorCode::InvalidCursor, 400),
        (ErrorCode::AuthenticationRequired, 401),
        (ErrorCode::PermissionDenied, 403),
        (ErrorCode::UserNotFound, 404),
        (ErrorCode::EmailTaken, 409),
        (ErrorCode::VersionMismatch, 412),
        (ErrorCode::RateLimited, 429),
        (ErrorCode::StoreUnavailable, 503),
        (ErrorCode::Internal, 500),
    ] {
        world.fake.refuse(Error::new(code, "Because.").retry_after(Duration::from_secs(3)));
        let answer = world.send(ANN.get("/api/v1/users/me")).await;
        assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (status, code.as_str()));
        assert_eq!(answer.header("retry-after"), "3", "{code:?}");
    }
}
