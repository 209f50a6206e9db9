//! `ETag`, `If-Match`, `If-None-Match`
use crate::actors::{ADMIN, ANN};
use crate::world::World;
use serde_json::json;

#[actix_web::test]
async fn an_account_carries_its_version_as_a_strong_etag() {
    let world = World::new();
    for path in ["/api/v1/users/me", "/api/v1/roles/support"] {
        assert_eq!(world.send(ADMIN.get(path)).await.header("etag"), "\"7\"", "{path}");
    }
}

#[actix_web::test]
async fn a_change_meant_for_another_version_is_412() {
    for (tag, status) in [
        ("\"7\"", 200),
        ("\"6\"", 412),
        ("\"5\", \"7\"", 200),
        ("\"5\", \"6\"", 412),
        ("*", 200),
        ("W/\"7\"", 200),
        ("W/\"6\"", 412),
        ("\"x\"", 412),
    ] {
        let world = World::new();
        let request = ANN.patch("/api/v1/users/me", &json!({})).insert_header(("if-match", tag));
        let answer = world.send(request).await;
        assert_eq!(answer.status.as_u16(), status, "{tag}");
        assert_eq!(world.fake.calls().len(), 1, "{tag}: one request is one call, however many tags it brings");
        if status == 412 {
            assert_eq!(answer.problem(), "version_mismatch");
        }
    }
}

#[actix_web::test]
async fn a_malformed_if_match_is_400_and_changes_nothing() {
    let world = World::new();
    let request = ADMIN.patch("/api/v1/roles/support", &json!({"description": "x"})).insert_header(("if-match", "7"));
    let answer = world.send(request).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (400, "malformed_request"));
    assert_eq!(world.fake.calls(), [""; 0]);
}

#[actix_web::test]
async fn what_the_client_still_has_is_not_sent_again() {
    let world = World::new();
    for (tag, status) in [("\"7\"", 304), ("W/\"7\"", 304), ("\"5\", \"7\"", 304), ("*", 304), ("\"6\"", 200)] {
        let answer = world.send(ANN.get("/api/v1/users/me").insert_header(("if-none-match", tag))).await;
        assert_eq!((answer.status.as_u16(), answer.body.is_empty()), (status, status == 304), "{tag}");
    }
}
