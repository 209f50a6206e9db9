//! `/metrics`
use crate::actors::{ADMIN, ANN, ANONYMOUS, Actor};
use crate::world::{World, answer_of};
use actix_web::http::Method;
use actix_web::test::TestRequest;
use doorward_http::known_routes;
use serde_json::json;

const LOCAL: &str = "127.0.0.1:9";

fn from_here(actor: Actor) -> TestRequest {
    actor.get("/metrics").peer_addr(LOCAL.parse().unwrap())
}

#[actix_web::test]
async fn the_text_is_in_the_format_of_prometheus() {
    let answer = World::new().send(ADMIN.get("/metrics")).await;
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    assert_eq!((answer.status.as_u16(), &*answer.body), (200, b"# TYPE up gauge\nup 1\n".as_slice()));
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[actix_web::test]
async fn where_others_can_connect_a_permission_is_needed_from_everywhere() {
    let world = World::new();
    for request in [ANONYMOUS.get("/metrics"), from_here(ANONYMOUS)] {
        assert_eq!(world.send(request).await.outcome(), "401 authentication_required");
    }
    for request in [ANN.get("/metrics"), from_here(ANN)] {
        assert_eq!(world.send(request).await.outcome(), "403 permission_denied");
    }
    assert_eq!(world.send(Actor::with("stale").get("/metrics")).await.outcome(), "401 invalid_token");
    assert_eq!(world.send(from_here(ADMIN)).await.outcome(), "200");
}

#[actix_web::test]
async fn on_loopback_this_machine_needs_no_token_and_what_comes_through_a_proxy_does() {
    let world = World::with(|options| options.loopback = true);
    assert_eq!(world.send(from_here(ANONYMOUS)).await.outcome(), "200");
    for (name, value) in [("x-forwarded-for", "198.51.100.7"), ("forwarded", "for=198.51.100.7")] {
        let proxied = from_here(ANONYMOUS).insert_header((name, value));
        assert_eq!(world.send(proxied).await.outcome(), "401 authentication_required", "{name}");
    }
}

#[actix_web::test]
async fn a_scrape_asks_nothing_that_could_wait() {
    let world = World::with(|options| options.loopback = true);
    world.fake.panic_when_asked();
    assert_eq!(world.send(from_here(ANONYMOUS)).await.outcome(), "200");
}

#[actix_web::test]
async fn a_listener_of_its_own_shows_metrics_and_liveness_to_everybody_and_nothing_else() {
    let ask = async |request| answer_of(World::new().rest().metrics_service(), request).await;
    let metrics = ask(ANONYMOUS.get("/metrics")).await;
    assert_eq!((metrics.status.as_u16(), &*metrics.body), (200, b"# TYPE up gauge\nup 1\n".as_slice()));
    assert_eq!(ask(ANONYMOUS.get("/health/live")).await.json(), json!({"status": "alive"}));
    for route in known_routes().into_iter().filter(|route| !["/metrics", "/health/live"].contains(&&*route.pattern)) {
        let (method, path) = (route.method.parse::<Method>().unwrap(), route.pattern.replace(['{', '}'], ""));
        assert_eq!(ask(ADMIN.asks(method, &path)).await.outcome(), "404 route_not_found", "{} {path}", route.method);
    }
}
