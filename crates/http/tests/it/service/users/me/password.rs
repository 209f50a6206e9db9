//! `/api/v1/users/me/password`
use crate::actors::{ANONYMOUS, Actor};
use crate::service::world::{OTHER_PASSWORD, PASSWORD, WRONG_PASSWORD, World, login};
use actix_web::test::TestRequest;
use doorward_ports::access::FRESH_FOR;
use insta::assert_json_snapshot;
use serde_json::json;

fn change(actor: Actor, current: &str, new: &str) -> TestRequest {
    actor.post("/api/v1/users/me/password", &json!({"current_password": current, "new_password": new}))
}

#[actix_web::test]
async fn nobody_has_no_password_to_change() {
    let answer = World::new().await.outcome(change(ANONYMOUS, PASSWORD, OTHER_PASSWORD)).await;
    assert_eq!(answer, "401 authentication_required");
}

#[actix_web::test]
async fn the_new_password_is_the_one_that_counts_and_every_other_session_ends() {
    let world = World::new().await;
    let (here, there) = (world.ann().await, world.session_of("ann").await);
    assert_eq!(world.outcome(change(*here, PASSWORD, OTHER_PASSWORD)).await, "204");
    assert_eq!(world.outcome(here.get("/api/v1/users/me")).await, "200");
    assert_eq!(world.outcome(there.get("/api/v1/users/me")).await, "401 invalid_token");
    assert_eq!(world.outcome(login("ann", PASSWORD)).await, "401 invalid_credentials");
    assert_eq!(world.outcome(login("ann", OTHER_PASSWORD)).await, "200");
    assert_eq!(world.outcome(change(*here, PASSWORD, OTHER_PASSWORD)).await, "403 wrong_password", "twice");
}

/// OWASP ASVS 7.5.1, RFC 9470 §3: a caller who signed in long ago must authenticate again, and a refresh does not count.
#[actix_web::test]
async fn asvs_7_5_1_a_session_left_open_changes_no_password() {
    let world = World::new().await;
    let ann = world.ann().await;
    world.advance(FRESH_FOR);
    let refresh = ANONYMOUS.post("/api/v1/auth/refresh", &json!({"refresh_token": ann.refresh_token}));
    let refreshed = Actor::with(world.json(refresh).await["access_token"].as_str().unwrap());
    for actor in [*ann, refreshed] {
        let answer = world.send(change(actor, PASSWORD, OTHER_PASSWORD)).await;
        assert_eq!(answer.outcome(), "403 reauthentication_required");
        let told = r#"Bearer realm="doorward", error="insufficient_user_authentication", max_age="600""#;
        assert_eq!(answer.header("www-authenticate"), told);
    }
    assert_eq!(world.outcome(refreshed.get("/api/v1/users/me")).await, "200");
    let again = world.session_of("ann").await;
    assert_eq!(world.outcome(change(*again, PASSWORD, OTHER_PASSWORD)).await, "204");
}

/// OWASP ASVS 6.2.3: a session left open is not enough to take the account over, nor to guess at its password.
#[actix_web::test]
async fn wrong_present_passwords_count_as_at_the_sign_in() {
    let world = World::new().await;
    let ann = world.ann().await;
    let wrong = world.send(change(*ann, WRONG_PASSWORD, OTHER_PASSWORD)).await;
    assert_eq!(wrong.outcome(), "403 wrong_password");
    assert_json_snapshot!(wrong.json(), { ".correlation_id" => "[correlation]" }, @r#"
    {
      "code": "wrong_password",
      "correlation_id": "[correlation]",
      "detail": "The current password is wrong.",
      "instance": "/api/v1/users/me/password",
      "status": 403,
      "title": "Wrong password",
      "type": "https://doorward.dev/problems/wrong_password"
    }
    "#);
    for _ in 0..4 {
        world.send(change(*ann, WRONG_PASSWORD, OTHER_PASSWORD)).await;
    }
    let locked = world.send(change(*ann, PASSWORD, OTHER_PASSWORD)).await;
    assert_eq!((locked.outcome().as_str(), locked.header("retry-after")), ("403 wrong_password", "900"));
    assert_eq!(world.outcome(login("ann", PASSWORD)).await, "401 invalid_credentials");
}

#[actix_web::test]
async fn a_weak_new_password_is_told_by_its_field() {
    let world = World::new().await;
    let ann = world.ann().await;
    let faults = world.send(change(*ann, PASSWORD, "ann@example.com")).await.faults();
    assert!(faults.contains(&"/new_password password_contains_personal".to_owned()), "{faults:?}");
    let neither = world.send(ann.post("/api/v1/users/me/password", &json!({"new_password": OTHER_PASSWORD}))).await;
    assert_eq!(neither.faults(), ["/current_password required"]);
    assert_eq!(world.outcome(login("ann", PASSWORD)).await, "200");
}
