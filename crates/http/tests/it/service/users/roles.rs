//! `/api/v1/users/{id}/roles/{role}`
use crate::actors::ANONYMOUS;
use crate::service::world::{Person, World};
use serde_json::json;

const UNKNOWN: &str = "/api/v1/users/018bcfe5-6800-7000-8000-000000000000/roles/user";

#[actix_web::test]
async fn nobody_can_give_or_take_a_role() {
    let world = World::new().await;
    let path = format!("{}/roles/admin", world.account("ann").await.path);
    for request in [ANONYMOUS.put(&path), ANONYMOUS.delete(&path)] {
        assert_eq!(world.outcome(request).await, "401 authentication_required");
    }
}

#[actix_web::test]
async fn a_role_is_given_once_however_often_it_is_given() {
    let world = World::new().await;
    let (admin, ann) = (world.admin().await, world.account("ann").await);
    world.role("support", &["users:read"]).await;
    let path = format!("{}/roles/support", ann.path);
    let once = world.send(admin.put(&path)).await;
    assert_eq!(once.json()["roles"], json!(["support", "user"]));
    let twice = world.send(admin.put(&path)).await;
    assert_eq!((twice.json(), twice.header("etag")), (once.json(), once.header("etag")));
    assert_eq!(world.send(admin.get(&ann.path)).await.header("etag"), once.header("etag"));
}

#[actix_web::test]
async fn a_role_is_taken_once_however_often_it_is_taken() {
    let world = World::new().await;
    let admin = world.admin().await;
    world.role("support", &[]).await;
    let ann = world.person("ann", &["support"]).await;
    let path = format!("{}/roles/support", ann.account.path);
    for time in ["once", "twice"] {
        assert_eq!(world.outcome(admin.delete(&path)).await, "204", "{time}");
        assert_eq!(world.json(admin.get(&ann.account.path)).await["roles"], json!(["user"]), "{time}");
    }
}

#[actix_web::test]
async fn what_a_role_allows_is_felt_by_the_next_request() {
    let world = World::new().await;
    let (admin, ann) = (world.admin().await, world.ann().await);
    world.role("support", &["users:read"]).await;
    let path = format!("{}/roles/support", ann.account.path);
    let asked = || ann.get("/api/v1/users");
    assert_eq!(world.outcome(asked()).await, "403 permission_denied");
    world.json(admin.put(&path)).await;
    assert_eq!(world.outcome(asked()).await, "200");
    world.send(admin.delete(&path)).await;
    assert_eq!(world.outcome(asked()).await, "403 permission_denied");
}

#[actix_web::test]
async fn an_unknown_account_or_role_is_404() {
    let world = World::new().await;
    let (admin, ann) = (world.admin().await, world.account("ann").await);
    for role in ["ghosts", "No%20Role", "%00"] {
        let path = format!("{}/roles/{role}", ann.path);
        for request in [admin.put(&path), admin.delete(&path)] {
            assert_eq!(world.outcome(request).await, "404 role_not_found", "{role}");
        }
    }
    for request in [admin.put(UNKNOWN), admin.delete(UNKNOWN)] {
        assert_eq!(world.outcome(request).await, "404 user_not_found");
    }
}

#[actix_web::test]
async fn the_last_administrator_keeps_the_role() {
    let world = World::new().await;
    let admin = world.admin().await;
    let path = format!("{}/roles/admin", admin.account.path);
    assert_eq!(world.outcome(admin.delete(&path)).await, "409 last_admin");
    let other = world.person("other", &["admin"]).await;
    assert_eq!(world.outcome(admin.delete(&path)).await, "204");
    assert_eq!(world.outcome(admin.get("/api/v1/users")).await, "403 permission_denied");
    let last = format!("{}/roles/admin", other.account.path);
    assert_eq!(world.outcome(other.delete(&last)).await, "409 last_admin");
}

#[actix_web::test]
async fn of_two_administrators_who_demote_each_other_at_once_one_remains() {
    let world = World::new().await;
    let (admin, other) = (world.admin().await, world.person("other", &["admin"]).await);
    let demote = |whom: &Person| format!("{}/roles/admin", whom.account.path);
    let (one, two) =
        tokio::join!(world.outcome(admin.delete(&demote(&other))), world.outcome(other.delete(&demote(&admin))),);
    let mut outcomes = [one, two];
    outcomes.sort();
    // Who comes second no longer may, or is the last one.
    assert_eq!(outcomes[0], "204");
    assert!(
        ["403 exceeds_own_permissions", "403 permission_denied", "409 last_admin"].contains(&&*outcomes[1]),
        "{outcomes:?}"
    );
    let may = [world.outcome(admin.get("/api/v1/users")).await, world.outcome(other.get("/api/v1/users")).await];
    assert_eq!(may.iter().filter(|outcome| *outcome == "200").count(), 1, "{may:?}");
}
