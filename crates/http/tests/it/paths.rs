//! What a path names.
use crate::actors::{ADMIN, ANN};
use crate::fake::user_id;
use crate::world::World;

#[actix_web::test]
async fn an_id_that_is_no_uuid_names_nothing() {
    let world = World::new();
    for path in ["/api/v1/users/nobody", "/api/v1/users/%00", "/api/v1/users/1/sessions", "/api/v1/users/%ff"] {
        let answer = world.send(ADMIN.get(path)).await;
        assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (404, "user_not_found"), "{path}");
    }
    let answer = world.send(ANN.delete("/api/v1/users/me/sessions/mine")).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (404, "session_not_found"));
    let answer = world.send(ADMIN.put("/api/v1/users/me/roles/admin")).await;
    assert_eq!(answer.problem(), "user_not_found");
    assert_eq!(world.fake.calls(), [""; 0]);
}

#[actix_web::test]
async fn names_are_decoded_once_and_in_full() {
    let world = World::new();
    world.send(ADMIN.get("/api/v1/roles/a%2Fb%2520c")).await;
    world.send(ADMIN.put("/api/v1/roles/support/permissions/users%3Aread")).await;
    world.send(ADMIN.put(&format!("/api/v1/users/{}/roles/%61dmin", user_id(1)))).await;
    let grant = format!("grant_role {} \"admin\"", user_id(1));
    assert_eq!(
        world.fake.calls(),
        ["get role \"a/b%20c\"", "grant_permission \"support\" \"users:read\"", grant.as_str()]
    );
}
