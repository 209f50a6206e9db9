//! What is shown to Prometheus, before anything has happened and after.
use doorward_domain::{AuditAction, RateClass, Timestamp};
use doorward_ports::outbound::{
    AuditEvent, CacheTier, ConnectionPools, Exposition, JobObserver, JobOutcome, Observer, PoolState, StoreObserver,
    StoreOperation,
};
use doorward_telemetry::metrics::{Metrics, Route};
use doorward_testkit::exposition::Samples;
use doorward_testkit::{a_user, an_event};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::runtime::Handle;

const ME: &str = "/api/v1/users/me";
const MILLISECOND: Duration = Duration::from_millis(1);

fn metrics() -> Arc<Metrics> {
    let route = |method, pattern: &str, status| Route { method, pattern: pattern.to_owned(), status };
    Metrics::new(&[route("GET", ME, 200), route("DELETE", ME, 204), route("POST", "/api/v1/auth/register", 201)])
}

fn shown(metrics: &Metrics) -> Samples {
    Samples::read(&metrics.text())
}

#[test]
fn every_metric_is_there_from_the_start_with_its_labels_at_zero() {
    let samples = shown(&metrics());
    let expected = [
        "http_server_request_duration_seconds_count{method=\"GET\",route=\"/api/v1/users/me\",status=\"200\"}",
        "http_server_request_duration_seconds_count{method=\"DELETE\",route=\"/api/v1/users/me\",status=\"204\"}",
        "http_server_request_duration_seconds_count{method=\"GET\",route=\"_OTHER\",status=\"404\"}",
        "doorward_logins_total{outcome=\"success\",provider=\"local\"}",
        "doorward_logins_total{outcome=\"failure\",provider=\"local\"}",
        "doorward_login_failures_total{reason=\"invalid_credentials\"}",
        "doorward_login_failures_total{reason=\"locked\"}",
        "doorward_registrations_total{provider=\"local\"}",
        "doorward_token_refreshes_total{outcome=\"success\"}",
        "doorward_token_refreshes_total{outcome=\"refresh_token_reused\"}",
        "doorward_sessions_active",
        "doorward_rate_limited_total{class=\"login\"}",
        "doorward_cache_requests_total{cache=\"sessions\",result=\"hit\",tier=\"memory\"}",
        "doorward_cache_requests_total{cache=\"tokens\",result=\"miss\",tier=\"shared\"}",
        "doorward_cache_entries{cache=\"sessions\"}",
        "doorward_cache_evictions_total{cache=\"clients\"}",
        "doorward_password_hash_duration_seconds_count",
        "doorward_password_hash_queue_depth",
        "doorward_http_connections_open",
        "doorward_http_connections_refused_total",
        "doorward_http_unsent_bytes",
        "doorward_password_hash_queue_capacity",
        "doorward_password_hash_refused_total",
        "doorward_lockouts_total",
        "doorward_mfa_challenges_total{method=\"totp\",outcome=\"success\"}",
        "doorward_mfa_challenges_total{method=\"totp\",outcome=\"failure\"}",
        "doorward_mfa_challenges_total{method=\"recovery_code\",outcome=\"failure\"}",
        "doorward_store_operation_duration_seconds_count{operation=\"open_write\"}",
        "doorward_store_operation_duration_seconds_count{operation=\"commit\"}",
        "doorward_audit_events_total{action=\"session.sign_in\",outcome=\"failure\"}",
        "doorward_mails_total{kind=\"reset_password\",outcome=\"sent\"}",
        "doorward_mails_total{kind=\"new_sign_in\",outcome=\"given_up\"}",
        "doorward_mails_waiting",
        "doorward_mail_unreachable",
    ];
    for series in expected {
        assert!(samples.value(series).abs() < f64::EPSILON, "{series}");
    }
    assert!(samples.values.contains_key(&format!("doorward_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"))));
    let moved = samples.values.iter().filter(|(series, value)| **value > 0.0 && !series.starts_with("process_"));
    assert_eq!(moved.count(), 1, "only the build is known before anything has happened");
    let audited = samples.values.keys().filter(|series| series.starts_with("doorward_audit_events_total"));
    assert_eq!(audited.count(), 2 * AuditAction::ALL.len());
}

#[test]
fn what_the_kernel_knows_of_the_process_is_shown() {
    let samples = shown(&metrics());
    for name in ["process_resident_memory_bytes", "process_open_fds", "process_start_time_seconds", "process_threads"] {
        assert!(samples.value(name) > 0.0, "{name}");
    }
    assert_eq!(samples.families["process_cpu_seconds_total"], "counter");
}

#[test]
fn every_answer_of_a_cache_is_counted_by_cache_tier_and_result() {
    let metrics = metrics();
    metrics.cache_asked("users", CacheTier::Memory, true);
    metrics.cache_asked("users", CacheTier::Shared, false);
    metrics.cache_asked("a new one", CacheTier::Shared, true);
    let samples = shown(&metrics);
    for series in [
        "doorward_cache_requests_total{cache=\"users\",result=\"hit\",tier=\"memory\"}",
        "doorward_cache_requests_total{cache=\"users\",result=\"miss\",tier=\"shared\"}",
        "doorward_cache_requests_total{cache=\"a new one\",result=\"hit\",tier=\"shared\"}",
    ] {
        assert!((samples.value(series) - 1.0).abs() < f64::EPSILON, "{series}");
    }
    assert!((samples.sum("doorward_cache_requests_total") - 3.0).abs() < f64::EPSILON);
}

#[test]
fn what_a_cache_holds_and_lets_go_is_told() {
    let metrics = metrics();
    metrics.cache_holds("users", 7);
    metrics.cache_holds("users", 5);
    metrics.cache_evicted("users");
    metrics.cache_evicted("users");
    let samples = shown(&metrics);
    assert_eq!(samples.value("doorward_cache_entries{cache=\"users\"}").to_string(), "5");
    assert_eq!(samples.value("doorward_cache_evictions_total{cache=\"users\"}").to_string(), "2");
    assert_eq!(samples.value("doorward_cache_evictions_total{cache=\"roles\"}").to_string(), "0");
}

#[test]
fn connections_are_counted_while_they_are_open_and_by_why_they_were_cut() {
    let metrics = metrics();
    for reason in ["write_timeout", "too_slow"] {
        metrics.cut_listed(reason);
    }
    metrics.connection_cut("too_slow");
    metrics.connection_refused();
    for by in [1, 1, 1, -1] {
        metrics.connections_changed(by);
        metrics.unsent_changed(1_000 * by);
    }
    let samples = shown(&metrics);
    let of = |series: &str| samples.value(&format!("doorward_http_{series}")).to_string();
    assert_eq!(of("connections_open"), "2");
    assert_eq!(of("unsent_bytes"), "2000");
    assert_eq!(of("connections_refused_total"), "1");
    assert_eq!(of("connections_cut_total{reason=\"write_timeout\"}"), "0");
    assert_eq!(of("connections_cut_total{reason=\"too_slow\"}"), "1");
}

#[test]
fn every_class_of_limits_has_its_own_count() {
    let metrics = metrics();
    for (times, class) in RateClass::ALL.into_iter().enumerate() {
        (0..=times).for_each(|_| metrics.rate_limited(class));
    }
    let samples = shown(&metrics);
    let of = |class: RateClass| samples.value(&format!("doorward_rate_limited_total{{class=\"{}\"}}", class.as_str()));
    assert_eq!(RateClass::ALL.map(of), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
}

#[test]
fn hashing_is_timed_and_its_queue_is_as_long_as_was_last_told() {
    let metrics = metrics();
    metrics.password_hashed(250 * MILLISECOND);
    metrics.passwords_waiting(7);
    metrics.passwords_waiting(3);
    let samples = shown(&metrics);
    let of = |series: &str| samples.value(&format!("doorward_password_hash_{series}"));
    let told = ["duration_seconds_sum", "duration_seconds_bucket{le=\"0.2\"}", "duration_seconds_bucket{le=\"0.3\"}"];
    assert_eq!(told.map(of), [0.25, 0.0, 1.0]);
    assert_eq!(of("queue_depth").to_string(), "3");
}

#[test]
fn the_room_of_the_queue_and_what_it_refuses_are_shown() {
    let metrics = metrics();
    metrics.passwords_fit(512);
    metrics.password_refused();
    metrics.password_refused();
    let samples = shown(&metrics);
    let of = |series: &str| samples.value(&format!("doorward_password_hash_{series}")).to_string();
    assert_eq!((of("queue_capacity"), of("refused_total")), ("512".to_owned(), "2".to_owned()));
}

/// Pools whose figures change.
struct Changing(AtomicUsize);

impl ConnectionPools for Changing {
    fn pools(&self) -> Vec<PoolState> {
        let in_use = self.0.fetch_add(1, Ordering::Relaxed);
        vec![PoolState { pool: "database", in_use, idle: 2, max: 10, waiting: 4 }]
    }
}

#[test]
fn pools_are_read_at_each_scrape() {
    let metrics = metrics();
    metrics.watch_pools(vec![Arc::new(Changing(AtomicUsize::new(7)))]);
    for in_use in ["7", "8"] {
        let samples = shown(&metrics);
        let of = |series: &str| samples.value(&format!("doorward_pool_{series}")).to_string();
        assert_eq!(of("connections{pool=\"database\",state=\"in_use\"}"), in_use);
        assert_eq!(of("connections{pool=\"database\",state=\"idle\"}"), "2");
        assert_eq!(of("max_connections{pool=\"database\"}"), "10");
        assert_eq!(of("waiting{pool=\"database\"}"), "4");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn the_runtime_shows_its_threads_and_tasks() {
    let metrics = metrics();
    metrics.watch_runtime(&Handle::current());
    let alive = || shown(&metrics).value("doorward_runtime_alive_tasks");
    let before = alive();
    let tasks: Vec<_> = (0..5).map(|_| tokio::spawn(std::future::pending::<()>())).collect();
    assert_eq!((alive() - before).to_string(), "5");
    tasks.iter().for_each(tokio::task::JoinHandle::abort);
    let samples = shown(&metrics);
    assert_eq!(samples.value("doorward_runtime_workers").to_string(), "3");
    assert!(samples.value("doorward_runtime_busy_seconds_total") > 0.0);
    assert!(samples.values.contains_key("doorward_runtime_global_queue_depth"));
}

#[test]
fn a_lockout_is_counted_with_its_audit_line() {
    let metrics = metrics();
    let line = an_event(&a_user("ann"));
    metrics.committed(&[AuditEvent { action: AuditAction::SignInLocked, ..line.clone() }, line]);
    assert_eq!(shown(&metrics).value("doorward_lockouts_total").to_string(), "1");
}

#[test]
fn a_request_is_timed_under_its_route_method_and_status() {
    let metrics = metrics();
    metrics.answered("GET", Some(ME), 200, 3 * MILLISECOND);
    metrics.answered("GET", Some(ME), 401, MILLISECOND);
    metrics.answered("GET", Some(ME), 418, MILLISECOND);
    let samples = shown(&metrics);
    for status in [200, 401, 418] {
        let labels = format!("{{method=\"GET\",route=\"{ME}\",status=\"{status}\"}}");
        let count = samples.value(&format!("http_server_request_duration_seconds_count{labels}"));
        assert_eq!(count.to_string(), "1", "{labels}");
    }
    assert!((samples.sum("http_server_request_duration_seconds_sum") - 0.005).abs() < 1e-9);
}

#[test]
fn each_operation_of_the_store_is_timed_under_its_name() {
    let metrics = metrics();
    for (seconds, &operation) in (1..).zip(StoreOperation::ALL) {
        metrics.took(operation, Duration::from_secs(seconds));
    }
    let samples = shown(&metrics);
    let timed = StoreOperation::ALL.iter().map(|operation| {
        let operation = operation.as_str();
        samples
            .value(&format!("doorward_store_operation_duration_seconds_sum{{operation=\"{operation}\"}}"))
            .to_string()
    });
    let expected = (1..=StoreOperation::ALL.len()).map(|seconds| seconds.to_string());
    assert_eq!(timed.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
}

#[test]
fn odd_methods_and_unknown_routes_are_one_series_each() {
    let metrics = metrics();
    metrics.answered("BREW", Some(ME), 405, MILLISECOND);
    metrics.answered("GET", Some("/nowhere"), 404, MILLISECOND);
    metrics.answered("BREW", None, 404, MILLISECOND);
    let before = shown(&metrics).values.len();
    for odd in 0..1000 {
        let (method, path) = (format!("M{odd}"), format!("/users/{odd}"));
        metrics.answered(&method, Some(ME), 405, MILLISECOND);
        metrics.answered("GET", Some(&path), 404, MILLISECOND);
        metrics.answered(&method, None, 404, MILLISECOND);
    }
    let samples = shown(&metrics);
    assert_eq!(samples.values.len(), before);
    let elsewhere = "http_server_request_duration_seconds_count{method=\"GET\",route=\"_OTHER\",status=\"404\"}";
    assert_eq!(samples.value(elsewhere).to_string(), "1001");
}

#[test]
fn a_job_is_there_once_it_is_listed_and_its_last_success_is_no_failures_time() {
    let metrics = metrics();
    let of = |series: &str| shown(&metrics).value(&format!("doorward_job_{series}"));
    metrics.listed("clean_up");
    for outcome in ["success", "failure", "panic", "elsewhere"] {
        let runs = of(&format!("runs_total{{name=\"clean_up\",outcome=\"{outcome}\"}}"));
        assert_eq!(runs.to_string(), "0", "{outcome}");
    }
    assert_eq!(of("last_success_timestamp_seconds{name=\"clean_up\"}").to_string(), "0");
    metrics.ran("clean_up", JobOutcome::Success, Timestamp::from_seconds(1_800_000_000));
    metrics.ran("clean_up", JobOutcome::Failure, Timestamp::from_seconds(1_800_000_060));
    metrics.ran("clean_up", JobOutcome::Panic, Timestamp::from_seconds(1_800_000_120));
    metrics.ran("clean_up", JobOutcome::Elsewhere, Timestamp::from_seconds(1_800_000_180));
    for outcome in ["success", "failure", "panic", "elsewhere"] {
        let runs = of(&format!("runs_total{{name=\"clean_up\",outcome=\"{outcome}\"}}"));
        assert_eq!(runs.to_string(), "1", "{outcome}");
    }
    assert_eq!(of("last_success_timestamp_seconds{name=\"clean_up\"}").to_string(), "1800000000");
}
