//! Traces, as a collector receives them.
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use doorward_testkit::collector::{Answer, Collector, ReceivedSpan};
use serde_json::json;

use crate::client::{Client, access};
use crate::metrics::scraped;
use crate::nodes::redis::RedisServer;
use crate::place::{ADMIN, Kind, PASSWORD, Place};
use crate::server::{Server, wait_until};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";

fn place(kind: Kind, endpoint: &str) -> Place {
    Place::on(kind).with_known_admin().set("DOORWARD_TELEMETRY__OTLP_ENDPOINT", endpoint)
}

/// All spans, once the server has stopped and sent the last ones.
fn spans_after(server: Server, collector: &Collector) -> Vec<ReceivedSpan> {
    server.stop();
    collector.spans()
}

/// The attributes of a span, as `key=value`.
fn attributes(span: &ReceivedSpan) -> Vec<String> {
    span.attributes.iter().map(|(key, value)| format!("{key}={value}")).collect()
}

fn own_account(client: Client, sampled: &str) -> crate::client::Answer {
    let parent = format!("00-{TRACE}-{CALLER}-{sampled}");
    client.get("/api/v1/users/me").header("traceparent", &parent).header("tracestate", "vendor=1").send()
}

/// The only request among these spans.
fn the_request(spans: &[ReceivedSpan]) -> ReceivedSpan {
    let requests: Vec<_> = spans.iter().filter(|span| span.kind == 2).collect();
    let [request] = *requests else { panic!("one request, and not {requests:?}") };
    request.clone()
}

#[test]
fn a_request_is_a_span_with_the_names_of_the_conventions() {
    let collector = Collector::start();
    let place = place(Kind::Sqlite, &collector.url())
        .set("DOORWARD_TELEMETRY__SERVICE_NAME", "accounts")
        .set("DOORWARD_TELEMETRY__RESOURCE_ATTRIBUTES", "deployment.environment.name=test");
    let server = place.start();
    server.client.request("DELETE", "/api/v1/users/01234567-89ab-7def-8123-456789abcdef").send().expect_status(401);
    server.client.get("/nobody@example.com").send().expect_status(404);
    server.client.request("BREW", "/api/v1/users").send();
    let (_, log) = server.stop();
    let spans = collector.spans();
    let known = spans.iter().find(|span| span.name == "DELETE /api/v1/users/{id}").expect("the route is its name");
    let expected = [
        "http.request.method=DELETE",
        "http.response.status_code=401",
        "http.route=/api/v1/users/{id}",
        "server.address=127.0.0.1",
        "url.scheme=http",
    ];
    assert_eq!(
        (attributes(known), known.kind, &known.parent, known.failed),
        (expected.map(str::to_owned).into(), 2, &None, false)
    );
    assert!(known.began < known.ended && known.began > 1_700_000_000_000_000_000, "{known:?}");
    let resource = &known.resource;
    assert_eq!(
        (resource["service.name"].as_str(), resource["deployment.environment.name"].as_str()),
        ("accounts", "test")
    );
    assert!(spans.iter().any(|span| span.name == "GET" && !span.attributes.contains_key("http.route")));
    assert!(
        spans.iter().any(|span| span.attributes.get("http.request.method").is_some_and(|method| method == "_OTHER"))
    );
    let line = log.lines().find(|line| line.contains("method=DELETE")).expect("each request has a line in the log");
    assert!(line.contains(&format!("trace_id={}", known.trace)), "{line}");
}

#[test]
fn what_machines_poll_is_not_traced() {
    let collector = Collector::start();
    let place = place(Kind::Sqlite, &collector.url());
    let server = place.start();
    for path in ["/health", "/health/live", "/health/ready", "/metrics"] {
        server.client.get(path).send().expect_status(200);
    }
    let spans = spans_after(server, &collector);
    assert!(spans.is_empty(), "{spans:?}");
}

#[test]
fn the_trace_of_a_caller_is_continued_but_a_stranger_does_not_decide_what_is_recorded() {
    let collector = Collector::start();
    let place = place(Kind::Sqlite, &collector.url()).set("DOORWARD_TELEMETRY__SAMPLING", "0");
    let server = place.start();
    own_account(server.client, "01");
    let (_, log) = server.stop();
    assert!(collector.exports().is_empty(), "{:?}", collector.spans());
    assert!(log.contains(&format!("trace_id={TRACE}")), "the log names the trace all the same: {log}");
    let place = place.set("DOORWARD_TELEMETRY__SAMPLING", "1");
    let server = place.start();
    own_account(server.client, "00");
    let seen = the_request(&spans_after(server, &collector));
    let seen = (seen.trace.as_str(), seen.parent.as_deref(), seen.state.as_str());
    assert_eq!(seen, (TRACE, Some(CALLER), ""));
}

#[test]
fn a_listed_proxy_decides_what_is_recorded() {
    let collector = Collector::start();
    let place = place(Kind::Sqlite, &collector.url()).set("DOORWARD_HTTP__TRUSTED_PROXIES", "127.0.0.1");
    let server = place.start();
    own_account(server.client, "00");
    server.stop();
    let place = place.set("DOORWARD_TELEMETRY__SAMPLING", "0");
    let server = place.start();
    own_account(server.client, "01");
    server.client.get("/api/v1/users/me").send();
    let seen = the_request(&spans_after(server, &collector));
    let seen = (seen.trace.as_str(), seen.parent.as_deref(), seen.state.as_str());
    assert_eq!(seen, (TRACE, Some(CALLER), "vendor=1"));
}

/// Answers the middle one of many times that a request takes.
fn usual_time(client: Client, token: &str) -> Duration {
    let mut times = [Duration::ZERO; 101].map(|_| {
        let begun = Instant::now();
        client.get("/api/v1/users/me").bearer(token).send().expect_status(200);
        begun.elapsed()
    });
    times.sort();
    times[50]
}

fn trouble(collector: &str) {
    let plain = Place::on(Kind::Sqlite).with_known_admin();
    let traced = place(Kind::Sqlite, collector);
    let (plain, traced) = (plain.start(), traced.start());
    let [without, with] = [&plain, &traced].map(|server| {
        let tokens = server.client.sign_in(ADMIN, PASSWORD);
        usual_time(server.client, access(&tokens))
    });
    assert!(with < without * 3 + Duration::from_millis(5), "{with:?}, and {without:?} without a collector");
    let failures = || scraped(traced.client).value("doorward_trace_exports_total{outcome=\"failure\"}");
    wait_until("the failure is counted", || failures() >= 1.0);
    let health = traced.client.get("/health").send().expect_status(200).json();
    assert_eq!(health["status"], "healthy", "callers do not notice it");
    let told = Instant::now();
    let (_, log) = traced.stop();
    assert!(told.elapsed() < Duration::from_secs(8), "it took {:?} to stop", told.elapsed());
    assert_eq!(log.matches("traces can't be sent").count(), 1, "{log}");
    plain.stop();
}

#[test]
fn a_collector_that_is_not_there_costs_nothing_but_a_counter() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    drop(listener);
    trouble(&url);
}

#[test]
fn a_collector_that_never_answers_costs_nothing_but_a_counter() {
    let collector = Collector::start();
    collector.answer(Answer::Never);
    trouble(&collector.url());
}

#[test]
fn a_collector_that_refuses_costs_nothing_but_a_counter() {
    let collector = Collector::start();
    collector.answer(Answer::With(401, b"who are you?".to_vec()));
    trouble(&collector.url());
}

#[test]
fn each_recorded_request_is_a_trace_of_its_own() {
    let collector = Collector::start();
    let place = place(Kind::Sqlite, &collector.url());
    let server = place.start();
    for _ in 0..20 {
        server.client.get("/.well-known/jwks.json").send().expect_status(200);
    }
    let spans = spans_after(server, &collector);
    let roots = spans.iter().filter(|span| span.parent.is_none());
    let traces: BTreeSet<_> = roots.map(|span| span.trace.as_str()).collect();
    assert_eq!(traces.len(), 20);
}

/// The trace of the only request to this route. It is connected: all other spans are inside of the request.
fn trace_of(spans: &[ReceivedSpan], request: &str) -> Vec<ReceivedSpan> {
    let root =
        spans.iter().find(|span| span.name == request).unwrap_or_else(|| panic!("{request} is not among {spans:?}"));
    let trace: Vec<_> = spans.iter().filter(|span| span.trace == root.trace).cloned().collect();
    for span in &trace {
        let parent = trace.iter().find(|other| Some(&other.id) == span.parent.as_ref());
        assert_eq!(parent.is_none(), span.id == root.id, "{} has no parent", span.name);
        assert!(parent.is_none_or(|parent| parent.began <= span.began), "{} began before its parent", span.name);
        assert!(span.began <= span.ended && span.ended <= root.ended, "{} ended after the request", span.name);
    }
    let ids: BTreeSet<_> = trace.iter().map(|span| &span.id).collect();
    assert_eq!(ids.len(), trace.len(), "no two spans have one id");
    trace
}

/// The names of the spans that this one is inside of, from the outside in, with its own.
fn path(trace: &[ReceivedSpan], name: &str) -> String {
    let names: Vec<_> = trace.iter().map(|span| &span.name).collect();
    let mut span = trace.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("{name} is not in {names:?}"));
    let mut path = span.name.clone();
    while let Some(outer) = trace.iter().find(|other| Some(&other.id) == span.parent.as_ref()) {
        path = format!("{} > {path}", outer.name);
        span = outer;
    }
    path
}

fn the_whole_of_a_sign_in_and_of_a_refresh_is_one_trace(
    place: &Place,
    collector: &Collector,
) -> [Vec<ReceivedSpan>; 2] {
    let server = place.start();
    let health = || server.client.get("/health").send().json()["status"].clone();
    wait_until("Redis is reached, if there is one", || health() == "healthy");
    let tokens = server.client.sign_in(ADMIN, PASSWORD);
    let body = json!({"refresh_token": tokens["refresh_token"]});
    server.client.post("/api/v1/auth/refresh", &body).send().expect_status(200);
    let spans = spans_after(server, collector);
    let sign_in = trace_of(&spans, "POST /api/v1/auth/login");
    let within = "POST /api/v1/auth/login > sign_in";
    for (name, outer) in [
        ("password hash queue", within.to_owned()),
        ("password hash", within.to_owned()),
        ("SELECT users", format!("{within} > store read")),
        ("store open_write", within.to_owned()),
        ("BEGIN", format!("{within} > store open_write")),
        ("INSERT sessions", format!("{within} > store write")),
        ("INSERT audit_events", format!("{within} > store write")),
        ("COMMIT", format!("{within} > store commit")),
        ("sign token", within.to_owned()),
        ("admission", "POST /api/v1/auth/login".to_owned()),
    ] {
        assert_eq!(path(&sign_in, name), format!("{outer} > {name}"));
    }
    let refresh = trace_of(&spans, "POST /api/v1/auth/refresh");
    let within = "POST /api/v1/auth/refresh > refresh";
    for (name, outer) in [
        ("verify token", within.to_owned()),
        ("UPDATE sessions", format!("{within} > store exchange")),
        ("sign token", within.to_owned()),
    ] {
        assert_eq!(path(&refresh, name), format!("{outer} > {name}"));
    }
    [sign_in, refresh]
}

#[test]
fn on_sqlite_a_sign_in_is_one_trace_down_to_the_statements_and_so_is_a_refresh() {
    let collector = Collector::start();
    let [sign_in, _] =
        the_whole_of_a_sign_in_and_of_a_refresh_is_one_trace(&place(Kind::Sqlite, &collector.url()), &collector);
    let statement = sign_in.iter().find(|span| span.name == "INSERT sessions").expect("it is there");
    assert_eq!((statement.attributes["db.system.name"].as_str(), statement.kind), ("sqlite", 3));
    let text = &statement.attributes["db.query.text"];
    assert!(text.starts_with("INSERT INTO `sessions` (") && !text.contains("binds"), "{text}");
}

#[test]
fn on_postgres_and_redis_a_sign_in_is_one_trace_down_to_the_statements_and_so_is_a_refresh() {
    let (collector, redis) = (Collector::start(), RedisServer::start());
    let place = place(Kind::Postgres, &collector.url()).set("REDIS_URL", &redis.url());
    let [sign_in, _] = the_whole_of_a_sign_in_and_of_a_refresh_is_one_trace(&place, &collector);
    let statement = sign_in.iter().find(|span| span.name == "INSERT sessions").expect("it is there");
    assert_eq!(statement.attributes["db.system.name"], "postgresql");
    assert!(statement.attributes["db.query.text"].starts_with("INSERT INTO \"sessions\" ("), "{statement:?}");
    assert_eq!(path(&sign_in, "redis take"), "POST /api/v1/auth/login > admission > redis take");
    let taken = sign_in.iter().find(|span| span.name == "redis take").expect("it is there");
    assert_eq!(taken.attributes["db.system.name"], "redis");
}

on_both_databases! {
    traces_contain_no_secret_and_no_personal_data;
}

fn traces_contain_no_secret_and_no_personal_data(kind: Kind) {
    let collector = Collector::start();
    let place = place(kind, &collector.url());
    let server = place.start();
    let client = server.client;
    let ann = client.register("ann.m4rk3r@example.com", "zebra-violin-kettle-77");
    let tokens = client.sign_in("ann.m4rk3r@example.com", "zebra-violin-kettle-77");
    let refresh = json!({"refresh_token": tokens["refresh_token"]});
    let next = client.post("/api/v1/auth/refresh", &refresh).send().expect_status(200).json();
    client.post("/api/v1/auth/refresh", &json!({"refresh_token": "marked.refresh.token"})).send().expect_status(401);
    client.get("/api/v1/users/me?marked=query").header("user-agent", "marked-agent").bearer(access(&next)).send();
    let wrong = json!({"identifier": "ann.m4rk3r@example.com", "password": "zebra-wrong-kettle-88"});
    client.post("/api/v1/auth/login", &wrong).send().expect_status(401);
    let admin = client.sign_in(ADMIN, PASSWORD);
    client.get("/api/v1/users?q=m4rk3r").bearer(access(&admin)).send().expect_status(200);
    let id = ann["id"].as_str().expect("an account has an id");
    client.get(&format!("/api/v1/users/{id}")).bearer(access(&admin)).send().expect_status(200);
    client.get("/marked/path").header("x-correlation-id", "marked-correlation").send().expect_status(404);
    server.stop();
    let texts = texts(&collector.spans());
    assert!(texts.contains("SELECT users") && texts.contains("password hash"), "the requests were traced");
    let sent: Vec<u8> = collector.exports().into_iter().flat_map(|export| export.body).collect();
    let sent = String::from_utf8_lossy(&sent);
    let text = |value: &serde_json::Value| value.as_str().expect("it is text").to_owned();
    let tokens = [&tokens, &next, &admin]
        .into_iter()
        .flat_map(|pair| ["access_token", "refresh_token", "session_id"].map(|key| text(&pair[key])));
    for secret in tokens.chain(["marked", "m4rk3r", "zebra", PASSWORD, id].map(str::to_owned)) {
        assert!(!sent.contains(&secret), "{secret} is in a trace");
    }
    // As bytes of numbers, this one may occur.
    assert!(!texts.contains('@'), "an e-mail address is in a trace: {texts}");
}

/// All texts of these spans, one on each line.
fn texts(spans: &[ReceivedSpan]) -> String {
    let of_span = |span: &ReceivedSpan| {
        let attributes = span.attributes.iter().chain(&span.resource).map(|(key, value)| format!("{key}={value}\n"));
        format!("{}\n{}\n{}", span.name, span.state, attributes.collect::<String>())
    };
    spans.iter().map(of_span).collect()
}
