//! `/api/v1/users/me`
mod password;
mod sessions;

use crate::actors::ANONYMOUS;
use crate::service::world::{PASSWORD, World, login};
use insta::assert_json_snapshot;
use serde_json::json;

const ME: &str = "/api/v1/users/me";

#[actix_web::test]
async fn nobody_has_no_account_to_read_change_or_delete() {
    let world = World::new().await;
    for request in [ANONYMOUS.get(ME), ANONYMOUS.patch(ME, &json!({})), ANONYMOUS.delete(ME)] {
        assert_eq!(world.outcome(request).await, "401 authentication_required");
    }
    let told = world.send(ANONYMOUS.get(ME)).await;
    assert_eq!(told.header("www-authenticate"), r#"Bearer realm="doorward""#);
    assert_json_snapshot!(told.json(), { ".correlation_id" => "[correlation]" }, @r#"
    {
      "code": "authentication_required",
      "correlation_id": "[correlation]",
      "detail": "Sign in first, and send the access token as a Bearer token.",
      "instance": "/api/v1/users/me",
      "status": 401,
      "title": "Authentication required",
      "type": "https://doorward.dev/problems/authentication_required"
    }
    "#);
}

#[actix_web::test]
async fn one_reads_ones_own_account_with_its_version() {
    let world = World::new().await;
    let ann = world.ann().await;
    let answer = world.send(ann.get(ME)).await;
    assert_eq!((answer.json()["id"].as_str(), answer.header("cache-control")), (Some(&*ann.account.id), "no-store"));
    assert_json_snapshot!(answer.json(), { ".id" => "[user]" }, @r#"
    {
      "created_at": "2026-01-01T00:00:00.001000Z",
      "email": "ann@example.com",
      "email_verified": true,
      "external_id": null,
      "full_name": null,
      "id": "[user]",
      "is_active": true,
      "last_sign_in_at": "2026-01-01T00:00:00.002000Z",
      "locale": null,
      "roles": [
        "user"
      ],
      "updated_at": "2026-01-01T00:00:00.001000Z",
      "username": "ann"
    }
    "#);
}

#[actix_web::test]
async fn one_changes_what_one_names_and_empties_what_one_says_is_null() {
    let world = World::new().await;
    let ann = world.ann().await;
    let named = world.json(ann.patch(ME, &json!({"full_name": "Ann Lee", "locale": "de"}))).await;
    assert_eq!([&named["username"], &named["full_name"], &named["locale"]], ["ann", "Ann Lee", "de"]);
    let emptied = world.json(ann.patch(ME, &json!({"username": null, "locale": null}))).await;
    assert_eq!(
        [&emptied["username"], &emptied["full_name"], &emptied["locale"]],
        [&json!(null), &json!("Ann Lee"), &json!(null)]
    );
    assert_eq!(world.json(ann.get(ME)).await, emptied);
    assert_eq!(world.outcome(login("ann", PASSWORD)).await, "401 invalid_credentials", "the name is gone");
    assert_eq!(world.outcome(login("ann@example.com", PASSWORD)).await, "200");
}

#[actix_web::test]
async fn a_change_is_made_only_to_the_version_it_is_meant_for() {
    let world = World::new().await;
    let ann = world.ann().await;
    let tag = world.send(ann.get(ME)).await.header("etag").to_owned();
    let change = || ann.patch(ME, &json!({"full_name": "Ann"})).insert_header(("if-match", tag.clone()));
    let first = world.send(change()).await;
    assert_eq!(first.outcome(), "200");
    assert_ne!(first.header("etag"), tag);
    assert_eq!(world.outcome(change()).await, "412 version_mismatch");
}

/// OWASP API3:2023
#[actix_web::test]
async fn what_is_an_administrators_to_change_is_unknown_here() {
    let world = World::new().await;
    let ann = world.ann().await;
    for (field, value) in [
        ("roles", json!(["admin"])),
        ("email", json!("root@example.com")),
        ("email_verified", json!(true)),
        ("is_active", json!(true)),
        ("external_id", json!("1")),
        ("password", json!(PASSWORD)),
    ] {
        assert_eq!(
            world.send(ann.patch(ME, &json!({field: value}))).await.faults(),
            [format!("/{field} unknown_field")]
        );
    }
    assert_eq!(world.json(ann.get(ME)).await["roles"], json!(["user"]));
}

#[actix_web::test]
async fn a_taken_username_or_nonsense_is_refused() {
    let world = World::new().await;
    let ann = world.ann().await;
    world.account("bob").await;
    assert_eq!(world.outcome(ann.patch(ME, &json!({"username": "BOB"}))).await, "409 username_taken");
    let faults = world.send(ann.patch(ME, &json!({"username": "a@b", "full_name": "", "locale": "?"}))).await.faults();
    assert_eq!(faults, ["/username invalid_username", "/full_name invalid_full_name", "/locale invalid_locale"]);
}

#[actix_web::test]
async fn one_deletes_ones_own_account_and_every_session_of_it() {
    let world = World::new().await;
    let (here, there) = (world.ann().await, world.session_of("ann").await);
    assert_eq!(world.outcome(here.delete(ME)).await, "204");
    for request in [here.get(ME), here.delete(ME), there.get(ME)] {
        assert_eq!(world.outcome(request).await, "401 invalid_token");
    }
    assert_eq!(world.outcome(login("ann", PASSWORD)).await, "401 invalid_credentials");
}

#[actix_web::test]
async fn the_last_administrator_cannot_delete_himself() {
    let world = World::new().await;
    let admin = world.admin().await;
    assert_eq!(world.outcome(admin.delete(ME)).await, "409 last_admin");
    world.person("other", &["admin"]).await;
    assert_eq!(world.outcome(admin.delete(ME)).await, "204");
}
