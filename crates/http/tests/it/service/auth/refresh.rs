//! `/api/v1/auth/refresh`
use crate::actors::{ANONYMOUS, Actor};
use crate::service::world::{MINUTE, World, claims};
use actix_web::test::TestRequest;
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use std::time::Duration;

const GRACE: Duration = Duration::from_secs(10);

fn refresh(token: &str) -> TestRequest {
    ANONYMOUS.post("/api/v1/auth/refresh", &json!({"refresh_token": token}))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[actix_web::test]
async fn a_refresh_token_is_exchanged_for_the_next_pair_of_the_same_session() {
    let world = World::new().await;
    let ann = world.ann().await;
    world.advance(5 * MINUTE);
    let answer = world.send(refresh(&ann.refresh_token)).await;
    assert_eq!((answer.outcome().as_str(), answer.header("cache-control")), ("200", "no-store"));
    let pair = answer.json();
    assert_eq!((text(&pair["session_id"]), text(&pair["user_id"])), (&*ann.session, &*ann.account.id));
    assert_json_snapshot!(pair, {
        ".access_token" => "[token]", ".refresh_token" => "[token]", ".session_id" => "[session]", ".user_id" => "[user]",
    }, @r#"
    {
      "access_token": "[token]",
      "expires_in": 900,
      "is_new_user": false,
      "refresh_expires_in": 604800,
      "refresh_token": "[token]",
      "session_id": "[session]",
      "token_type": "Bearer",
      "user_id": "[user]"
    }
    "#);
    let (before, after) = (claims(&ann.access_token), claims(text(&pair["access_token"])));
    assert_eq!(after["auth_time"], before["auth_time"], "the owner has not authenticated again");
    assert_eq!(after["iat"].as_i64().unwrap() - before["iat"].as_i64().unwrap(), 300);
    assert_ne!(after["jti"], before["jti"]);
}

#[actix_web::test]
async fn shown_again_at_once_it_answers_the_same_generation() {
    let world = World::new().await;
    let ann = world.ann().await;
    let first = world.json(refresh(&ann.refresh_token)).await;
    world.advance(GRACE);
    let again = world.json(refresh(&ann.refresh_token)).await;
    let generation = |pair: &Value| claims(text(&pair["refresh_token"]))["jti"].clone();
    assert_eq!(generation(&first), generation(&again));
    assert_eq!(world.outcome(refresh(text(&first["refresh_token"]))).await, "200");
}

/// RFC 9700 §4.14.2
#[actix_web::test]
async fn shown_again_later_it_ends_its_session_and_no_other() {
    let world = World::new().await;
    let (here, there) = (world.ann().await, world.session_of("ann").await);
    let next = world.json(refresh(&here.refresh_token)).await;
    world.advance(GRACE + Duration::from_micros(1));
    let reused = world.send(refresh(&here.refresh_token)).await;
    assert_eq!(reused.outcome(), "401 refresh_token_reused");
    assert_eq!(reused.header("www-authenticate"), r#"Bearer realm="doorward", error="invalid_token""#);
    assert_json_snapshot!(reused.json(), { ".correlation_id" => "[correlation]" }, @r#"
    {
      "code": "refresh_token_reused",
      "correlation_id": "[correlation]",
      "detail": "This refresh token was used before, so somebody may have a copy. Its session has ended. Sign in again.",
      "instance": "/api/v1/auth/refresh",
      "status": 401,
      "title": "Refresh token reused",
      "type": "https://doorward.dev/problems/refresh_token_reused"
    }
    "#);
    assert_eq!(world.outcome(refresh(text(&next["refresh_token"]))).await, "401 invalid_token");
    let access = Actor::with(text(&next["access_token"]));
    assert_eq!(world.outcome(access.get("/api/v1/users/me")).await, "401 invalid_token");
    assert_eq!(world.outcome(there.get("/api/v1/users/me")).await, "200");
}

#[actix_web::test]
async fn shown_again_after_its_successor_was_used_it_is_reuse_however_soon() {
    let world = World::new().await;
    let ann = world.ann().await;
    let next = world.json(refresh(&ann.refresh_token)).await;
    world.json(refresh(text(&next["refresh_token"]))).await;
    assert_eq!(world.outcome(refresh(&ann.refresh_token)).await, "401 refresh_token_reused");
}

#[actix_web::test]
async fn what_is_no_refresh_token_of_ours_or_no_longer_good_is_refused() {
    let world = World::new().await;
    let ann = world.ann().await;
    for token in ["", "garbage", &ann.access_token] {
        assert_eq!(world.outcome(refresh(token)).await, "401 invalid_token", "{token}");
    }
    world.advance(7 * 24 * 60 * MINUTE);
    assert_eq!(world.outcome(refresh(&ann.refresh_token)).await, "401 invalid_token");
}

/// CVE-2026-16103: the account's state counts at every exchange.
#[actix_web::test]
async fn a_disabled_account_gets_no_more_tokens() {
    let world = World::new().await;
    let (ann, admin) = (world.ann().await, world.admin().await);
    world.json(admin.patch(&ann.account.path, &json!({"is_active": false}))).await;
    assert_eq!(world.outcome(refresh(&ann.refresh_token)).await, "401 invalid_token");
}

#[actix_web::test]
async fn roles_are_read_afresh() {
    let world = World::new().await;
    let (ann, admin) = (world.ann().await, world.admin().await);
    world.role("support", &["users:read"]).await;
    world.json(admin.put(&format!("{}/roles/support", ann.account.path))).await;
    let said = claims(text(&world.json(refresh(&ann.refresh_token)).await["access_token"]));
    assert_eq!((&said["roles"], &said["permissions"]), (&json!(["support", "user"]), &json!(["users:read"])));
}

#[actix_web::test]
async fn the_field_is_required() {
    let answer = World::new().await.send(ANONYMOUS.post("/api/v1/auth/refresh", &json!({}))).await;
    assert_eq!(answer.faults(), ["/refresh_token required"]);
}
