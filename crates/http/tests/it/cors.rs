//! Pages of other origins.
use crate::actors::{ANN, ANONYMOUS, Actor};
use crate::world::{Answer, World};
use actix_web::http::Method;

async fn preflight(world: &World, origin: &str, headers: &str) -> Answer {
    let request = ANONYMOUS
        .asks(Method::OPTIONS, "/api/v1/users/me")
        .insert_header(("origin", origin))
        .insert_header(("access-control-request-method", "PATCH"))
        .insert_header(("access-control-request-headers", headers));
    world.send(request).await
}

#[actix_web::test]
async fn a_page_of_a_listed_origin_may_call_without_credentials() {
    let answer = preflight(&World::new(), "https://app.example.com", "authorization,if-match").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin"), "https://app.example.com");
    assert!(answer.header("access-control-allow-methods").contains("PATCH"));
    assert_eq!(answer.header("access-control-allow-credentials"), "");
    assert!(answer.header("vary").contains("Origin"), "{}", answer.header("vary"));
}

#[actix_web::test]
async fn a_page_of_another_origin_is_refused_by_a_problem() {
    for origin in ["https://evil.example.com", "https://app.example.com.evil.com", "http://app.example.com", "null"] {
        let answer = preflight(&World::new(), origin, "authorization").await;
        assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (403, "cors_refused"), "{origin}");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
    }
}

#[actix_web::test]
async fn answers_and_refusals_name_the_origin_that_may_read_them() {
    let world = World::new();
    for path in ["/api/v1/users/me", "/nowhere"] {
        let answer = world.send(ANN.get(path).insert_header(("origin", "https://app.example.com"))).await;
        assert_eq!(answer.header("access-control-allow-origin"), "https://app.example.com", "{path}");
        assert!(answer.header("access-control-expose-headers").contains("x-correlation-id"), "{path}");
        let answer = world.send(ANN.get(path).insert_header(("origin", "https://evil.example.com"))).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
    }
}

#[actix_web::test]
async fn a_page_may_read_that_a_handler_failed() {
    let world = World::new();
    world.fake.panic_when_asked();
    let answer = world.send(ANN.get("/api/v1/users/me").insert_header(("origin", "https://app.example.com"))).await;
    assert_eq!(answer.header("access-control-allow-origin"), "https://app.example.com");
}

#[actix_web::test]
async fn a_page_of_any_origin_may_read_what_is_well_known_and_nothing_else() {
    let worlds = [World::new(), World::with(|options| options.allowed_origins.clear())];
    for (world, path) in worlds.iter().flat_map(|world| {
        ["jwks.json", "oauth-authorization-server"].map(|name| (world, format!("/.well-known/{name}")))
    }) {
        let request = || ANONYMOUS.get(&path).insert_header(("origin", "https://evil.example.com"));
        let answer = world.send(request()).await;
        assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-origin")), (200, "*"), "{path}");
        let known = request().insert_header(("if-none-match", answer.header("etag")));
        let answer = world.send(known).await;
        assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-origin")), (304, "*"), "{path}");
    }
    for (world, path) in worlds.iter().zip(["/openapi.json", "/health/live"]) {
        let answer = world.send(ANONYMOUS.get(path).insert_header(("origin", "https://evil.example.com"))).await;
        assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-origin")), (200, ""), "{path}");
    }
}

/// It may be about a request to the app behind the proxy, of which this service knows nothing.
#[actix_web::test]
async fn a_preflight_opens_no_door_of_forward_auth() {
    let world = World::new();
    let preflight = |actor: Actor| {
        let request = actor.asks(Method::OPTIONS, "/api/v1/auth/check");
        request
            .insert_header(("origin", "https://app.example.com"))
            .insert_header(("access-control-request-method", "GET"))
    };
    assert_eq!(world.outcome(preflight(ANONYMOUS)).await, "401 authentication_required");
    assert_eq!(world.outcome(preflight(ANN)).await, "200");
}

#[actix_web::test]
async fn without_a_setting_no_origin_is_let_in() {
    let world = World::with(|options| options.allowed_origins.clear());
    let answer = preflight(&world, "https://app.example.com", "authorization").await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
}
