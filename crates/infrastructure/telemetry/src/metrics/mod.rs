//! The metrics, for Prometheus. `docs/features/metrics.md` explains them to operators.
//!
//! The value of every label comes from a list in the code: an enum, the table of routes, the error codes. No value
//! comes from a caller, so that nobody can make this process grow.
//!
//! **To add a metric**: add its family to the file of its topic, created with `Families` so that it exists from the
//! start; a decorator of the port that knows its values, or a method of the port `Observer` or `StoreObserver`; and a
//! row in `docs/features/metrics.md`.
mod adapters;
mod connections;
mod factors;
mod families;
mod jobs;
mod mails;
mod pools;
mod process;
mod providers;
mod requests;
mod runtime;
mod sessions;
mod sign_ins;
mod store;
mod traces;

pub use sign_ins::{CountedAuthentication, CountedClientTokens};
pub use traces::SpanOutcome;

use adapters::Adapters;
use connections::Connections;
use doorward_ports::outbound::Exposition;
use factors::Factors;
use families::Families;
use jobs::Jobs;
use mails::Mails;
use process::Process;
use prometheus::{IntGauge, Registry, TextEncoder};
use providers::ProviderCalls;
use requests::Requests;
use sign_ins::SignIns;
use std::sync::Arc;
use std::time::Duration;
use store::StoreFigures;
use traces::TraceFigures;

/// A route that exists in the metrics from the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Its method.
    pub method: &'static str,
    /// Its pattern.
    pub pattern: String,
    /// The status of its success.
    pub status: u16,
}

/// All metrics of this process.
pub struct Metrics {
    registry: Registry,
    requests: Requests,
    sign_ins: Arc<SignIns>,
    factors: Factors,
    store: Arc<StoreFigures>,
    adapters: Adapters,
    provider_calls: ProviderCalls,
    connections: Connections,
    jobs: Jobs,
    mails: Mails,
    traces: TraceFigures,
    sessions: IntGauge,
    unshipped: IntGauge,
}

impl Metrics {
    /// All metrics at zero, for a service with these routes.
    #[must_use]
    pub fn new(routes: &[Route]) -> Arc<Self> {
        let registry = Registry::new();
        let families = Families(&registry);
        let metrics = Self {
            requests: Requests::new(&families, routes),
            sign_ins: Arc::new(SignIns::new(&families)),
            factors: Factors::new(&families),
            store: Arc::new(StoreFigures::new(&families)),
            adapters: Adapters::new(&families),
            provider_calls: ProviderCalls::new(&families),
            connections: Connections::new(&families),
            jobs: Jobs::new(&families),
            mails: Mails::new(&families),
            traces: TraceFigures::new(&families),
            sessions: families
                .gauge("doorward_sessions_active", "Live sessions in the database, counted periodically."),
            unshipped: families.gauge(
                "doorward_audit_unshipped_lines",
                "Sealed audit lines that are not shipped yet, counted every second; 0 without audit.ship_to.",
            ),
            registry: registry.clone(),
        };
        families
            .gauges("doorward_build_info", "1, with the version of the program.", &["version"])
            .with_label_values(&[env!("CARGO_PKG_VERSION")])
            .set(1);
        families.register(Process::default());
        Arc::new(metrics)
    }

    /// A request was answered. `route` is the pattern of its route, if it has one.
    pub fn answered(&self, method: &str, route: Option<&str>, status: u16, took: Duration) {
        self.requests.answered(method, route, status, took);
    }

    /// So many audit lines wait to be shipped.
    pub fn unshipped(&self, lines: i64) {
        self.unshipped.set(lines);
    }
}

impl Exposition for Metrics {
    fn text(&self) -> String {
        let encoded = TextEncoder::new().encode_to_string(&self.registry.gather());
        encoded.unwrap_or_else(|error| {
            tracing::error!(%error, "could not write the metrics");
            String::new()
        })
    }
}
