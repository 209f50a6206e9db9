//! `/api/v1/permissions`
use crate::actors::{ANONYMOUS, Actor};
use crate::service::world::{World, claims};
use doorward_domain::SYSTEM_PERMISSIONS;
use insta::assert_json_snapshot;
use serde_json::json;

const PERMISSIONS: &str = "/api/v1/permissions";
const REPORTS: &str = "/api/v1/permissions/reports:read";

#[actix_web::test]
async fn nobody_can_see_make_or_delete_permissions() {
    let world = World::new().await;
    let body = json!({"name": "reports:read"});
    for request in [ANONYMOUS.get(PERMISSIONS), ANONYMOUS.post(PERMISSIONS, &body), ANONYMOUS.delete(REPORTS)] {
        assert_eq!(world.outcome(request).await, "401 authentication_required");
    }
}

#[actix_web::test]
async fn doorwards_own_are_there_from_the_start_by_name() {
    let world = World::new().await;
    let admin = world.admin().await;
    let page = world.json(admin.get(PERMISSIONS)).await;
    let mut expected = SYSTEM_PERMISSIONS;
    expected.sort_unstable();
    let items = page["items"].as_array().unwrap();
    assert_eq!(items.iter().map(|item| item["name"].as_str().unwrap()).collect::<Vec<_>>(), expected);
    assert!(items.iter().all(|item| item["is_system"] == true && item["description"].is_string()));
}

#[actix_web::test]
async fn permissions_that_come_and_go_neither_hide_nor_repeat_one_that_stays() {
    let world = World::new().await;
    let admin = world.admin().await;
    world.permission("aa:first").await;
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    while seen.len() < 30 {
        let page = world.json(admin.get(&format!("{PERMISSIONS}?limit=5{cursor}"))).await;
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
        if seen.len() == 5 {
            assert_eq!(world.outcome(admin.delete(&format!("{PERMISSIONS}/aa:first"))).await, "204");
            world.permission("aa:second").await;
        }
    }
    let mut expected = SYSTEM_PERMISSIONS.map(str::to_owned).to_vec();
    expected.push("aa:first".to_owned());
    expected.sort_unstable();
    assert_eq!(seen, expected);
}

#[actix_web::test]
async fn a_permission_is_made_and_the_role_admin_holds_it() {
    let world = World::new().await;
    let admin = world.admin().await;
    let body = json!({"name": "reports:read", "description": "See reports."});
    let answer = world.send(admin.post(PERMISSIONS, &body)).await;
    assert_eq!(answer.outcome(), "201");
    assert_eq!(answer.header("location"), "https://accounts.example.com/api/v1/permissions/reports:read");
    assert_json_snapshot!(answer.json(), @r#"
    {
      "created_at": "2026-01-01T00:00:00.002000Z",
      "description": "See reports.",
      "is_system": false,
      "name": "reports:read"
    }
    "#);
    let held = world.json(admin.get("/api/v1/roles/admin")).await["permissions"].clone();
    assert!(held.as_array().unwrap().contains(&json!("reports:read")), "{held}");
    let again = world.send(admin.post(PERMISSIONS, &body)).await;
    assert_eq!(again.outcome(), "409 permission_exists");
}

#[actix_web::test]
async fn a_deleted_permission_is_held_by_no_role() {
    let world = World::new().await;
    let admin = world.admin().await;
    world.permission("reports:read").await;
    world.role("support", &["reports:read", "users:read"]).await;
    assert_eq!(world.outcome(admin.delete(REPORTS)).await, "204");
    assert_eq!(world.json(admin.get("/api/v1/roles/support")).await["permissions"], json!(["users:read"]));
    assert_eq!(world.outcome(admin.delete(REPORTS)).await, "404 permission_not_found", "twice");
}

#[actix_web::test]
async fn doorwards_own_stay() {
    let world = World::new().await;
    let admin = world.admin().await;
    for name in SYSTEM_PERMISSIONS {
        assert_eq!(
            world.outcome(admin.delete(&format!("{PERMISSIONS}/{name}"))).await,
            "409 system_permission",
            "{name}"
        );
    }
}

#[actix_web::test]
async fn nonsense_is_told_by_its_field_and_names_nothing() {
    let world = World::new().await;
    let admin = world.admin().await;
    let faults =
        world.send(admin.post(PERMISSIONS, &json!({"name": "No Permission", "description": ""}))).await.faults();
    assert_eq!(faults, ["/name invalid_permission", "/description invalid_description"]);
    for name in ["ghosts", "No%20Permission", "%00", "%ff"] {
        assert_eq!(
            world.outcome(admin.delete(&format!("{PERMISSIONS}/{name}"))).await,
            "404 permission_not_found",
            "{name}"
        );
    }
}

#[actix_web::test]
async fn an_administrator_is_let_in_everywhere_however_many_permissions_there_are() {
    let world = World::new().await;
    let mut admin = world.admin().await;
    let name = |n: usize| format!("department-reports:read:{n:04}");
    for (from, to) in [(0, 190), (190, 1_000)] {
        for n in from..to {
            world.permission(&name(n)).await;
        }
        admin = world.session_of("admin").await;
        let (said, last) = (claims(&admin.access_token), name(to - 1));
        assert_eq!((&said["roles"], said.get("permissions")), (&json!(["admin", "user"]), None));
        assert_eq!(world.outcome(admin.get("/api/v1/users/me")).await, "200");
        assert_eq!(world.outcome(admin.get(&format!("/api/v1/auth/check?permission={last}"))).await, "200");
        let asked = world.json(admin.post("/api/v1/auth/introspect", &json!({"token": admin.access_token}))).await;
        let held = asked["permissions"].as_array().unwrap();
        assert_eq!((held.len(), held.contains(&json!(last))), (SYSTEM_PERMISSIONS.len() + to, true));
        let body = json!({"refresh_token": admin.refresh_token});
        let next = world.json(ANONYMOUS.post("/api/v1/auth/refresh", &body)).await;
        let next = Actor::with(next["access_token"].as_str().unwrap());
        assert_eq!(world.outcome(next.get("/api/v1/users/me")).await, "200");
    }
    let refused = world.send(admin.post(PERMISSIONS, &json!({"name": "one:more"}))).await;
    assert_eq!(refused.outcome(), "409 too_many_permissions");
    assert_eq!(world.outcome(admin.delete(&format!("{PERMISSIONS}/{}", name(0)))).await, "204");
    assert_eq!(world.outcome(admin.post(PERMISSIONS, &json!({"name": "one:more"}))).await, "201");
}
