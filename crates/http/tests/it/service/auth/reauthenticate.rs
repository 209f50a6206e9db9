//! `/api/v1/auth/reauthenticate`
use crate::actors::{ANONYMOUS, Actor};
use crate::service::world::{MINUTE, PASSWORD, World, claims};
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

/// Two tabs that ask at once must not sign each other out.
#[actix_web::test]
async fn of_32_at_once_all_are_given_tokens_of_the_same_session_and_generation() {
    let world = World::new().await;
    let ann = world.ann().await;
    let again = || ann.post(AGAIN, &json!({"password": PASSWORD}));
    for answer in world.at_once((0..32).map(|_| again())).await {
        let pair = answer.json();
        assert_eq!((answer.outcome().as_str(), &pair["session_id"]), ("200", &json!(ann.session)));
        let refresh = claims(pair["refresh_token"].as_str().unwrap());
        assert_eq!(refresh["jti"], claims(&ann.refresh_token)["jti"]);
    }
    assert_eq!(world.json(ann.get("/api/v1/users/me/sessions")).await["items"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn of_32_wrong_passwords_at_once_five_are_counted_and_the_rest_find_it_locked() {
    let world = World::new().await;
    let ann = world.ann().await;
    let wrong = || ann.post(AGAIN, &json!({"password": "not this one"}));
    let answers = world.at_once((0..32).map(|_| wrong())).await;
    assert!(answers.iter().all(|answer| answer.outcome() == "403 wrong_password"));
    let locked = answers.iter().filter(|answer| !answer.header("retry-after").is_empty()).count();
    assert_eq!((answers.len(), locked), (32, 27));
}
