//! `/api/v1/users/{id}`
use crate::actors::ANONYMOUS;
use crate::service::world::{PASSWORD, World, login};
use insta::assert_json_snapshot;
use serde_json::json;

const UNKNOWN: &str = "/api/v1/users/018bcfe5-6800-7000-8000-000000000000";

#[actix_web::test]
async fn nobody_can_read_change_or_delete_an_account() {
    let world = World::new().await;
    let path = world.account("ann").await.path;
    for request in [ANONYMOUS.get(&path), ANONYMOUS.patch(&path, &json!({})), ANONYMOUS.delete(&path)] {
        assert_eq!(world.outcome(request).await, "401 authentication_required");
    }
}

#[actix_web::test]
async fn an_account_is_read_with_its_version() {
    let world = World::new().await;
    let (admin, ann) = (world.admin().await, world.account("ann").await);
    let answer = world.send(admin.get(&ann.path)).await;
    assert_eq!(answer.header("etag"), "\"1\"");
    assert_json_snapshot!(answer.json(), { ".id" => "[user]" }, @r#"
    {
      "created_at": "2026-01-01T00:00:00.003000Z",
      "email": "ann@example.com",
      "email_verified": true,
      "external_id": null,
      "full_name": null,
      "id": "[user]",
      "is_active": true,
      "last_sign_in_at": null,
      "locale": null,
      "roles": [
        "user"
      ],
      "updated_at": "2026-01-01T00:00:00.003000Z",
      "username": "ann"
    }
    "#);
    let again = world.send(admin.get(&ann.path).insert_header(("if-none-match", "\"1\""))).await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
}

#[actix_web::test]
async fn what_names_no_account_is_404() {
    let world = World::new().await;
    let admin = world.admin().await;
    for path in [UNKNOWN, "/api/v1/users/ann", "/api/v1/users/%00", "/api/v1/users/%ff"] {
        for request in [admin.get(path), admin.patch(path, &json!({})), admin.delete(path)] {
            assert_eq!(world.outcome(request).await, "404 user_not_found", "{path}");
        }
    }
    let told = world.send(admin.get(UNKNOWN)).await;
    assert_json_snapshot!(told.json(), { ".correlation_id" => "[correlation]" }, @r#"
    {
      "code": "user_not_found",
      "correlation_id": "[correlation]",
      "detail": "There is no account with this id.",
      "instance": "/api/v1/users/018bcfe5-6800-7000-8000-000000000000",
      "status": 404,
      "title": "No such user",
      "type": "https://doorward.dev/problems/user_not_found"
    }
    "#);
}

#[actix_web::test]
async fn what_is_absent_stays_and_what_is_null_becomes_empty() {
    let world = World::new().await;
    let (admin, ann) = (world.admin().await, world.account("ann").await);
    let full = json!({"full_name": "Ann Lee", "locale": "en-gb", "external_id": "hr-7", "username": "Ann.Lee"});
    let filled = world.json(admin.patch(&ann.path, &full)).await;
    let shown =
        |user: &serde_json::Value| ["username", "full_name", "locale", "external_id"].map(|field| user[field].clone());
    assert_eq!(shown(&filled), [json!("ann.lee"), json!("Ann Lee"), json!("en-GB"), json!("hr-7")]);
    let nothing = world.send(admin.patch(&ann.path, &json!({}))).await;
    assert_eq!((nothing.json(), nothing.header("etag")), (filled, "\"2\""));
    let half = world.json(admin.patch(&ann.path, &json!({"full_name": null, "external_id": null}))).await;
    assert_eq!(shown(&half), [json!("ann.lee"), json!(null), json!("en-GB"), json!(null)]);
    for field in ["email", "email_verified", "is_active"] {
        let answer = world.send(admin.patch(&ann.path, &json!({field: null}))).await;
        assert_eq!(answer.faults(), [format!("/{field} invalid_type")]);
    }
}

#[actix_web::test]
async fn of_two_who_change_what_both_have_read_the_second_is_told_to_read_again() {
    let world = World::new().await;
    let (admin, ann) = (world.admin().await, world.account("ann").await);
    let tag = world.send(admin.get(&ann.path)).await.header("etag").to_owned();
    let change = |name: &str, tag: &str| {
        admin.patch(&ann.path, &json!({"full_name": name})).insert_header(("if-match", tag.to_owned()))
    };
    let first = world.send(change("Ann One", &tag)).await;
    assert_eq!((first.outcome().as_str(), first.header("etag")), ("200", "\"2\""));
    let second = world.send(change("Ann Two", &tag)).await;
    assert_eq!(second.outcome(), "412 version_mismatch");
    assert_json_snapshot!(second.json(), { ".correlation_id" => "[correlation]", ".instance" => "[path]" }, @r#"
    {
      "code": "version_mismatch",
      "correlation_id": "[correlation]",
      "detail": "The resource has changed since you read it. Read it again, then repeat your change.",
      "instance": "[path]",
      "status": 412,
      "title": "Version mismatch",
      "type": "https://doorward.dev/problems/version_mismatch"
    }
    "#);
    assert_eq!(world.outcome(change("Ann Three", "\"1\", \"2\"")).await, "200");
    assert_eq!(world.json(admin.get(&ann.path)).await["full_name"], "Ann Three");
}

#[actix_web::test]
async fn a_new_address_counts_as_unverified_unless_it_is_said_otherwise() {
    let world = World::new().await;
    let (admin, ann) = (world.admin().await, world.account("ann").await);
    for (body, verified) in [
        (json!({"email": "ANN@example.com"}), true),
        (json!({"email": "ann@example.org"}), false),
        (json!({"email": "ann@example.net", "email_verified": true}), true),
    ] {
        assert_eq!(world.json(admin.patch(&ann.path, &body)).await["email_verified"], verified, "{body}");
    }
}

#[actix_web::test]
async fn a_change_to_what_another_has_or_to_nonsense_changes_nothing() {
    let world = World::new().await;
    let (admin, ann) = (world.admin().await, world.account("ann").await);
    for (body, refusal) in [
        (json!({"email": "admin@example.com"}), "409 email_taken"),
        (json!({"username": "admin"}), "409 username_taken"),
        (json!({"email": "ann", "full_name": "Ann"}), "422 validation_failed"),
        (json!({"roles": ["admin"]}), "422 validation_failed"),
        (json!({"password": PASSWORD}), "422 validation_failed"),
    ] {
        assert_eq!(world.outcome(admin.patch(&ann.path, &body)).await, refusal, "{body}");
    }
    assert_eq!(world.send(admin.get(&ann.path)).await.header("etag"), "\"1\"");
}

#[actix_web::test]
async fn disabling_is_felt_by_the_next_request_and_enabling_brings_no_session_back() {
    let world = World::new().await;
    let (admin, ann) = (world.admin().await, world.ann().await);
    let set = |is_active: bool| admin.patch(&ann.account.path, &json!({"is_active": is_active}));
    assert_eq!(world.json(set(false)).await["is_active"], false);
    assert_eq!(world.outcome(ann.get("/api/v1/users/me")).await, "401 invalid_token");
    assert_eq!(world.outcome(login("ann", PASSWORD)).await, "403 account_disabled");
    assert_eq!(world.outcome(set(false)).await, "200", "twice is no error");
    assert_eq!(world.json(set(true)).await["is_active"], true);
    assert_eq!(world.outcome(ann.get("/api/v1/users/me")).await, "401 invalid_token");
    assert_eq!(world.outcome(login("ann", PASSWORD)).await, "200");
}

#[actix_web::test]
async fn deleting_is_felt_by_the_next_request_and_frees_the_names() {
    let world = World::new().await;
    let (admin, ann) = (world.admin().await, world.ann().await);
    assert_eq!(world.outcome(admin.delete(&ann.account.path)).await, "204");
    assert_eq!(world.outcome(ann.get("/api/v1/users/me")).await, "401 invalid_token");
    assert_eq!(world.outcome(login("ann", PASSWORD)).await, "401 invalid_credentials");
    assert_eq!(world.outcome(admin.delete(&ann.account.path)).await, "404 user_not_found", "twice");
    world.account("ann").await;
}

#[actix_web::test]
async fn the_last_administrator_can_be_neither_disabled_nor_deleted() {
    let world = World::new().await;
    let admin = world.admin().await;
    let disable = admin.patch(&admin.account.path, &json!({"is_active": false}));
    assert_eq!(world.outcome(disable).await, "409 last_admin");
    let delete = world.send(admin.delete(&admin.account.path)).await;
    assert_eq!(delete.outcome(), "409 last_admin");
    assert_json_snapshot!(delete.json(), { ".correlation_id" => "[correlation]", ".instance" => "[path]" }, @r#"
    {
      "code": "last_admin",
      "correlation_id": "[correlation]",
      "detail": "This is the last active administrator. Grant the role admin to another account first.",
      "instance": "[path]",
      "status": 409,
      "title": "Last administrator",
      "type": "https://doorward.dev/problems/last_admin"
    }
    "#);
    assert_eq!(world.outcome(admin.get("/api/v1/users/me")).await, "200");
}
