//! `GET /auth/check`, which proxies ask before they let a request through to an app.
use crate::actors::{ANONYMOUS, Actor};
use crate::service::world::{ClientApp, World};
use crate::world::Answer;
use actix_web::http::Method;
use serde_json::json;

const CHECK: &str = "/api/v1/auth/check";

/// User, roles and session, as the app behind will see them.
fn told(answer: &Answer) -> [&str; 3] {
    ["x-doorward-user", "x-doorward-roles", "x-doorward-session"].map(|name| answer.header(name))
}

#[actix_web::test]
async fn the_headers_say_who_calls_and_the_body_is_empty() {
    let world = World::new().await;
    world.role("zebra-keeper", &[]).await;
    let ann = world.person("ann", &["zebra-keeper", "admin"]).await;
    for method in [Method::GET, Method::HEAD] {
        let answer = world.send(ann.asks(method, CHECK)).await;
        assert_eq!((answer.outcome().as_str(), answer.body.len()), ("200", 0));
        assert_eq!(told(&answer), [&ann.account.id, "admin,user,zebra-keeper", &ann.session]);
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[actix_web::test]
async fn nobody_and_a_refused_token_are_401_and_told_how_to_come_in() {
    let world = World::new().await;
    let ann = world.ann().await;
    assert_eq!(world.outcome(ann.asks(Method::POST, "/api/v1/auth/logout")).await, "204");
    for (actor, why) in [(ANONYMOUS, "401 authentication_required"), (*ann, "401 invalid_token")] {
        let answer = world.send(actor.get(CHECK)).await;
        assert_eq!(answer.outcome(), why);
        assert!(answer.header("www-authenticate").starts_with("Bearer "), "{why}");
        assert_eq!(told(&answer), ["", "", ""]);
    }
}

/// Proxies that pass the method on let through whatever is answered 200 (Envoy, Traefik with `preserveRequestMethod`).
#[actix_web::test]
async fn whatever_the_method_the_answer_is_that_of_get() {
    let world = World::new().await;
    let ann = world.ann().await;
    let lacking = format!("{CHECK}?permission=users:read");
    for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let answer = world.send(ann.asks(method.clone(), CHECK)).await;
        assert_eq!((answer.outcome().as_str(), answer.body.len()), ("200", 0), "{method}");
        assert_eq!(told(&answer), [&ann.account.id, "user", &ann.session], "{method}");
        let statuses = [
            world.send(ANONYMOUS.asks(method.clone(), CHECK)).await,
            world.send(Actor::with("nonsense").asks(method.clone(), CHECK)).await,
            world.send(ann.asks(method.clone(), &lacking)).await,
        ];
        assert_eq!(statuses.map(|answer| answer.status.as_u16()), [401, 401, 403], "{method}");
    }
}

#[actix_web::test]
async fn every_permission_asked_for_must_be_held() {
    let world = World::new().await;
    world.role("reader", &["users:read", "audit:read"]).await;
    let ann = world.person("ann", &["reader"]).await;
    for (query, outcome) in [
        ("permission=users:read", "200"),
        ("permission=users%3Aread&permission=audit:read", "200"),
        ("permission=users:write", "403 permission_denied"),
        ("permission=users:read&permission=users:write", "403 permission_denied"),
        ("permission=users:write&permission=users:read", "403 permission_denied"),
        ("permission=no-such-thing", "403 permission_denied"),
        ("permission=", "422 validation_failed"),
        ("permission=Users:Read", "422 validation_failed"),
        ("permission=users:read&permission=a%20b", "422 validation_failed"),
        ("permission=users:read,audit:read", "422 validation_failed"),
        ("permissions=users:read", "422 validation_failed"),
    ] {
        let answer = world.send(ann.get(&format!("{CHECK}?{query}"))).await;
        assert_eq!(answer.outcome(), outcome, "{query}");
    }
    // An unknown caller learns nothing of the configuration of the proxy.
    assert_eq!(world.outcome(ANONYMOUS.get(&format!("{CHECK}?nonsense"))).await, "401 authentication_required");
}

#[actix_web::test]
async fn a_changed_role_counts_from_the_next_request_on() {
    let world = World::new().await;
    let (ann, admin) = (world.ann().await, world.admin().await);
    let needs = format!("{CHECK}?permission=users:read");
    assert_eq!(world.outcome(ann.get(&needs)).await, "403 permission_denied");
    let role = format!("{}/roles/admin", ann.account.path);
    assert_eq!(world.outcome(admin.put(&role)).await, "200");
    let answer = world.send(ann.get(&needs)).await;
    assert_eq!((answer.outcome().as_str(), told(&answer)[1]), ("200", "admin,user"));
}

#[actix_web::test]
async fn a_client_app_is_told_by_its_id_and_has_no_session() {
    let world = World::new().await;
    world.role("reader", &["users:read"]).await;
    let billing = token_of(&world, &world.client_app("billing", &["reader"]).await).await;
    let answer = world.send(billing.get(&format!("{CHECK}?permission=users:read"))).await;
    assert_eq!((answer.outcome().as_str(), told(&answer)), ("200", ["billing", "reader", ""]));
    assert!(!answer.headers.contains_key("x-doorward-session"));
}

async fn token_of(world: &World, app: &ClientApp) -> Actor {
    let grant = json!({"grant_type": "client_credentials", "client_id": app.id, "client_secret": app.secret});
    let tokens = world.json(ANONYMOUS.post("/api/v1/auth/token", &grant)).await;
    Actor::with(tokens["access_token"].as_str().unwrap())
}
