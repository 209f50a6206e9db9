//! What a client sees of limits.
use crate::actors::ANONYMOUS;
use crate::world::{Answer, World};
use doorward_domain::{Quota, RateClass, Taken};
use doorward_ports::inbound::RateLimitState;
use serde_json::json;
use std::num::NonZeroU32;
use std::time::Duration;

async fn sign_in(taken: Taken) -> (World, Answer) {
    let quota = Quota { limit: NonZeroU32::new(10).unwrap(), per: Duration::from_secs(60) };
    let world = World::new();
    world.fake.stand(RateLimitState { class: RateClass::Login, quota, taken });
    let body = json!({"identifier": "ann", "password": "copper-violin-marsh-42"});
    let answer = world.send(ANONYMOUS.post("/api/v1/auth/login", &body)).await;
    (world, answer)
}

const REFUSED: Taken =
    Taken::Refused { retry_after: Duration::from_millis(5_400), whole_in: Duration::from_millis(59_400) };

/// draft-ietf-httpapi-ratelimit-headers, sections on `RateLimit-Policy` and `RateLimit`.
#[actix_web::test]
async fn an_answer_says_how_one_stands() {
    // Of the two that were taken, this one is given back.
    let (_, answer) = sign_in(Taken::Allowed { remaining: 8, whole_in: Duration::from_secs(12) }).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("ratelimit-policy"), r#""login";q=10;w=60"#);
    assert_eq!(answer.header("ratelimit"), r#""login";r=9;t=6"#);
}

#[actix_web::test]
async fn a_refusal_says_when_to_come_back_and_no_use_case_is_asked() {
    let (world, answer) = sign_in(REFUSED).await;
    assert_eq!(answer.outcome(), "429 rate_limited");
    assert_eq!(answer.header("retry-after"), "6");
    assert_eq!(answer.header("ratelimit-policy"), r#""login";q=10;w=60"#);
    assert_eq!(answer.header("ratelimit"), r#""login";r=0;t=60"#);
    assert_eq!(world.fake.calls(), Vec::<String>::new());
}

#[actix_web::test]
async fn at_oauths_endpoints_a_refusal_has_oauths_shape() {
    let (world, _) = sign_in(REFUSED).await;
    let answer = world.send(ANONYMOUS.post("/api/v1/auth/token", &json!({"grant_type": "refresh_token"}))).await;
    assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (429, "6"));
    let body = answer.json();
    assert_eq!((&body["error"], &body["code"]), (&json!("temporarily_unavailable"), &json!("rate_limited")));
}

const PUBLIC: [&str; 6] = [
    "/.well-known/jwks.json",
    "/.well-known/oauth-authorization-server",
    "/openapi.json",
    "/docs",
    "/docs/",
    "/docs/swagger-ui-bundle.js",
];

#[actix_web::test]
async fn what_is_public_is_counted_like_everything_else() {
    let quota = Quota { limit: NonZeroU32::new(10).unwrap(), per: Duration::from_secs(60) };
    for path in PUBLIC {
        let world = World::new();
        let taken = Taken::Allowed { remaining: 9, whole_in: Duration::from_secs(6) };
        world.fake.stand(RateLimitState { class: RateClass::Public, quota, taken });
        let answer = world.send(ANONYMOUS.get(path)).await;
        assert!(answer.status.as_u16() < 400, "{path}: {:?}", answer.status);
        assert_eq!(answer.header("ratelimit"), r#""public";r=9;t=6"#, "{path}");
        world.fake.stand(RateLimitState { class: RateClass::Public, quota, taken: REFUSED });
        let refused = world.send(ANONYMOUS.get(path)).await;
        assert_eq!((refused.outcome().as_str(), refused.header("retry-after")), ("429 rate_limited", "6"), "{path}");
        assert_eq!(refused.header("ratelimit-policy"), r#""public";q=10;w=60"#, "{path}");
    }
}

/// A refused probe would end a healthy node.
#[actix_web::test]
async fn what_is_not_limited_says_nothing_of_limits() {
    let (world, _) = sign_in(REFUSED).await;
    for path in ["/health/live", "/health/ready", "/nowhere"] {
        let answer = world.send(ANONYMOUS.get(path)).await;
        assert_eq!((answer.header("ratelimit"), answer.header("ratelimit-policy")), ("", ""), "{path}");
        assert_ne!(answer.status.as_u16(), 429, "{path}");
    }
}
