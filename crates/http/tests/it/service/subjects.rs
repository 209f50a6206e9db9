//! Callers can't grant a permission that they lack, or edit a role or an account that has it; nobody extends their own.
use super::world::{PASSWORD, Person, World, login};
use actix_web::http::Method;
use actix_web::test::TestRequest;
use insta::assert_json_snapshot;
use serde_json::json;

const BEYOND: &str = "403 exceeds_own_permissions";

async fn refuses(world: &World, requests: impl IntoIterator<Item = TestRequest>) {
    for (index, request) in requests.into_iter().enumerate() {
        assert_eq!(world.outcome(request).await, BEYOND, "request {index}");
    }
}

async fn a_manager_and_an_admin() -> (World, Person, Person) {
    let world = World::new().await;
    let (manager, admin) = (world.who_may("users:write").await, world.admin().await);
    (world, manager, admin)
}

#[actix_web::test]
async fn who_may_write_accounts_cannot_touch_an_administrators() {
    let (world, manager, admin) = a_manager_and_an_admin().await;
    let path = &admin.account.path;
    world.role("plain", &[]).await;
    refuses(
        &world,
        [
            manager.patch(path, &json!({"email": "mine@example.com"})),
            manager.patch(path, &json!({"is_active": false})),
            manager.patch(path, &json!({})),
            manager.delete(path),
            manager.put(&format!("{path}/roles/plain")),
            manager.delete(&format!("{path}/roles/admin")),
            manager.delete(&format!("{path}/roles/user")),
            manager.asks(Method::POST, &format!("{path}/unlock")),
        ],
    )
    .await;
    assert_eq!(world.json(admin.get("/api/v1/users/me")).await["roles"], json!(["admin", "user"]));
    assert_eq!(world.outcome(login("admin", PASSWORD)).await, "200");
}

#[actix_web::test]
async fn who_may_write_accounts_gives_neither_himself_nor_others_what_he_lacks() {
    let (world, manager, _) = a_manager_and_an_admin().await;
    let ann = world.account("ann").await;
    world.role("readers", &["users:read"]).await;
    let own = &manager.account.path;
    refuses(
        &world,
        [
            manager.put(&format!("{own}/roles/admin")),
            manager.put(&format!("{own}/roles/readers")),
            manager.put(&format!("{}/roles/admin", ann.path)),
            manager.put(&format!("{}/roles/readers", ann.path)),
            manager.post("/api/v1/users", &json!({"email": "x@example.com", "roles": ["admin"]})),
        ],
    )
    .await;
    let given = manager.put(&format!("{}/roles/users-write", ann.path));
    assert_eq!(world.outcome(given).await, "200", "what they hold themselves they may give");
}

#[actix_web::test]
async fn the_refusal_says_why() {
    let (world, manager, _) = a_manager_and_an_admin().await;
    let answer = world.send(manager.put(&format!("{}/roles/admin", manager.account.path))).await;
    assert_json_snapshot!(answer.json(), { ".correlation_id" => "[correlation]", ".instance" => "[path]" }, @r#"
    {
      "code": "exceeds_own_permissions",
      "correlation_id": "[correlation]",
      "detail": "This needs permissions that you do not have yourself. Ask somebody who has them.",
      "instance": "[path]",
      "status": 403,
      "title": "Exceeds own permissions",
      "type": "https://doorward.dev/problems/exceeds_own_permissions"
    }
    "#);
}

#[actix_web::test]
async fn who_may_end_sessions_cannot_end_an_administrators() {
    let world = World::new().await;
    let (guard, admin, ann) = (world.who_may("sessions:revoke").await, world.admin().await, world.ann().await);
    refuses(&world, [guard.delete(&format!("{}/sessions", admin.account.path))]).await;
    assert_eq!(world.outcome(admin.get("/api/v1/users/me")).await, "200");
    assert_eq!(world.outcome(guard.delete(&format!("{}/sessions", ann.account.path))).await, "204");
}

#[actix_web::test]
async fn who_may_write_roles_puts_nothing_into_one_that_he_lacks() {
    let world = World::new().await;
    let editor = world.who_may("roles:write").await;
    world.permission("reports:read").await;
    world.role("plain", &[]).await;
    world.role("readers", &["users:read"]).await;
    let plain = |permission: &str| format!("/api/v1/roles/plain/permissions/{permission}");
    refuses(
        &world,
        [
            editor.put(&plain("users:read")),
            editor.put(&plain("reports:read")),
            editor.put("/api/v1/roles/roles-write/permissions/users:write"),
            editor.post("/api/v1/roles", &json!({"name": "mine", "permissions": ["roles:write", "users:write"]})),
            editor.patch("/api/v1/roles/readers", &json!({"description": "x"})),
            editor.put("/api/v1/roles/readers/permissions/roles:write"),
            editor.delete("/api/v1/roles/readers/permissions/users:read"),
            editor.delete("/api/v1/roles/readers"),
            editor.delete("/api/v1/permissions/reports:read"),
        ],
    )
    .await;
    assert_eq!(
        world.outcome(editor.put(&plain("roles:write"))).await,
        "200",
        "what they hold themselves they may give"
    );
}

#[actix_web::test]
async fn making_a_permission_gives_it_to_administrators_and_not_to_its_maker() {
    let world = World::new().await;
    let editor = world.who_may("roles:write").await;
    let made = editor.post("/api/v1/permissions", &json!({"name": "reports:read"}));
    assert_eq!(world.outcome(made).await, "201");
    refuses(&world, [editor.put("/api/v1/roles/roles-write/permissions/reports:read")]).await;
}
