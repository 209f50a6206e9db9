//! What is counted, by the real use cases with their decorators.
use crate::actors::ANONYMOUS;
use crate::service::world::{PASSWORD, WRONG_PASSWORD, World, login};
use actix_web::http::Method;
use doorward_http::known_routes;
use doorward_ports::outbound::Exposition;
use doorward_sql_testing::{Opening, TestDatabase, opening};
use doorward_telemetry::metrics::Metrics;
use doorward_testkit::exposition::Samples;
use doorward_testkit::{START, a_session, a_user, an_event, an_exchange};
use serde_json::json;

const ME: &str = "/api/v1/users/me";

/// What became of some series, as whole numbers.
fn values<const N: usize>(samples: &Samples, series: [&str; N]) -> [String; N] {
    series.map(|series| samples.value(series).to_string())
}

#[actix_web::test]
async fn sign_ins_are_counted_by_outcome_and_failures_by_reason() {
    let world = World::new().await;
    let admin = world.admin().await;
    let disabled = world.account("disabled").await;
    world.json(admin.patch(&disabled.path, &json!({"is_active": false}))).await;
    world.account("ann").await;
    world.account("bob").await;
    assert_eq!(world.outcome(login("ann", PASSWORD)).await, "200");
    for identifier in ["ann", "nobody"] {
        assert_eq!(world.outcome(login(identifier, WRONG_PASSWORD)).await, "401 invalid_credentials");
    }
    assert_eq!(world.outcome(login("disabled", PASSWORD)).await, "403 account_disabled");
    for _ in 0..5 {
        world.outcome(login("bob", WRONG_PASSWORD)).await;
    }
    assert_eq!(world.outcome(login("bob", PASSWORD)).await, "401 invalid_credentials");
    let samples = world.samples();
    let logins = ["success", "failure"].map(|outcome| {
        samples.value(&format!("doorward_logins_total{{outcome=\"{outcome}\",provider=\"local\"}}")).to_string()
    });
    assert_eq!(logins, ["1", "9"]);
    let reasons = ["invalid_credentials", "locked", "account_disabled", "email_unverified"]
        .map(|reason| samples.value(&format!("doorward_login_failures_total{{reason=\"{reason}\"}}")).to_string());
    assert_eq!(samples.sum("doorward_login_failures_total").to_string(), "9");
    assert_eq!(reasons, ["7", "1", "1", "0"]);
}

#[actix_web::test]
async fn refreshes_are_counted_by_what_came_of_them_at_both_routes() {
    let world = World::new().await;
    let ann = world.ann().await;
    let body = json!({"refresh_token": ann.refresh_token});
    let next = world.json(ANONYMOUS.post("/api/v1/auth/refresh", &body)).await;
    let grant = json!({"grant_type": "refresh_token", "refresh_token": next["refresh_token"]});
    world.json(ANONYMOUS.post("/api/v1/auth/token", &grant)).await;
    assert_eq!(world.outcome(ANONYMOUS.post("/api/v1/auth/refresh", &body)).await, "401 refresh_token_reused");
    let garbage = json!({"refresh_token": "garbage"});
    assert_eq!(world.outcome(ANONYMOUS.post("/api/v1/auth/refresh", &garbage)).await, "401 invalid_token");
    let series = ["success", "refresh_token_reused", "invalid_token", "invalid_client"]
        .map(|outcome| format!("doorward_token_refreshes_total{{outcome=\"{outcome}\"}}"));
    let counted = values(&world.samples(), series.each_ref().map(String::as_str));
    assert_eq!(counted, ["2", "1", "1", "0"]);
}

#[actix_web::test]
async fn registrations_are_counted_whether_or_not_the_answer_tells_of_them() {
    for hide_existing in [false, true] {
        let world = World::by(|policies| policies.registration.hide_existing = hide_existing).await;
        for email in ["ann@example.com", "ann@example.com", "bob@example.com"] {
            world
                .outcome(ANONYMOUS.post("/api/v1/auth/register", &json!({"email": email, "password": PASSWORD})))
                .await;
        }
        let counted = values(
            &world.samples(),
            [
                "doorward_registrations_total{provider=\"local\"}",
                "doorward_audit_events_total{action=\"user.registered\",outcome=\"success\"}",
            ],
        );
        assert_eq!(counted, ["2", "2"], "hide_existing = {hide_existing}");
    }
}

#[actix_web::test]
async fn a_line_of_the_audit_log_counts_once_it_is_committed() {
    let (database, metrics) = (TestDatabase::sqlite().await, Metrics::new(&[]));
    let store = database.open_by(Opening { observer: metrics.clone(), ..opening() }).store;
    let ann = a_user("ann");
    let (event, counted) = (an_event(&ann), || Samples::read(&metrics.text()).sum("doorward_audit_events_total"));
    let mut work = store.write().await.unwrap();
    work.users().insert(&ann, None).await.unwrap();
    work.audit().append(&event).await.unwrap();
    drop(work);
    assert_eq!(counted().to_string(), "0", "rolled back");
    let mut work = store.write().await.unwrap();
    work.users().insert(&ann, None).await.unwrap();
    work.audit().append(&event).await.unwrap();
    assert_eq!(counted().to_string(), "0", "not committed yet");
    work.commit().await.unwrap();
    assert_eq!(counted().to_string(), "1");
}

#[actix_web::test]
async fn the_store_is_timed_by_what_it_is_asked() {
    let (database, metrics) = (TestDatabase::sqlite().await, Metrics::new(&[]));
    let store = database.open_by(Opening { observer: metrics.clone(), ..opening() }).store;
    store.ping().await.unwrap();
    store.read().await.unwrap().users().any().await.unwrap();
    drop(store.snapshot().await.unwrap());
    store.write().await.unwrap().commit().await.unwrap();
    drop(store.write().await.unwrap());
    let unknown = a_session(&a_user("nobody"));
    assert_eq!(store.exchange(unknown.id, &an_exchange(&unknown, START)).await.unwrap(), None);
    let samples = Samples::read(&metrics.text());
    let count = |operation: &str| {
        let series = format!("doorward_store_operation_duration_seconds_count{{operation=\"{operation}\"}}");
        samples.value(&series).to_string()
    };
    let operations =
        ["ping", "open_read", "read", "open_snapshot", "snapshot", "open_write", "write", "commit", "exchange"];
    assert_eq!(operations.map(count), ["1", "1", "1", "1", "1", "2", "2", "1", "1"]);
}

#[actix_web::test]
async fn requests_are_timed_by_the_pattern_of_their_route() {
    let world = World::new().await;
    let ann = world.ann().await;
    world.json(ann.get(ME)).await;
    world.send(ann.asks(Method::HEAD, ME)).await;
    world.outcome(ANONYMOUS.get(ME)).await;
    world.outcome(ann.get(&ann.account.path)).await;
    world.outcome(ANONYMOUS.get("/api/v1/nowhere")).await;
    let series = [
        ("GET", ME, 200),
        ("HEAD", ME, 200),
        ("GET", ME, 401),
        ("GET", "/api/v1/users/{id}", 403),
        ("GET", "_OTHER", 404),
    ]
    .map(|(method, route, status)| {
        let labels = format!("method=\"{method}\",route=\"{route}\",status=\"{status}\"");
        format!("http_server_request_duration_seconds_count{{{labels}}}")
    });
    let counted = values(&world.samples(), series.each_ref().map(String::as_str));
    assert_eq!(counted, ["1", "1", "1", "1", "1"]);
}

#[actix_web::test]
async fn every_route_that_is_served_is_counted_under_a_known_pattern() {
    let world = World::new().await;
    let known = known_routes();
    for route in &known {
        let path = route.pattern.replace("{file:.*}", "index.html").replace(['{', '}'], "");
        world.send(ANONYMOUS.asks(route.method.parse().unwrap(), &path)).await;
    }
    let samples = world.samples();
    let elsewhere = |series: &&String| series.contains("_OTHER") && series.contains("_count{");
    let elsewhere: f64 = samples.values.keys().filter(elsewhere).map(|series| samples.value(series)).sum();
    assert_eq!(elsewhere.to_string(), "0", "some route is not among the known ones");
    assert_eq!(samples.sum("http_server_request_duration_seconds_count").to_string(), known.len().to_string());
}

#[actix_web::test]
async fn a_flood_of_oddities_makes_no_new_series_and_leaves_nothing_in_a_label() {
    let world = World::new().await;
    let ann = world.ann().await;
    let flood = async |from: u32, to: u32| {
        for n in from..to {
            let method: Method = format!("ODD{n}").parse().unwrap();
            world.send(ann.asks(method.clone(), ME)).await;
            world.send(ann.asks(method, &format!("/secret-{n}"))).await;
            world.send(ann.get(&format!("/api/v1/users/secret-{n}?secret-{n}"))).await;
            world.send(ann.get(&format!("/api/v1/secret-{n}/me"))).await;
            world.send(login(&format!("secret-{n}"), WRONG_PASSWORD)).await;
            let grant = json!({"grant_type": format!("secret-{n}"), "client_id": format!("secret-{n}")});
            world.send(ANONYMOUS.post("/api/v1/auth/token", &grant)).await;
        }
    };
    flood(0, 10).await;
    let before = world.samples().values.len();
    flood(10, 60).await;
    assert_eq!(world.samples().values.len(), before);
    let text = world.metrics.text();
    assert!(!text.contains("secret-") && !text.contains("ODD") && !text.contains(&ann.account.id), "{text}");
}
