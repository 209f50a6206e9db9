//! `/api/v1/auth/register`
use crate::actors::ANONYMOUS;
use crate::service::world::{PASSWORD, World, login};
use actix_web::test::TestRequest;
use insta::assert_json_snapshot;
use serde_json::{Value, json};

fn register(body: &Value) -> TestRequest {
    ANONYMOUS.post("/api/v1/auth/register", body)
}

#[actix_web::test]
async fn anybody_may_make_an_account_and_sign_in_with_it() {
    let world = World::new().await;
    let body = json!({
        "email": "Ann@Example.com", "password": PASSWORD, "username": "Ann", "full_name": "Ann Lee", "locale": "en-gb",
    });
    let answer = world.send(register(&body)).await;
    assert_eq!((answer.outcome().as_str(), answer.header("etag")), ("201", "\"1\""));
    assert_eq!(answer.header("location"), "https://accounts.example.com/api/v1/users/me");
    assert_json_snapshot!(answer.json(), { ".id" => "[user]" }, @r#"
    {
      "created_at": "2026-01-01T00:00:00.000000Z",
      "email": "ann@example.com",
      "email_verified": false,
      "external_id": null,
      "full_name": "Ann Lee",
      "id": "[user]",
      "is_active": true,
      "last_sign_in_at": null,
      "locale": "en-GB",
      "roles": [
        "user"
      ],
      "updated_at": "2026-01-01T00:00:00.000000Z",
      "username": "ann"
    }
    "#);
    assert_eq!(world.outcome(login("ann@example.com", PASSWORD)).await, "200");
}

#[actix_web::test]
async fn a_taken_address_or_username_is_named_in_any_case() {
    let world = World::new().await;
    world.account("ann").await;
    let email = world.send(register(&json!({"email": "ANN@example.com", "password": PASSWORD}))).await;
    assert_eq!(email.outcome(), "409 email_taken");
    assert_json_snapshot!(email.json(), { ".correlation_id" => "[correlation]" }, @r#"
    {
      "code": "email_taken",
      "correlation_id": "[correlation]",
      "detail": "Another account has this e-mail address.",
      "instance": "/api/v1/auth/register",
      "status": 409,
      "title": "E-mail address taken",
      "type": "https://doorward.dev/problems/email_taken"
    }
    "#);
    let username = json!({"email": "other@example.com", "username": "ANN", "password": PASSWORD});
    assert_eq!(world.outcome(register(&username)).await, "409 username_taken");
}

#[actix_web::test]
async fn where_existing_accounts_are_hidden_a_taken_address_is_answered_like_a_free_one() {
    let world = World::by(|policies| policies.registration.hide_existing = true).await;
    world.account("ann").await;
    for email in ["ann@example.com", "new@example.com"] {
        let answer = world.send(register(&json!({"email": email, "password": PASSWORD}))).await;
        let told = (answer.outcome(), answer.body.len(), answer.header("location"), answer.header("etag"));
        assert_eq!(told, ("202".to_owned(), 0, "", ""), "{email}");
    }
    assert_eq!(world.outcome(login("new@example.com", PASSWORD)).await, "200");
}

#[actix_web::test]
async fn where_nobody_may_register_nobody_can() {
    let world = World::by(|policies| policies.registration.enabled = false).await;
    let answer = world.outcome(register(&json!({"email": "a@example.com", "password": PASSWORD}))).await;
    assert_eq!(answer, "403 registration_disabled");
}

#[actix_web::test]
async fn every_fault_is_told_at_once_by_its_field() {
    let body = json!({"email": "ann", "password": "short", "username": "@", "full_name": "", "locale": "!"});
    let answer = World::new().await.send(register(&body)).await;
    assert_json_snapshot!(answer.json(), { ".correlation_id" => "[correlation]" }, @r#"
    {
      "code": "validation_failed",
      "correlation_id": "[correlation]",
      "detail": "6 fields are wrong.",
      "errors": [
        {
          "code": "invalid_email",
          "message": "The e-mail address must have exactly one @, with a name before it and a domain after it.",
          "pointer": "/email"
        },
        {
          "code": "invalid_username",
          "message": "The username has a character that is not allowed; use letters a-z, digits, dots, dashes and underscores.",
          "pointer": "/username"
        },
        {
          "code": "invalid_full_name",
          "message": "The name is empty; enter at least one character, or omit the name.",
          "pointer": "/full_name"
        },
        {
          "code": "invalid_locale",
          "message": "This is not a language tag; write one such as en, en-GB or zh-Hant-TW.",
          "pointer": "/locale"
        },
        {
          "code": "password_too_short",
          "message": "The password is too short; use at least 12 characters, for example four unrelated words.",
          "pointer": "/password"
        },
        {
          "code": "password_guessable",
          "message": "The password is too easy to guess; add another word or two that have nothing to do with the rest.",
          "pointer": "/password"
        }
      ],
      "instance": "/api/v1/auth/register",
      "status": 422,
      "title": "Validation failed",
      "type": "https://doorward.dev/problems/validation_failed"
    }
    "#);
}

#[actix_web::test]
async fn a_weak_password_is_refused_and_never_repeated() {
    let world = World::new().await;
    for (password, why) in [
        ("7ziq", "password_too_short"),
        ("password1234", "password_too_common"),
        ("ann@example.com", "password_contains_personal"),
        ("aaaaaaaaaaaaaaaa", "password_guessable"),
    ] {
        let answer = world.send(register(&json!({"email": "ann@example.com", "password": password}))).await;
        assert!(answer.faults().contains(&format!("/password {why}")), "{password}: {:?}", answer.faults());
        let told = String::from_utf8(answer.body.to_vec()).unwrap();
        assert!(!told.contains(password), "{told}");
    }
}

/// OWASP API3:2023: nobody can give themselves what only an administrator may give.
#[actix_web::test]
async fn what_only_an_administrator_says_of_an_account_is_unknown_here() {
    let world = World::new().await;
    for (field, value) in [
        ("roles", json!(["admin"])),
        ("is_active", json!(true)),
        ("email_verified", json!(true)),
        ("external_id", json!("7")),
        ("id", json!("0")),
    ] {
        let answer = world.send(register(&json!({"email": "a@example.com", "password": PASSWORD, field: value}))).await;
        assert_eq!(answer.faults(), [format!("/{field} unknown_field")]);
    }
}
