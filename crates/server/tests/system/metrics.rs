//! What a running server shows to Prometheus.
use doorward_testkit::exposition::Samples;
use serde_json::json;

use crate::client::{Client, access};
use crate::place::{ADMIN, Kind, PASSWORD, Place};
use crate::server::{Server, wait_until};

on_both_databases! {
    the_metrics_of_the_contract_are_there_from_the_start_and_move;
    live_sessions_are_counted_in_the_database;
    every_job_succeeds_at_a_healthy_server;
}

/// The names that `docs/features/metrics.md` promises.
const NAMES: [&str; 33] = [
    "http_server_request_duration_seconds",
    "doorward_logins_total",
    "doorward_login_failures_total",
    "doorward_registrations_total",
    "doorward_token_refreshes_total",
    "doorward_sessions_active",
    "doorward_rate_limited_total",
    "doorward_cache_requests_total",
    "doorward_password_hash_duration_seconds",
    "doorward_password_hash_queue_depth",
    "doorward_store_operation_duration_seconds",
    "doorward_audit_events_total",
    "doorward_audit_unshipped_lines",
    "doorward_job_last_success_timestamp_seconds",
    "doorward_job_runs_total",
    "doorward_http_connections_open",
    "doorward_http_connections_refused_total",
    "doorward_http_connections_cut_total",
    "doorward_http_unsent_bytes",
    "doorward_lockouts_total",
    "doorward_mfa_challenges_total",
    "doorward_password_hash_queue_capacity",
    "doorward_password_hash_refused_total",
    "doorward_pool_connections",
    "doorward_pool_max_connections",
    "doorward_pool_waiting",
    "doorward_runtime_workers",
    "doorward_runtime_alive_tasks",
    "doorward_runtime_busy_seconds_total",
    "doorward_provider_call_duration_seconds",
    "doorward_trace_spans_total",
    "doorward_trace_exports_total",
    "doorward_build_info",
];

#[track_caller]
pub fn scraped(client: Client) -> Samples {
    Samples::read(&scraped_text(client))
}

#[track_caller]
pub fn scraped_text(client: Client) -> String {
    let answer = client.get("/metrics").send().expect_status(200);
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    answer.body
}

fn the_metrics_of_the_contract_are_there_from_the_start_and_move(kind: Kind) {
    let place = Place::on(kind).with_known_admin();
    let server = place.start();
    let before = scraped(server.client);
    for name in NAMES {
        assert!(before.families.contains_key(name), "{name}");
        let shown = before.values.keys().any(|series| series.starts_with(name));
        assert!(shown, "{name} has no sample");
    }
    let tokens = server.client.sign_in(ADMIN, PASSWORD);
    server.client.register("ann@example.com", PASSWORD);
    server.client.get("/api/v1/users/me").bearer(access(&tokens)).send().expect_status(200);
    let wrong = json!({"identifier": ADMIN, "password": "velvet-harbor-onion-99"});
    server.client.post("/api/v1/auth/login", &wrong).send().expect_status(401);
    let after = scraped(server.client);
    for series in [
        "doorward_logins_total{outcome=\"success\",provider=\"local\"}",
        "doorward_login_failures_total{reason=\"invalid_credentials\"}",
        "doorward_registrations_total{provider=\"local\"}",
        "doorward_audit_events_total{action=\"session.sign_in\",outcome=\"success\"}",
        "http_server_request_duration_seconds_count{method=\"GET\",route=\"/api/v1/users/me\",status=\"200\"}",
    ] {
        assert_eq!((before.value(series), after.value(series)), (0.0, 1.0), "{series}");
    }
    let hashed = "doorward_password_hash_duration_seconds_count";
    assert!(after.value(hashed) - before.value(hashed) >= 3.0, "two sign-ins and a registration");
}

fn every_job_succeeds_at_a_healthy_server(kind: Kind) {
    let place = Place::on(kind).set("DOORWARD_TOKENS__ROTATE_EVERY", "30d");
    let server = place.start();
    let jobs = || {
        let shown = scraped(server.client).values;
        let name = "doorward_job_last_success_timestamp_seconds";
        shown.into_iter().filter(|(series, _)| series.starts_with(name)).collect::<Vec<_>>()
    };
    assert!(jobs().len() >= 6, "{:?}", jobs());
    // Later than the year this was written in.
    wait_until("each has succeeded", || jobs().iter().all(|(_, at)| *at > 1.75e9));
    let health = server.client.get("/health").send().expect_status(200).json();
    let parts = health["components"].as_array().expect("the machine itself sees the parts");
    let jobs = parts.iter().find(|part| part["name"] == "jobs").expect("they are a part");
    assert_eq!((&jobs["status"], &health["status"]), (&json!("healthy"), &json!("healthy")));
}

fn live_sessions_are_counted_in_the_database(kind: Kind) {
    let place = Place::on(kind).with_known_admin();
    let server = place.start();
    let tokens = server.client.sign_in(ADMIN, PASSWORD);
    server.client.sign_in(ADMIN, PASSWORD);
    server.client.sign_in(ADMIN, PASSWORD);
    server.client.request("POST", "/api/v1/auth/logout").bearer(access(&tokens)).send().expect_status(204);
    server.stop();
    let server = place.start();
    let live = || scraped(server.client).value("doorward_sessions_active");
    wait_until("the first count is made", || live() > 0.0);
    assert_eq!(live().to_string(), "2");
}

#[test]
fn a_listener_of_its_own_shows_them_to_whoever_reaches_it_and_nothing_else() {
    let (place, own) = (Place::on(Kind::Sqlite).with_known_admin(), Place::on(Kind::Sqlite));
    let place = place.set("DOORWARD_METRICS__BIND", &own.address().to_string());
    let server = place.start();
    let beside = own.client();
    assert!(scraped(beside).families.contains_key("doorward_build_info"));
    assert_eq!(beside.get("/health/live").send().expect_status(200).json(), json!({"status": "alive"}));
    for path in ["/health", "/api/v1/users/me", "/docs", "/openapi.json", "/"] {
        assert_eq!(beside.get(path).send().expect_status(404).code(), "route_not_found", "{path}");
    }
    assert_eq!(beside.post("/api/v1/auth/login", &json!({})).send().status, 404);
    server.stop();
    assert!(beside.get("/metrics").try_send().is_err(), "it outlives its server");
}

#[test]
fn behind_a_public_bind_a_token_is_needed_also_on_the_machine_itself() {
    let place = Place::on(Kind::Sqlite).with_known_admin();
    let everywhere = format!("0.0.0.0:{}", place.address().port());
    let place = place.set("DOORWARD_HTTP__BIND", &everywhere);
    let place = place.set("DOORWARD_HTTP__PUBLIC_URL", "https://id.example.org");
    let place = place.set("DOORWARD_PASSWORDS__BCRYPT_COST", "10");
    let server: Server = place.start();
    assert_eq!(server.client.get("/metrics").send().expect_status(401).code(), "authentication_required");
    let tokens = server.client.sign_in(ADMIN, PASSWORD);
    server.client.get("/metrics").bearer(access(&tokens)).send().expect_status(200);
}

#[test]
fn an_address_for_metrics_that_is_taken_is_refused_before_anything_is_written() {
    let (place, other) = (Place::on(Kind::Sqlite), Place::on(Kind::Sqlite));
    let _taken = std::net::TcpListener::bind(other.address()).expect("the port is this test's own");
    let command = place.set("DOORWARD_METRICS__BIND", &other.address().to_string());
    let (status, out, log) = Server::spawn(command.command(&[]), command.client()).ended();
    assert_eq!((status.code(), out.as_str()), (Some(1), ""), "{log}");
    assert!(log.contains("set metrics.bind to another address (DOORWARD_METRICS__BIND="), "{log}");
    assert!(!command.data().exists());
}
