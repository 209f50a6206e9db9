//! `/health`
use crate::actors::{ADMIN, ANN, ANONYMOUS};
use crate::world::World;
use doorward_ports::{Error, ErrorCode};
use insta::assert_json_snapshot;
use serde_json::json;

#[actix_web::test]
async fn liveness_touches_nothing() {
    let world = World::new();
    world.fake.panic_when_asked();
    let answer = world.send(ANONYMOUS.get("/health/live")).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({"status": "alive"})));
}

#[actix_web::test]
async fn readiness_is_503_when_the_database_is_away_or_the_node_is_stopping() {
    let world = World::new();
    assert_eq!(world.send(ANONYMOUS.get("/health/ready")).await.status, 200);
    world.fake.refuse(Error::new(ErrorCode::StoreUnavailable, "The database does not answer."));
    let away = world.send(ANONYMOUS.get("/health/ready")).await;
    assert_eq!((away.status.as_u16(), away.problem().as_str()), (503, "store_unavailable"));
    world.readiness.stop();
    let stopping = world.send(ANONYMOUS.get("/health/ready")).await;
    assert_eq!((stopping.status.as_u16(), stopping.problem().as_str()), (503, "stopping"));
}

#[actix_web::test]
async fn the_parts_are_shown_to_those_who_may_see_them() {
    let world = World::new();
    assert_eq!(world.send(ANONYMOUS.get("/health")).await.json(), json!({"status": "healthy"}));
    assert_eq!(world.send(ANN.get("/health")).await.json(), json!({"status": "healthy"}));
    assert_json_snapshot!(world.send(ADMIN.get("/health")).await.json(), @r#"
    {
      "components": [
        {
          "name": "database",
          "status": "healthy",
          "took_ms": 1.5
        }
      ],
      "status": "healthy"
    }
    "#);
}

#[actix_web::test]
async fn on_loopback_the_parts_are_shown_to_this_machine_and_not_through_a_proxy() {
    let world = World::with(|options| options.loopback = true);
    let local = || ANONYMOUS.get("/health").peer_addr("127.0.0.1:9".parse().unwrap());
    assert!(world.send(local()).await.json()["components"].is_array());
    let proxied = world.send(local().insert_header(("x-forwarded-for", "198.51.100.7"))).await;
    assert_eq!(proxied.json(), json!({"status": "healthy"}));
}

#[actix_web::test]
async fn an_unhealthy_service_says_so_with_503() {
    let world = World::new();
    world.fake.fall_ill();
    let answer = world.send(ANONYMOUS.get("/health")).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (503, json!({"status": "unhealthy"})));
}
