//! What is counted and measured, for Prometheus. `docs/features/metrics.md` tells operators what each figure means.
//!
//! Every label's value comes from a list that the code holds: an enum, the table of routes, the problem codes. Nothing that
//! a caller sends becomes one, so that nobody can make this process grow by sending oddities.
//!
//! **To add a metric**: its family in the file of what it is about, made from `Families` so that it is there from the
//! start; a decorator on the port that knows, or a method of the `Observer` or the `StoreObserver` port; a row in `docs/features/metrics.md`.
mod adapters;
mod families;
mod jobs;
mod process;
mod requests;
mod sessions;
mod sign_ins;
mod store;

pub use sign_ins::{CountedAuthentication, CountedClientTokens};

use adapters::Adapters;
use doorward_ports::outbound::Exposition;
use families::Families;
use jobs::Jobs;
use process::Process;
use prometheus::{IntGauge, Registry, TextEncoder};
use requests::Requests;
use sign_ins::SignIns;
use std::sync::Arc;
use std::time::Duration;
use store::StoreFigures;

/// A route that requests are counted under from the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Its method.
    pub method: &'static str,
    /// Its pattern.
    pub pattern: String,
    /// The status of its success.
    pub status: u16,
}

/// Every figure of this process.
pub struct Metrics {
    registry: Registry,
    requests: Requests,
    sign_ins: Arc<SignIns>,
    store: Arc<StoreFigures>,
    adapters: Adapters,
    jobs: Jobs,
    sessions: IntGauge,
}

impl Metrics {
    /// All of them at zero, for a service with these routes.
    #[must_use]
    pub fn new(routes: &[Route]) -> Arc<Self> {
        let registry = Registry::new();
        let families = Families(&registry);
        let metrics = Self {
            requests: Requests::new(&families, routes),
            sign_ins: Arc::new(SignIns::new(&families)),
            store: Arc::new(StoreFigures::new(&families)),
            adapters: Adapters::new(&families),
            jobs: Jobs::new(&families),
            sessions: families
                .gauge("doorward_sessions_active", "Live sessions in the database, counted now and then."),
            registry: registry.clone(),
        };
        families
            .gauges("doorward_build_info", "1, with the version of the program.", &["version"])
            .with_label_values(&[env!("CARGO_PKG_VERSION")])
            .set(1);
        families.register(Process::default());
        Arc::new(metrics)
    }

    /// A request was answered. `route` is the pattern of the route that took it, if one did.
    pub fn answered(&self, method: &str, route: Option<&str>, status: u16, took: Duration) {
        self.requests.answered(method, route, status, took);
    }
}

impl Exposition for Metrics {
    fn text(&self) -> String {
        let encoded = TextEncoder::new().encode_to_string(&self.registry.gather());
        encoded.unwrap_or_else(|error| {
            tracing::error!(%error, "the metrics could not be written down");
            String::new()
        })
    }
}
