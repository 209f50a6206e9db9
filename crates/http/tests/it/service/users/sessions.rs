//! `/api/v1/users/{id}/sessions`
use crate::actors::ANONYMOUS;
use crate::service::world::World;
use insta::assert_json_snapshot;
use serde_json::json;

const UNKNOWN: &str = "/api/v1/users/018bcfe5-6800-7000-8000-000000000000/sessions";

#[actix_web::test]
async fn nobody_can_see_or_end_sessions() {
    let world = World::new().await;
    let path = format!("{}/sessions", world.account("ann").await.path);
    for request in [ANONYMOUS.get(&path), ANONYMOUS.delete(&path)] {
        assert_eq!(world.outcome(request).await, "401 authentication_required");
    }
}

#[actix_web::test]
async fn live_sessions_are_listed_newest_first_and_none_is_the_askers() {
    let world = World::new().await;
    let (admin, first, second) = (world.admin().await, world.ann().await, world.session_of("ann").await);
    let page = world.json(admin.get(&format!("{}/sessions", first.account.path))).await;
    assert_eq!([&page["items"][0]["id"], &page["items"][1]["id"]], [&json!(second.session), &json!(first.session)]);
    assert_json_snapshot!(page, { ".items[].id" => "[session]" }, @r#"
    {
      "items": [
        {
          "address": "203.0.113.9",
          "created_at": "2026-01-01T00:00:00.005000Z",
          "current": false,
          "device": "curl",
          "expires_at": "2026-01-08T00:00:00.000000Z",
          "id": "[session]",
          "last_seen_at": "2026-01-01T00:00:00.005000Z",
          "user_agent": "curl/8.5"
        },
        {
          "address": "203.0.113.9",
          "created_at": "2026-01-01T00:00:00.004000Z",
          "current": false,
          "device": "curl",
          "expires_at": "2026-01-08T00:00:00.000000Z",
          "id": "[session]",
          "last_seen_at": "2026-01-01T00:00:00.004000Z",
          "user_agent": "curl/8.5"
        }
      ],
      "next_cursor": null
    }
    "#);
}

#[actix_web::test]
async fn ending_them_is_felt_by_the_next_request_and_twice_is_no_error() {
    let world = World::new().await;
    let (admin, here, there) = (world.admin().await, world.ann().await, world.session_of("ann").await);
    let path = format!("{}/sessions", here.account.path);
    for time in ["once", "twice"] {
        assert_eq!(world.outcome(admin.delete(&path)).await, "204", "{time}");
    }
    for person in [here, there] {
        assert_eq!(world.outcome(person.get("/api/v1/users/me")).await, "401 invalid_token");
    }
    assert_eq!(world.json(admin.get(&path)).await, json!({"items": [], "next_cursor": null}));
    assert_eq!(world.outcome(admin.get("/api/v1/users/me")).await, "200");
}

#[actix_web::test]
async fn an_unknown_account_is_404() {
    let world = World::new().await;
    let admin = world.admin().await;
    for request in [admin.get(UNKNOWN), admin.delete(UNKNOWN), admin.get("/api/v1/users/ann/sessions")] {
        assert_eq!(world.outcome(request).await, "404 user_not_found");
    }
}
