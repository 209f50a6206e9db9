//! `/health`
use crate::actors::ANONYMOUS;
use crate::service::world::World;
use insta::assert_json_snapshot;
use serde_json::json;

#[actix_web::test]
async fn everybody_is_told_that_it_works() {
    let world = World::new().await;
    let ann = world.ann().await;
    for request in [ANONYMOUS.get("/health"), ann.get("/health")] {
        assert_eq!(world.json(request).await, json!({"status": "healthy"}));
    }
    assert_eq!(world.json(ANONYMOUS.get("/health/live")).await, json!({"status": "alive"}));
    assert_eq!(world.json(ANONYMOUS.get("/health/ready")).await, json!({"status": "ready"}));
}

#[actix_web::test]
async fn who_may_read_the_system_is_told_of_each_part() {
    let world = World::new().await;
    let watcher = world.who_may("system:read").await;
    assert_json_snapshot!(world.json(watcher.get("/health")).await, @r#"
    {
      "components": [
        {
          "name": "database",
          "status": "healthy",
          "took_ms": 0.0
        }
      ],
      "status": "healthy"
    }
    "#);
}
