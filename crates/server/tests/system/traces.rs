//! Traces, as a collector receives them.
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use doorward_testkit::collector::{Answer, Collector, ReceivedSpan};

use crate::client::{Client, access};
use crate::metrics::scraped;
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
    let log = server.log();
    let spans = spans_after(server, &collector);
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
    assert!(spans.iter().any(|span| span.attributes["http.request.method"] == "_OTHER"));
    let line = log.lines().find(|line| line.contains("method=DELETE")).expect("each request has a line in the log");
    assert!(line.contains(&format!("trace_id={}", known.trace)), "{line}");
}

#[test]
fn what_machines_poll_is_not_traced() {
    let collector = Collector::start();
    let server = place(Kind::Sqlite, &collector.url()).start();
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
    let log = server.log();
    let spans = spans_after(server, &collector);
    assert!(spans.is_empty() && collector.exports().is_empty(), "{spans:?}");
    assert!(log.contains(&format!("trace_id={TRACE}")), "the log names the trace all the same: {log}");
    let place = place.set("DOORWARD_TELEMETRY__SAMPLING", "1");
    let server = place.start();
    own_account(server.client, "00");
    let [span] = &*spans_after(server, &collector) else { panic!("one span") };
    let seen = (span.trace.as_str(), span.parent.as_deref(), span.state.as_str());
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
    let [span] = &*spans_after(server, &collector) else { panic!("one span") };
    let seen = (span.trace.as_str(), span.parent.as_deref(), span.state.as_str());
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
    let server = place(Kind::Sqlite, &collector.url()).start();
    for _ in 0..20 {
        server.client.get("/.well-known/jwks.json").send().expect_status(200);
    }
    let spans = spans_after(server, &collector);
    let roots = spans.iter().filter(|span| span.parent.is_none());
    let traces: BTreeSet<_> = roots.map(|span| span.trace.as_str()).collect();
    assert_eq!(traces.len(), 20);
}
