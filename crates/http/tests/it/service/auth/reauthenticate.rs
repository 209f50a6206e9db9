//! `/api/v1/auth/reauthenticate`
use crate::actors::{ANONYMOUS, Actor};
use crate::service::world::{MINUTE, PASSWORD, World};
use actix_web::http::Method;
use serde_json::json;

const AGAIN: &str = "/api/v1/auth/reauthenticate";

#[actix_web::test]
async fn nobody_cannot_prove_again_who_they_are() {
    let request = ANONYMOUS.post(AGAIN, &json!({"password": PASSWORD}));
    assert_eq!(World::new().await.outcome(request).await, "401 authentication_required");
}

#[actix_web::test]
async fn what_asked_for_a_recent_sign_in_is_served_with_the_tokens_that_come_of_it() {
    let world = World::new().await;
    let ann = world.ann().await;
    world.advance(11 * MINUTE);
    assert_eq!(world.outcome(ann.delete("/api/v1/users/me")).await, "403 reauthentication_required");
    let tokens = world.json(ann.post(AGAIN, &json!({"password": PASSWORD}))).await;
    assert_eq!(tokens["session_id"], json!(ann.session), "the same session");
    assert_eq!(tokens["is_new_user"], json!(false));
    let again = Actor::with(tokens["access_token"].as_str().unwrap());
    assert_eq!(world.outcome(again.asks(Method::DELETE, "/api/v1/users/me")).await, "204");
}

#[actix_web::test]
async fn a_wrong_password_is_told_and_five_of_them_lock() {
    let world = World::new().await;
    let ann = world.ann().await;
    for _ in 0..5 {
        let answer = world.send(ann.post(AGAIN, &json!({"password": "not this one"}))).await;
        assert_eq!((answer.outcome().as_str(), answer.header("retry-after")), ("403 wrong_password", ""));
    }
    let answer = world.send(ann.post(AGAIN, &json!({"password": PASSWORD}))).await;
    assert_eq!((answer.outcome().as_str(), answer.header("retry-after")), ("403 wrong_password", "900"));
}

#[actix_web::test]
async fn a_password_and_nothing_else_is_taken() {
    let world = World::new().await;
    let ann = world.ann().await;
    assert_eq!(world.outcome(ann.post(AGAIN, &json!({}))).await, "422 validation_failed");
    let more = json!({"password": PASSWORD, "identifier": "ann"});
    assert_eq!(world.outcome(ann.post(AGAIN, &more)).await, "422 validation_failed");
}
