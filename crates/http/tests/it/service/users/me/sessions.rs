//! `/api/v1/users/me/sessions`
use crate::actors::ANONYMOUS;
use crate::service::world::{MINUTE, Person, World};
use insta::assert_json_snapshot;
use serde_json::{Value, json};

const SESSIONS: &str = "/api/v1/users/me/sessions";

fn at(person: &Person) -> String {
    format!("{SESSIONS}/{}", person.session)
}

#[actix_web::test]
async fn nobody_is_signed_in_nowhere() {
    let world = World::new().await;
    let one = at(&world.ann().await);
    for request in [ANONYMOUS.get(SESSIONS), ANONYMOUS.delete(SESSIONS), ANONYMOUS.delete(&one)] {
        assert_eq!(world.outcome(request).await, "401 authentication_required");
    }
}

#[actix_web::test]
async fn a_session_that_would_end_as_idle_first_is_shown_to_end_then() {
    let world = World::by(|policies| policies.lifetimes.idle_ttl = Some(60 * MINUTE)).await;
    let page = world.json(world.ann().await.get(SESSIONS)).await;
    assert_eq!(page["items"][0]["expires_at"], "2026-01-01T01:02:00.002000Z");
}

#[actix_web::test]
async fn one_sees_ones_own_sessions_newest_first_and_which_is_this_one() {
    let world = World::new().await;
    let (first, second) = (world.ann().await, world.session_of("ann").await);
    world.admin().await;
    let page = world.json(first.get(SESSIONS)).await;
    assert_eq!([&page["items"][0]["id"], &page["items"][1]["id"]], [&json!(second.session), &json!(first.session)]);
    assert_json_snapshot!(page, { ".items[].id" => "[session]" }, @r#"
    {
      "items": [
        {
          "address": "203.0.113.9",
          "created_at": "2026-01-01T00:00:00.003000Z",
          "current": false,
          "device": "curl",
          "expires_at": "2026-01-08T00:00:00.000000Z",
          "id": "[session]",
          "last_seen_at": "2026-01-01T00:00:00.003000Z",
          "user_agent": "curl/8.5"
        },
        {
          "address": "203.0.113.9",
          "created_at": "2026-01-01T00:00:00.002000Z",
          "current": true,
          "device": "curl",
          "expires_at": "2026-01-08T00:00:00.000000Z",
          "id": "[session]",
          "last_seen_at": "2026-01-01T00:00:00.002000Z",
          "user_agent": "curl/8.5"
        }
      ],
      "next_cursor": null
    }
    "#);
}

#[actix_web::test]
async fn a_session_that_expired_is_not_listed_and_one_page_leads_to_the_next() {
    let world = World::new().await;
    world.ann().await;
    world.advance(7 * 24 * 60 * MINUTE);
    let (old, new) = (world.session_of("ann").await, world.session_of("ann").await);
    let ids =
        |page: &Value| page["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect::<Vec<_>>();
    let first = world.json(new.get(&format!("{SESSIONS}?limit=1"))).await;
    let path = format!("{SESSIONS}?limit=1&cursor={}", first["next_cursor"].as_str().unwrap());
    let second = world.json(new.get(&path)).await;
    assert_eq!((ids(&first), ids(&second)), (vec![json!(new.session)], vec![json!(old.session)]));
    assert_eq!(second["next_cursor"], json!(null));
}

#[actix_web::test]
async fn ending_one_is_felt_by_its_next_request_and_it_is_gone_the_second_time() {
    let world = World::new().await;
    let (here, there) = (world.ann().await, world.session_of("ann").await);
    assert_eq!(world.outcome(here.delete(&at(&there))).await, "204");
    assert_eq!(world.outcome(there.get(SESSIONS)).await, "401 invalid_token");
    assert_eq!(world.outcome(here.delete(&at(&there))).await, "404 session_not_found");
    assert_eq!(world.outcome(here.delete(&at(&here))).await, "204", "also this one");
    assert_eq!(world.outcome(here.get(SESSIONS)).await, "401 invalid_token");
}

#[actix_web::test]
async fn anothers_session_is_answered_like_an_unknown_one() {
    let world = World::new().await;
    let (ann, admin) = (world.ann().await, world.admin().await);
    let told = async |path: &str| {
        let answer = world.send(admin.delete(path)).await;
        (answer.outcome(), answer.json()["detail"].clone())
    };
    let unknown = told(&format!("{SESSIONS}/018bcfe5-6800-7000-8000-000000000000")).await;
    assert_eq!(unknown.0, "404 session_not_found");
    assert_eq!(told(&at(&ann)).await, unknown);
    assert_eq!(world.outcome(admin.delete(&format!("{SESSIONS}/nonsense"))).await, "404 session_not_found");
    assert_eq!(world.outcome(ann.get(SESSIONS)).await, "200");
}

#[actix_web::test]
async fn one_ends_all_others_and_stays_signed_in_here() {
    let world = World::new().await;
    let (here, there, admin) = (world.ann().await, world.session_of("ann").await, world.admin().await);
    for time in ["once", "twice"] {
        assert_eq!(world.outcome(here.delete(SESSIONS)).await, "204", "{time}");
    }
    assert_eq!(world.outcome(there.get(SESSIONS)).await, "401 invalid_token");
    assert_eq!(world.json(here.get(SESSIONS)).await["items"].as_array().unwrap().len(), 1);
    assert_eq!(world.outcome(admin.get(SESSIONS)).await, "200");
}
