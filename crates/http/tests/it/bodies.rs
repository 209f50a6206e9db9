//! Bodies that are not what a route takes.
use crate::actors::{ADMIN, ANN, ANONYMOUS};
use crate::world::World;
use actix_web::http::Method;
use actix_web::test::TestRequest;
use insta::assert_json_snapshot;
use serde_json::json;

fn login(content_type: &str, body: &'static [u8]) -> TestRequest {
    ANONYMOUS.asks(Method::POST, "/api/v1/auth/login").insert_header(("content-type", content_type)).set_payload(body)
}

#[actix_web::test]
async fn what_is_not_json_is_400() {
    let world = World::new();
    for body in
        [&b"nonsense"[..], b"{\"identifier\":", b"", b"\xff\xfe", b"{\"identifier\":\"\xff\"}", b"{\"a\":\"\x00\"}"]
    {
        let answer = world.send(login("application/json", body)).await;
        assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (400, "malformed_json"), "{body:?}");
    }
}

#[actix_web::test]
async fn json_that_is_nested_without_end_is_400() {
    let body = "[".repeat(60_000);
    let request =
        ANONYMOUS.asks(Method::POST, "/api/v1/auth/login").insert_header(("content-type", "application/json"));
    let answer = World::new().send(request.set_payload(body)).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (400, "malformed_json"));
}

#[actix_web::test]
async fn an_unknown_field_is_refused_by_its_name() {
    let body = json!({"identifier": "ann", "password": "x", "remember": true});
    let answer = World::new().send(ANONYMOUS.post("/api/v1/auth/login", &body)).await;
    assert_eq!(answer.status, 422);
    assert_json_snapshot!(answer.json(), @r#"
    {
      "code": "validation_failed",
      "correlation_id": "fresh-correlation-id",
      "detail": "/remember: is unknown; known names are: identifier, username, email, password.",
      "errors": [
        {
          "code": "unknown_field",
          "message": "is unknown; known names are: identifier, username, email, password.",
          "pointer": "/remember"
        }
      ],
      "instance": "/api/v1/auth/login",
      "status": 422,
      "title": "Validation failed",
      "type": "https://doorward.dev/problems/validation_failed"
    }
    "#);
}

#[actix_web::test]
async fn null_clears_what_may_be_empty_and_is_refused_elsewhere() {
    let world = World::new();
    world.send(ANN.patch("/api/v1/users/me", &json!({"full_name": null, "locale": "de"}))).await;
    let call = "change_own username kept, full name cleared, locale Set(\"de\") None";
    assert_eq!(world.fake.calls(), [call]);
    let path = format!("/api/v1/users/{}", crate::fake::user_id(1));
    let answer = world.send(ADMIN.patch(&path, &json!({"is_active": null}))).await;
    assert_eq!((answer.status.as_u16(), answer.fault()), (422, ("/is_active".to_owned(), "invalid_type".to_owned())));
}

#[actix_web::test]
async fn a_field_given_twice_is_refused() {
    let answer =
        World::new().send(login("application/json", br#"{"identifier":"a","identifier":"b","password":"x"}"#)).await;
    assert_eq!(
        (answer.status.as_u16(), answer.fault()),
        (422, ("/identifier".to_owned(), "duplicate_field".to_owned()))
    );
}

#[actix_web::test]
async fn a_nul_reaches_the_use_case_and_no_parser_ends_at_it() {
    let world = World::new();
    let answer = world.send(login("application/json", br#"{"identifier":"a\u0000b","password":"x"}"#)).await;
    assert_eq!(answer.status, 200);
    assert_eq!(world.fake.calls(), ["sign_in a\0b as nobody from 203.0.113.9"]);
}

#[actix_web::test]
async fn a_body_that_is_not_sent_as_json_is_415() {
    let world = World::new();
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""] {
        let answer = world.send(login(content_type, b"{}")).await;
        assert_eq!(
            (answer.status.as_u16(), answer.problem().as_str()),
            (415, "unsupported_media_type"),
            "{content_type}"
        );
    }
    let untyped = ANONYMOUS.asks(Method::POST, "/api/v1/auth/login").set_payload("{}");
    assert_eq!(world.send(untyped).await.problem(), "unsupported_media_type");
}

#[actix_web::test]
async fn a_compressed_body_is_415() {
    let request = login("application/json", b"\x1f\x8b").insert_header(("content-encoding", "gzip"));
    assert_eq!(World::new().send(request).await.problem(), "unsupported_media_type");
}

#[actix_web::test]
async fn a_body_over_64_kib_is_413_whether_or_not_it_says_so() {
    let world = World::new();
    let long = format!(r#"{{"identifier":"{}","password":"x"}}"#, "a".repeat(64 * 1024));
    let silent = ANONYMOUS.asks(Method::POST, "/api/v1/auth/login").insert_header(("content-type", "application/json"));
    let answer = world.send(silent.set_payload(long)).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (413, "payload_too_large"));
    let announced = login("application/json", b"{}").insert_header(("content-length", "65537"));
    assert_eq!(world.send(announced).await.problem(), "payload_too_large");
    let fitting = format!(r#"{{"identifier":"{}","password":"x"}}"#, "a".repeat(64 * 1024 - 40));
    let request =
        ANONYMOUS.asks(Method::POST, "/api/v1/auth/login").insert_header(("content-type", "application/json"));
    assert_eq!(world.send(request.set_payload(fitting)).await.status, 200);
}

#[actix_web::test]
async fn a_refused_token_is_told_before_the_body_is_looked_at() {
    let request = ANONYMOUS.asks(Method::PATCH, "/api/v1/users/me").insert_header(("authorization", "Bearer stale"));
    let answer = World::new().send(request.set_payload("nonsense")).await;
    assert_eq!(answer.problem(), "invalid_token");
}
