use super::Metrics;
use super::families::Families;
use prometheus::{IntCounter, IntCounterVec, IntGauge};

/// The connections of the HTTP listener.
pub struct Connections {
    open: IntGauge,
    refused: IntCounter,
    cut: IntCounterVec,
    unsent: IntGauge,
}

impl Connections {
    pub fn new(families: &Families<'_>) -> Self {
        Self {
            open: families.gauge("doorward_http_connections_open", "Open connections of the HTTP listener."),
            refused: families.counter(
                "doorward_http_connections_refused_total",
                "Connections that were closed at once, because their IP address had too many.",
            ),
            cut: families.counters(
                "doorward_http_connections_cut_total",
                "Connections that were closed because of what their client did, or did not do, by reason.",
                &["reason"],
            ),
            unsent: families.gauge(
                "doorward_http_unsent_bytes",
                "Bytes of answers that wait in memory for clients that do not read them.",
            ),
        }
    }
}

impl Metrics {
    /// A connection was opened, or has ended.
    pub fn connections_changed(&self, by: i64) {
        self.connections.open.add(by);
    }

    /// A connection was refused.
    pub fn connection_refused(&self) {
        self.connections.refused.inc();
    }

    /// There is such a reason to cut connections.
    pub fn cut_listed(&self, reason: &'static str) {
        self.connections.cut.with_label_values(&[reason]);
    }

    /// A connection was cut for this reason.
    pub fn connection_cut(&self, reason: &'static str) {
        self.connections.cut.with_label_values(&[reason]).inc();
    }

    /// So many more bytes wait for clients.
    pub fn unsent_changed(&self, by: i64) {
        self.connections.unsent.add(by);
    }
}
