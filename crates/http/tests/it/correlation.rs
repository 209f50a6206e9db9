//! `X-Correlation-ID`
use crate::actors::{ANN, ANONYMOUS};
use crate::world::World;

#[actix_web::test]
async fn every_answer_carries_the_callers_correlation_id() {
    let world = World::new();
    for path in ["/api/v1/users/me", "/nowhere", "/health/live", "/docs/", "/openapi.json"] {
        let answer = world.send(ANN.get(path).insert_header(("x-correlation-id", "theirs-42"))).await;
        assert_eq!(answer.header("x-correlation-id"), "theirs-42", "{path}");
    }
}

#[actix_web::test]
async fn a_malformed_correlation_id_is_replaced() {
    let world = World::new();
    for bad in ["", "two words", "<script>", &"a".repeat(129)] {
        let answer = world.send(ANONYMOUS.get("/health/live").insert_header(("x-correlation-id", bad))).await;
        assert_eq!(answer.header("x-correlation-id"), "fresh-correlation-id", "{bad}");
    }
}
