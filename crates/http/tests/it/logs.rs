//! What the log is told, and what it is not.
use crate::actors::{ADMIN, ANN, ANONYMOUS};
use crate::fake::user_id;
use crate::world::World;
use doorward_ports::{Error, ErrorCode};
use doorward_testkit::Log;
use serde_json::json;
use tracing::subscriber::DefaultGuard;

/// Takes what this thread logs until the guard is dropped.
fn begin() -> (Log, DefaultGuard) {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    (log, tracing::subscriber::set_default(subscriber))
}

fn with(log: &Log, part: &str) -> Vec<String> {
    log.lines().into_iter().filter(|line| line.contains(part)).collect()
}

#[actix_web::test]
async fn a_request_is_one_line_with_the_pattern_of_its_route() {
    let (log, _guard) = begin();
    let path = format!("/api/v1/users/{}?q=secret", user_id(1));
    World::new().send(ADMIN.get(&path)).await;
    let lines = log.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    for part in [
        "method=GET",
        "route=\"/api/v1/users/{id}\"",
        "status=200",
        "elapsed_ms=",
        "correlation_id=fresh-correlation-id",
        "client_address=203.0.113.9",
        "client_id=doorward",
        "queries=0",
    ] {
        assert!(lines[0].contains(part), "{part} in {}", lines[0]);
    }
    assert!(lines[0].contains(&format!("user_id={}", user_id(2))), "{}", lines[0]);
    assert!(!lines[0].contains("secret") && !lines[0].contains(&user_id(1).to_string()), "{}", lines[0]);
}

#[actix_web::test]
async fn a_fault_is_logged_once_with_its_causes() {
    let (log, _guard) = begin();
    let world = World::new();
    world.fake.refuse(Error::internal("row 7 of users has no e-mail address"));
    world.send(ANN.get("/api/v1/users/me")).await;
    let faults = with(&log, "ERROR");
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].contains("row 7 of users has no e-mail address"), "{}", faults[0]);
    assert!(faults[0].contains("fresh-correlation-id"), "{}", faults[0]);
}

#[actix_web::test]
async fn a_panic_is_logged_as_a_fault_with_a_line_of_its_request() {
    let (log, _guard) = begin();
    let world = World::new();
    world.fake.panic_when_asked();
    world.send(ANN.get("/api/v1/users/me")).await;
    assert_eq!(with(&log, "a handler panicked: told to panic").len(), 1, "{:?}", log.lines());
    assert_eq!(with(&log, "status=500").len(), 1, "{:?}", log.lines());
}

#[actix_web::test]
async fn an_outage_is_a_warning_and_a_refusal_is_neither() {
    let (log, _guard) = begin();
    let world = World::new();
    world.fake.refuse(Error::new(ErrorCode::StoreUnavailable, "The database does not answer."));
    world.send(ANN.get("/api/v1/users/me")).await;
    assert_eq!(with(&log, "WARN").len(), 1, "{:?}", log.lines());
    world.fake.refuse(Error::new(ErrorCode::PermissionDenied, "No."));
    world.send(ANN.get("/api/v1/users/me")).await;
    assert_eq!((with(&log, "WARN").len(), with(&log, "ERROR").len()), (1, 0), "{:?}", log.lines());
    for code in ["store_unavailable", "permission_denied"] {
        let told = with(&log, "status=").into_iter().filter(|line| line.contains(code)).count();
        assert_eq!(told, 1, "{code}: {:?}", log.lines());
    }
}

#[actix_web::test]
async fn no_password_and_no_token_reaches_the_log() {
    let (log, _guard) = begin();
    let world = World::new();
    for body in [
        json!({"identifier": "ann", "password": "hunter2"}),
        json!({"identifier": "ann", "password": ["hunter2"]}),
        json!({"identifier": "ann", "password": "x", "hunter2": 1}),
    ] {
        let request = ANONYMOUS.post("/api/v1/auth/login", &body).insert_header(("authorization", "Bearer hunter2"));
        world.send(request).await;
    }
    world.send(ANONYMOUS.post("/api/v1/auth/refresh?token=hunter2", &json!({"refresh_token": "hunter2"}))).await;
    assert_eq!(log.lines().len(), 4);
    assert_eq!(with(&log, "hunter2"), [""; 0]);
}

#[actix_web::test]
async fn a_proxy_that_is_not_listed_is_mentioned_once() {
    let (log, _guard) = begin();
    let world = World::new();
    for _ in 0..3 {
        world.send(ANN.get("/health/live").insert_header(("x-forwarded-for", "6.6.6.6"))).await;
    }
    assert_eq!(with(&log, "http.trusted_proxies").len(), 1, "{:?}", log.lines());
}
