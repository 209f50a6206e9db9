use crate::world::{HOME, World, code, from, operator, secret};
use doorward_domain::AuditOutcome;
use doorward_ports::ErrorCode;
use serde_json::json;

#[tokio::test]
async fn the_bearers_session_ends_and_no_other() {
    let world = World::new().await;
    let (ann, other) = (world.person("ann").await, world.session_of("ann").await);
    world.auth().sign_out(&ann.caller, None).await.unwrap();
    assert_eq!(code(world.identify(&ann.tokens).await), ErrorCode::InvalidToken);
    assert_eq!(code(world.refresh(&ann.tokens).await), ErrorCode::InvalidToken);
    world.identify(&other.tokens).await.unwrap();
}

#[tokio::test]
async fn a_refresh_token_is_enough_to_sign_out_without_being_signed_in() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    world.auth().sign_out(&from(HOME), Some(ann.tokens.refresh_token.clone())).await.unwrap();
    assert_eq!(code(world.identify(&ann.tokens).await), ErrorCode::InvalidToken);
}

#[tokio::test]
async fn a_spent_refresh_token_signs_out_too() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let next = world.refresh(&world.refresh(&ann.tokens).await.unwrap()).await.unwrap();
    world.auth().sign_out(&from(HOME), Some(ann.tokens.refresh_token.clone())).await.unwrap();
    assert_eq!(code(world.refresh(&next).await), ErrorCode::InvalidToken);
}

#[tokio::test]
async fn the_refresh_token_says_whose_session_it_is_also_when_somebody_else_shows_it() {
    let world = World::new().await;
    let (ann, bob) = (world.person("ann").await, world.person("bob").await);
    world.auth().sign_out(&bob.caller, Some(ann.tokens.refresh_token.clone())).await.unwrap();
    assert_eq!(code(world.identify(&ann.tokens).await), ErrorCode::InvalidToken);
    world.identify(&bob.tokens).await.unwrap();
}

#[tokio::test]
async fn signing_out_twice_is_no_error_and_is_told_once() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    world.journal.take();
    for _ in 0..2 {
        world.auth().sign_out(&ann.caller, None).await.unwrap();
        world.auth().sign_out(&from(HOME), Some(ann.tokens.refresh_token.clone())).await.unwrap();
    }
    let lines = world.journal.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!((lines[0].action, lines[0].outcome), ("session.ended", AuditOutcome::Success));
    assert_eq!(lines[0].subject, Some(format!("session:{}", ann.tokens.session)));
    assert_eq!(lines[0].details, json!({ "reason": "signed_out" }));
}

#[tokio::test]
async fn whoever_shows_nothing_is_asked_for_a_token() {
    let world = World::new().await;
    for caller in [from(HOME), operator()] {
        assert_eq!(code(world.auth().sign_out(&caller, None).await), ErrorCode::AuthenticationRequired);
        let garbage = world.auth().sign_out(&caller, Some(secret("a.b.c"))).await;
        assert_eq!(code(garbage), ErrorCode::InvalidToken);
    }
}
