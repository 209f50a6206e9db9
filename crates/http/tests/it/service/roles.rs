//! `/api/v1/roles`
use crate::actors::ANONYMOUS;
use crate::service::world::World;
use insta::assert_json_snapshot;
use serde_json::json;

const ROLES: &str = "/api/v1/roles";
const SUPPORT: &str = "/api/v1/roles/support";
const READ: &str = "/api/v1/roles/support/permissions/users:read";

#[actix_web::test]
async fn nobody_can_see_or_change_roles() {
    let world = World::new().await;
    world.role("support", &[]).await;
    let (body, none) = (json!({"name": "x1"}), json!({}));
    for request in [
        ANONYMOUS.get(ROLES),
        ANONYMOUS.post(ROLES, &body),
        ANONYMOUS.get(SUPPORT),
        ANONYMOUS.patch(SUPPORT, &none),
        ANONYMOUS.delete(SUPPORT),
        ANONYMOUS.put(READ),
        ANONYMOUS.delete(READ),
    ] {
        assert_eq!(world.outcome(request).await, "401 authentication_required");
    }
}

#[actix_web::test]
async fn a_role_is_made_and_stands_where_it_says() {
    let world = World::new().await;
    let admin = world.admin().await;
    let body = json!({"name": "support", "description": "Answers mail.", "permissions": ["users:read", "users:read"]});
    let answer = world.send(admin.post(ROLES, &body)).await;
    assert_eq!((answer.outcome().as_str(), answer.header("etag")), ("201", "\"1\""));
    assert_eq!(answer.header("location"), "https://accounts.example.com/api/v1/roles/support");
    assert_json_snapshot!(answer.json(), @r#"
    {
      "created_at": "2026-01-01T00:00:00.002000Z",
      "description": "Answers mail.",
      "is_system": false,
      "name": "support",
      "permissions": [
        "users:read"
      ],
      "updated_at": "2026-01-01T00:00:00.002000Z"
    }
    "#);
    assert_eq!(world.json(admin.get(SUPPORT)).await, answer.json());
    assert_eq!(world.outcome(admin.post(ROLES, &body)).await, "409 role_exists", "twice");
}

#[actix_web::test]
async fn a_role_of_nonsense_or_of_unknown_permissions_is_not_made() {
    let world = World::new().await;
    let admin = world.admin().await;
    let body = json!({"name": "No Role", "description": "", "permissions": ["users:read", "No Permission"]});
    let faults = world.send(admin.post(ROLES, &body)).await.faults();
    assert_eq!(
        faults,
        ["/name invalid_role_name", "/description invalid_description", "/permissions/1 invalid_permission"]
    );
    let unknown = json!({"name": "support", "permissions": ["reports:read"]});
    assert_eq!(world.outcome(admin.post(ROLES, &unknown)).await, "422 validation_failed");
    assert_eq!(world.outcome(admin.get(SUPPORT)).await, "404 role_not_found");
}

#[actix_web::test]
async fn roles_are_listed_by_name_also_while_they_come_and_go() {
    let world = World::new().await;
    let admin = world.admin().await;
    for name in ["carl", "bob", "ann"] {
        world.role(name, &[]).await;
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    while seen.len() < 10 {
        let page = world.json(admin.get(&format!("{ROLES}?limit=2{cursor}"))).await;
        seen.extend(page["items"].as_array().unwrap().iter().map(|role| role["name"].clone()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
        world.send(admin.delete(&format!("{ROLES}/ann"))).await;
        if seen.len() == 2 {
            world.role("aaa", &[]).await;
        }
    }
    assert_eq!(seen, ["admin", "ann", "bob", "carl", "user"]);
}

#[actix_web::test]
async fn a_description_is_changed_kept_or_emptied() {
    let world = World::new().await;
    let admin = world.admin().await;
    world.role("support", &[]).await;
    for (body, expected) in [
        (json!({"description": "Answers mail."}), json!("Answers mail.")),
        (json!({}), json!("Answers mail.")),
        (json!({"description": null}), json!(null)),
    ] {
        assert_eq!(world.json(admin.patch(SUPPORT, &body)).await["description"], expected, "{body}");
    }
    let other = world.send(admin.patch(SUPPORT, &json!({"name": "other"}))).await;
    assert_eq!(other.faults(), ["/name unknown_field"]);
    assert_eq!(world.outcome(admin.patch(&format!("{ROLES}/ghosts"), &json!({}))).await, "404 role_not_found");
}

#[actix_web::test]
async fn a_change_meant_for_another_version_is_412_also_after_a_permission_was_added() {
    let world = World::new().await;
    let admin = world.admin().await;
    world.role("support", &[]).await;
    let tag = world.send(admin.get(SUPPORT)).await.header("etag").to_owned();
    let added = world.send(admin.put(READ)).await;
    assert_ne!(added.header("etag"), tag);
    let change =
        |tag: &str| admin.patch(SUPPORT, &json!({"description": "x"})).insert_header(("if-match", tag.to_owned()));
    assert_eq!(world.outcome(change(&tag)).await, "412 version_mismatch");
    assert_eq!(world.outcome(change(added.header("etag"))).await, "200");
}

#[actix_web::test]
async fn a_permission_is_added_and_taken_once_however_often_and_felt_by_the_next_request() {
    let world = World::new().await;
    let admin = world.admin().await;
    world.role("support", &[]).await;
    let ann = world.person("ann", &["support"]).await;
    for time in ["once", "twice"] {
        assert_eq!(world.json(admin.put(READ)).await["permissions"], json!(["users:read"]), "{time}");
    }
    assert_eq!(world.outcome(ann.get("/api/v1/users")).await, "200");
    for time in ["once", "twice"] {
        assert_eq!(world.outcome(admin.delete(READ)).await, "204", "{time}");
    }
    assert_eq!(world.outcome(ann.get("/api/v1/users")).await, "403 permission_denied");
    assert_eq!(world.json(admin.get(SUPPORT)).await["permissions"], json!([]));
}

#[actix_web::test]
async fn an_unknown_role_or_permission_is_404() {
    let world = World::new().await;
    let admin = world.admin().await;
    world.role("support", &[]).await;
    for (path, refusal) in [
        ("/api/v1/roles/ghosts/permissions/users:read", "404 role_not_found"),
        ("/api/v1/roles/%ff/permissions/users:read", "404 role_not_found"),
        ("/api/v1/roles/support/permissions/ghosts", "404 permission_not_found"),
        ("/api/v1/roles/support/permissions/No%20Permission", "404 permission_not_found"),
    ] {
        for request in [admin.put(path), admin.delete(path)] {
            assert_eq!(world.outcome(request).await, refusal, "{path}");
        }
    }
}

#[actix_web::test]
async fn a_deleted_role_is_taken_from_all_who_hold_it() {
    let world = World::new().await;
    let admin = world.admin().await;
    world.role("support", &["users:read"]).await;
    let ann = world.person("ann", &["support"]).await;
    assert_eq!(world.outcome(admin.delete(SUPPORT)).await, "204");
    assert_eq!(world.outcome(ann.get("/api/v1/users")).await, "403 permission_denied");
    assert_eq!(world.json(ann.get("/api/v1/users/me")).await["roles"], json!(["user"]));
    assert_eq!(world.outcome(admin.delete(SUPPORT)).await, "404 role_not_found", "twice");
}

#[actix_web::test]
async fn system_roles_stay_as_they_are() {
    let world = World::new().await;
    let admin = world.admin().await;
    for name in ["admin", "user"] {
        let (path, held) = (format!("{ROLES}/{name}"), format!("{ROLES}/{name}/permissions/users:read"));
        let change = json!({"description": null});
        for request in [admin.patch(&path, &change), admin.delete(&path), admin.put(&held), admin.delete(&held)] {
            assert_eq!(world.outcome(request).await, "409 system_role", "{name}");
        }
    }
    let told = world.send(admin.delete(&format!("{ROLES}/admin"))).await;
    assert_json_snapshot!(told.json(), { ".correlation_id" => "[correlation]" }, @r#"
    {
      "code": "system_role",
      "correlation_id": "[correlation]",
      "detail": "The role admin is a system role and can't be changed. Create your own role.",
      "instance": "/api/v1/roles/admin",
      "status": 409,
      "title": "System role",
      "type": "https://doorward.dev/problems/system_role"
    }
    "#);
}
