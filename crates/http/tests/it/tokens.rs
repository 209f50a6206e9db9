//! `/api/v1/auth`
use crate::actors::{ANN, ANONYMOUS};
use crate::world::World;
use doorward_ports::{Error, ErrorCode};
use insta::assert_json_snapshot;
use serde_json::json;
use std::time::Duration;

#[actix_web::test]
async fn a_sign_in_answers_the_pair_of_tokens_and_is_never_stored() {
    let world = World::new();
    let answer = world.send(ANONYMOUS.post("/api/v1/auth/login", &json!({"identifier": "Ann", "password": "x"}))).await;
    assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "no-store"));
    assert_json_snapshot!(answer.json(), { ".session_id" => "[session]", ".user_id" => "[user]" }, @r#"
    {
      "access_token": "access",
      "expires_in": 900,
      "is_new_user": false,
      "refresh_expires_in": 604800,
      "refresh_token": "refresh",
      "session_id": "[session]",
      "token_type": "Bearer",
      "user_id": "[user]"
    }
    "#);
    assert_eq!(world.fake.calls(), ["sign_in Ann as nobody from 203.0.113.9"]);
}

#[actix_web::test]
async fn the_identifier_may_be_called_email_or_username() {
    let world = World::new();
    for name in ["email", "username"] {
        let answer = world.send(ANONYMOUS.post("/api/v1/auth/login", &json!({name: "ann", "password": "x"}))).await;
        assert_eq!(answer.status, 200, "{name}");
    }
    let none = world.send(ANONYMOUS.post("/api/v1/auth/login", &json!({"password": "x"}))).await;
    assert_eq!(none.fault(), ("/identifier".to_owned(), "required".to_owned()));
    let body = json!({"email": "ann@example.com", "username": "ann", "password": "x"});
    let both = world.send(ANONYMOUS.post("/api/v1/auth/login", &body)).await;
    assert_eq!(both.fault(), ("/identifier".to_owned(), "duplicate_field".to_owned()));
}

#[actix_web::test]
async fn a_stale_token_keeps_nobody_from_signing_in() {
    let world = World::new();
    let request = ANONYMOUS.post("/api/v1/auth/login", &json!({"identifier": "ann", "password": "x"}));
    let answer = world.send(request.insert_header(("authorization", "Bearer stale"))).await;
    assert_eq!(answer.status, 200);
}

#[actix_web::test]
async fn refused_credentials_carry_a_challenge_and_when_to_come_back() {
    let world = World::new();
    let refusal = Error::new(ErrorCode::InvalidCredentials, "The identifier or the password is wrong.");
    world.fake.refuse(refusal.retry_after(Duration::from_millis(61_500)));
    let answer = world.send(ANONYMOUS.post("/api/v1/auth/login", &json!({"identifier": "ann", "password": "x"}))).await;
    assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (401, "62"));
    assert_eq!(answer.header("www-authenticate"), r#"Bearer realm="doorward""#);
    assert_json_snapshot!(answer.json(), @r#"
    {
      "code": "invalid_credentials",
      "correlation_id": "fresh-correlation-id",
      "detail": "The identifier or the password is wrong.",
      "instance": "/api/v1/auth/login",
      "status": 401,
      "title": "Invalid credentials",
      "type": "https://doorward.dev/problems/invalid_credentials"
    }
    "#);
}

#[actix_web::test]
async fn a_registration_answers_the_account_or_hides_whether_there_is_one() {
    let world = World::new();
    let made = world.send(ANONYMOUS.post("/api/v1/auth/register", &json!({"email": "a@b.cd", "password": "x"}))).await;
    assert_eq!((made.status.as_u16(), made.header("etag")), (201, "\"7\""));
    assert_eq!(made.json()["email"], "ann@example.com");
    let body = json!({"email": "hidden@b.cd", "password": "x"});
    let hidden = world.send(ANONYMOUS.post("/api/v1/auth/register", &body)).await;
    assert_eq!((hidden.status.as_u16(), hidden.body.len()), (202, 0));
}

#[actix_web::test]
async fn a_sign_out_goes_by_the_body_first_and_else_by_the_bearer_token() {
    let world = World::new();
    let body = json!({"refresh_token": "r"});
    let stale = ANONYMOUS.post("/api/v1/auth/logout", &body).insert_header(("authorization", "Bearer stale"));
    assert_eq!(world.send(stale).await.status, 204);
    assert_eq!(world.send(ANN.asks(actix_web::http::Method::POST, "/api/v1/auth/logout")).await.status, 204);
    let refused = ANONYMOUS.asks(actix_web::http::Method::POST, "/api/v1/auth/logout");
    let refused = world.send(refused.insert_header(("authorization", "Bearer stale"))).await;
    assert_eq!(refused.problem(), "invalid_token");
    assert_eq!(
        world.fake.calls(),
        ["sign_out Some(\"r\") as nobody from 203.0.113.9", "sign_out None as ann from 203.0.113.9"]
    );
}

#[actix_web::test]
async fn answers_with_tokens_are_not_compressed() {
    let world = World::new();
    let request = ANONYMOUS.post("/api/v1/auth/refresh", &json!({"refresh_token": "r"}));
    let answer = world.send(request.insert_header(("accept-encoding", "gzip, br"))).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-encoding")), (200, ""));
    assert_eq!(answer.json()["token_type"], "Bearer");
}
