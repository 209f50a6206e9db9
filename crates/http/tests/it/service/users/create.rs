//! `POST /api/v1/users`
use crate::actors::ANONYMOUS;
use crate::service::world::{PASSWORD, World, login};
use insta::assert_json_snapshot;
use serde_json::json;

const USERS: &str = "/api/v1/users";

#[actix_web::test]
async fn nobody_can_make_an_account() {
    let answer = World::new().await.outcome(ANONYMOUS.post(USERS, &json!({"email": "bob@example.com"}))).await;
    assert_eq!(answer, "401 authentication_required");
}

#[actix_web::test]
async fn an_account_is_made_as_it_was_told_and_stands_where_it_says() {
    let world = World::new().await;
    let admin = world.admin().await;
    let answer = world
        .send(admin.post(
            USERS,
            &json!({
                "email": "Bob@Example.com", "email_verified": true, "password": PASSWORD, "username": "Bob",
                "full_name": "Bob Ray", "locale": "de", "roles": ["admin"], "is_active": true, "external_id": "hr-7",
            }),
        ))
        .await;
    assert_eq!((answer.outcome().as_str(), answer.header("etag")), ("201", "\"1\""));
    assert_json_snapshot!(answer.json(), { ".id" => "[user]" }, @r#"
    {
      "created_at": "2026-01-01T00:00:00.002000Z",
      "email": "bob@example.com",
      "email_verified": true,
      "external_id": "hr-7",
      "full_name": "Bob Ray",
      "id": "[user]",
      "is_active": true,
      "last_sign_in_at": null,
      "locale": "de",
      "roles": [
        "admin",
        "user"
      ],
      "updated_at": "2026-01-01T00:00:00.002000Z",
      "username": "bob"
    }
    "#);
    let path = answer.header("location").strip_prefix("https://accounts.example.com").unwrap().to_owned();
    assert_eq!(world.json(admin.get(&path)).await, answer.json());
    assert_eq!(world.outcome(login("bob", PASSWORD)).await, "200");
}

#[actix_web::test]
async fn a_disabled_one_cannot_be_signed_in_to() {
    let world = World::new().await;
    let admin = world.admin().await;
    let body = json!({"email": "bob@example.com", "password": PASSWORD, "is_active": false});
    world.json(admin.post(USERS, &body)).await;
    assert_eq!(world.outcome(login("bob@example.com", PASSWORD)).await, "403 account_disabled");
}

#[actix_web::test]
async fn a_taken_address_or_username_and_an_unknown_role_are_refused() {
    let world = World::new().await;
    let admin = world.admin().await;
    for (body, refusal) in [
        (json!({"email": "ADMIN@example.com"}), "409 email_taken"),
        (json!({"email": "bob@example.com", "username": "ADMIN"}), "409 username_taken"),
        (json!({"email": "bob@example.com", "roles": ["ghosts"]}), "422 validation_failed"),
    ] {
        assert_eq!(world.outcome(admin.post(USERS, &body)).await, refusal, "{body}");
    }
    assert_eq!(world.json(admin.get(USERS)).await["items"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn every_fault_is_told_at_once_by_its_place() {
    let world = World::new().await;
    let admin = world.admin().await;
    let body = json!({
        "email": "bob", "username": "b@b", "full_name": "\u{0}", "locale": "?", "roles": ["user", "No Role"],
        "password": "short", "external_id": "",
    });
    let faults = world.send(admin.post(USERS, &body)).await.faults();
    let expected = [
        "/roles/1 invalid_role_name",
        "/external_id invalid_external_id",
        "/email invalid_email",
        "/username invalid_username",
        "/full_name invalid_full_name",
        "/locale invalid_locale",
        "/password password_too_short",
    ];
    assert_eq!(faults[..7], expected);
}

#[actix_web::test]
async fn a_value_of_the_wrong_type_is_told_by_its_place() {
    let world = World::new().await;
    let admin = world.admin().await;
    for (body, fault) in [
        (json!({"email": 7}), "/email invalid_type"),
        (json!({"email": "bob@example.com", "roles": ["user", 7]}), "/roles/1 invalid_type"),
        (json!({"email": "bob@example.com", "roles": "admin"}), "/roles invalid_type"),
        (json!({"email": "bob@example.com", "is_active": "yes"}), "/is_active invalid_type"),
        (json!({}), "/email required"),
    ] {
        assert_eq!(world.send(admin.post(USERS, &body)).await.faults(), [fault], "{body}");
    }
}
