//! `/api/v1/auth/logout`
use crate::actors::{ANONYMOUS, Actor};
use crate::service::providers::{CALLBACK, redeeming};
use crate::service::world::{MINUTE, Person, World};
use actix_web::http::Method;
use actix_web::test::TestRequest;
use doorward_testkit::scripted_provider::ISSUER;
use serde_json::json;

const LOGOUT: &str = "/api/v1/auth/logout";

fn by_bearer(actor: Actor) -> TestRequest {
    actor.asks(Method::POST, LOGOUT)
}

fn by_body(token: &str) -> TestRequest {
    ANONYMOUS.post(LOGOUT, &json!({"refresh_token": token}))
}

/// What the two tokens are good for.
async fn tokens(world: &World, person: &Person) -> [String; 2] {
    let refresh = ANONYMOUS.post("/api/v1/auth/refresh", &json!({"refresh_token": person.refresh_token}));
    [world.outcome(person.get("/api/v1/users/me")).await, world.outcome(refresh).await]
}

#[actix_web::test]
async fn nobody_cannot_sign_out() {
    assert_eq!(World::new().await.outcome(by_bearer(ANONYMOUS)).await, "401 authentication_required");
}

#[actix_web::test]
async fn both_tokens_of_the_session_are_refused_from_then_on_and_no_others() {
    let world = World::new().await;
    let (here, there) = (world.ann().await, world.session_of("ann").await);
    assert_eq!(world.outcome(by_bearer(*here)).await, "204");
    assert_eq!(tokens(&world, &here).await, ["401 invalid_token", "401 invalid_token"]);
    assert_eq!(tokens(&world, &there).await, ["200", "200"]);
}

#[actix_web::test]
async fn an_empty_object_beside_the_bearer_token_is_as_no_body() {
    let world = World::new().await;
    let ann = world.ann().await;
    assert_eq!(world.outcome(ANONYMOUS.post(LOGOUT, &json!({}))).await, "401 authentication_required");
    for bad in [json!({"refresh_token": null}), json!({"token": "x"}), json!([])] {
        assert_eq!(world.outcome(ann.post(LOGOUT, &bad)).await, "422 validation_failed", "{bad}");
    }
    assert_eq!(world.outcome(ann.post(LOGOUT, &json!({}))).await, "204");
    assert_eq!(tokens(&world, &ann).await, ["401 invalid_token", "401 invalid_token"]);
}

#[actix_web::test]
async fn the_bearer_token_works_once_and_the_refresh_token_as_often_as_it_is_shown() {
    let world = World::new().await;
    let ann = world.ann().await;
    assert_eq!(world.outcome(by_body(&ann.refresh_token)).await, "204");
    assert_eq!(world.outcome(by_body(&ann.refresh_token)).await, "204");
    assert_eq!(world.outcome(by_bearer(*ann)).await, "401 invalid_token");
    assert_eq!(tokens(&world, &ann).await, ["401 invalid_token", "401 invalid_token"]);
}

#[actix_web::test]
async fn a_spent_refresh_token_or_one_beside_an_expired_access_token_will_do() {
    let world = World::new().await;
    let ann = world.ann().await;
    let next = world.json(ANONYMOUS.post("/api/v1/auth/refresh", &json!({"refresh_token": ann.refresh_token}))).await;
    world.advance(15 * MINUTE);
    let both = ann.post(LOGOUT, &json!({"refresh_token": ann.refresh_token}));
    assert_eq!(world.outcome(both).await, "204");
    let next = ANONYMOUS.post("/api/v1/auth/refresh", &json!({"refresh_token": next["refresh_token"]}));
    assert_eq!(world.outcome(next).await, "401 invalid_token");
}

#[actix_web::test]
async fn what_is_no_refresh_token_ends_nothing() {
    let world = World::new().await;
    let ann = world.ann().await;
    for token in ["garbage", &ann.access_token] {
        assert_eq!(world.outcome(by_body(token)).await, "401 invalid_token");
    }
    assert_eq!(world.outcome(ann.get("/api/v1/users/me")).await, "200");
}

#[actix_web::test]
async fn who_asks_for_it_gets_the_url_at_which_they_sign_out_at_the_provider() {
    let world = World::new().await;
    let code = world.code("example", "ann", Some(("ann@example.com", true))).await;
    let tokens = world.json(ANONYMOUS.post("/api/v1/auth/token", &redeeming(&code))).await;
    let asked = |uri: &str| json!({"provider_sign_out": true, "post_logout_redirect_uri": uri});
    let there = Actor::with(tokens["access_token"].as_str().unwrap());
    assert_eq!(world.outcome(there.post(LOGOUT, &asked("https://evil.example"))).await, "422 validation_failed");
    let answer = world.json(there.post(LOGOUT, &asked(CALLBACK))).await;
    assert_eq!(answer, json!({"provider_sign_out_url": format!("{ISSUER}/sign-out?return_to={CALLBACK}")}));
    assert_eq!(world.outcome(there.get("/api/v1/users/me")).await, "401 invalid_token");
    let bob = world.person("bob", &[]).await;
    let answer = world.json(bob.post(LOGOUT, &json!({"provider_sign_out": true}))).await;
    assert_eq!(answer, json!({"provider_sign_out_url": null}));
}
