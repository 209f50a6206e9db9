//! `/api/v1/users/{id}/unlock`
use crate::actors::ANONYMOUS;
use crate::service::world::{PASSWORD, WRONG_PASSWORD, World, login};
use actix_web::http::Method;

#[actix_web::test]
async fn nobody_can_unlock_an_account() {
    let world = World::new().await;
    let path = format!("{}/unlock", world.account("ann").await.path);
    assert_eq!(world.outcome(ANONYMOUS.asks(Method::POST, &path)).await, "401 authentication_required");
}

#[actix_web::test]
async fn a_locked_account_opens_at_once_and_unlocking_an_open_one_is_no_error() {
    let world = World::new().await;
    let (admin, ann) = (world.admin().await, world.account("ann").await);
    for _ in 0..5 {
        world.send(login("ann", WRONG_PASSWORD)).await;
    }
    assert_eq!(world.outcome(login("ann", PASSWORD)).await, "401 invalid_credentials");
    let path = format!("{}/unlock", ann.path);
    for time in ["once", "twice"] {
        assert_eq!(world.outcome(admin.asks(Method::POST, &path)).await, "204", "{time}");
    }
    assert_eq!(world.outcome(login("ann", PASSWORD)).await, "200");
}

#[actix_web::test]
async fn an_unknown_account_is_404() {
    let world = World::new().await;
    let admin = world.admin().await;
    let path = "/api/v1/users/018bcfe5-6800-7000-8000-000000000000/unlock";
    assert_eq!(world.outcome(admin.asks(Method::POST, path)).await, "404 user_not_found");
}
