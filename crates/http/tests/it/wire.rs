//! The shapes of what goes over the wire.
use crate::actors::{ADMIN, ANN};
use crate::fake::user_id;
use crate::world::World;
use insta::assert_json_snapshot;
use serde_json::json;

#[actix_web::test]
async fn an_account() {
    let answer = World::new().send(ANN.get("/api/v1/users/me")).await;
    assert_json_snapshot!(answer.json(), { ".id" => "[id]" }, @r#"
    {
      "created_at": "2023-11-14T22:13:20.000000Z",
      "email": "ann@example.com",
      "email_verified": true,
      "external_id": null,
      "full_name": null,
      "id": "[id]",
      "is_active": true,
      "last_sign_in_at": null,
      "locale": "en-GB",
      "roles": [
        "user"
      ],
      "updated_at": "2023-11-14T22:13:20.000001Z",
      "username": "ann"
    }
    "#);
}

#[actix_web::test]
async fn a_session() {
    let answer = World::new().send(ANN.get("/api/v1/users/me/sessions")).await;
    assert_json_snapshot!(answer.json(), { ".items[].id" => "[id]" }, @r#"
    {
      "items": [
        {
          "address": "203.0.113.9",
          "created_at": "2023-11-14T22:13:20.000000Z",
          "current": true,
          "device": "curl",
          "expires_at": "2023-11-21T22:13:20.000000Z",
          "id": "[id]",
          "last_seen_at": "2023-11-14T22:13:20.000000Z",
          "user_agent": "curl/8.5"
        }
      ],
      "next_cursor": null
    }
    "#);
}

#[actix_web::test]
async fn a_role_and_a_permission() {
    let world = World::new();
    assert_json_snapshot!(world.send(ADMIN.get("/api/v1/roles/support")).await.json(), @r#"
    {
      "created_at": "2023-11-14T22:13:20.000000Z",
      "description": null,
      "is_system": false,
      "name": "support",
      "permissions": [
        "users:read"
      ],
      "updated_at": "2023-11-14T22:13:20.000000Z"
    }
    "#);
    assert_json_snapshot!(world.send(ADMIN.get("/api/v1/permissions")).await.json()["items"][0], @r#"
    {
      "created_at": "2023-11-14T22:13:20.000000Z",
      "description": null,
      "is_system": true,
      "name": "users:read"
    }
    "#);
}

#[actix_web::test]
async fn what_is_made_answers_201_with_its_place() {
    let world = World::new();
    for (path, body, location) in [
        ("/api/v1/users", json!({"email": "a@b.cd"}), format!("/api/v1/users/{}", user_id(1))),
        ("/api/v1/roles", json!({"name": "support"}), "/api/v1/roles/support".to_owned()),
        ("/api/v1/permissions", json!({"name": "users:read"}), "/api/v1/permissions/users:read".to_owned()),
    ] {
        let answer = world.send(ADMIN.post(path, &body)).await;
        assert_eq!(answer.status, 201, "{path}");
        assert_eq!(answer.header("location"), format!("https://accounts.example.com{location}"));
    }
}

#[actix_web::test]
async fn what_is_taken_away_answers_204() {
    let world = World::new();
    let user = format!("/api/v1/users/{}", user_id(1));
    for path in [
        "/api/v1/users/me".to_owned(),
        "/api/v1/users/me/sessions".to_owned(),
        format!("/api/v1/users/me/sessions/{}", crate::fake::session_id()),
        format!("{user}/sessions"),
        format!("{user}/roles/support"),
        user,
        "/api/v1/roles/support".to_owned(),
        "/api/v1/roles/support/permissions/users:read".to_owned(),
        "/api/v1/permissions/reports:read".to_owned(),
    ] {
        let answer = world.send(ADMIN.delete(&path)).await;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0), "{path}");
    }
}

#[actix_web::test]
async fn a_new_account_is_enabled_and_without_a_password_unless_said_otherwise() {
    let world = World::new();
    world.send(ADMIN.post("/api/v1/users", &json!({"email": "a@b.cd"}))).await;
    let call = "create a@b.cd NewAccount { email: Personal(…), email_verified: false, password: None, \
                must_change_password: false, invite: true, username: None, full_name: None, locale: None, roles: [], is_active: true, external_id: None }";
    assert_eq!(world.fake.calls(), [call]);
}

#[actix_web::test]
async fn a_changed_password_answers_204_and_both_passwords_arrive() {
    let world = World::new();
    let body = json!({"current_password": "old", "new_password": "new"});
    assert_eq!(world.send(ANN.post("/api/v1/users/me/password", &body)).await.status, 204);
    assert_eq!(world.fake.calls(), ["change_own_password old new"]);
}
