use super::Metrics;
use super::families::Families;
use prometheus::{IntCounter, IntCounterVec};

/// What has become of a recorded span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanOutcome {
    /// The collector has it.
    Sent,
    /// The queue was full.
    Dropped,
    /// The collector did not accept it.
    Refused,
}

impl SpanOutcome {
    const ALL: [(Self, &str); 3] = [(Self::Sent, "sent"), (Self::Dropped, "dropped"), (Self::Refused, "refused")];
}

/// The figures of traces. Without a collector they stay at zero.
pub struct TraceFigures {
    spans: [IntCounter; SpanOutcome::ALL.len()],
    exports: [IntCounter; 2],
}

impl TraceFigures {
    pub fn new(families: &Families<'_>) -> Self {
        let spans = families.counters(
            "doorward_trace_spans_total",
            "Spans of recorded requests: sent to the collector, dropped because the queue was full, or refused by the \
             collector. Of a request that was not recorded because the queue was full, one is counted as dropped.",
            &["outcome"],
        );
        let exports =
            families.counters("doorward_trace_exports_total", "Requests to the collector of traces.", &["outcome"]);
        let export = |exports: &IntCounterVec, outcome| exports.with_label_values(&[outcome]);
        Self {
            spans: SpanOutcome::ALL.map(|(_, name)| spans.with_label_values(&[name])),
            exports: [export(&exports, "failure"), export(&exports, "success")],
        }
    }
}

impl Metrics {
    /// So many spans have ended like this.
    pub fn spans(&self, outcome: SpanOutcome, count: usize) {
        self.traces.spans[outcome as usize].inc_by(count as u64);
    }

    /// A request to the collector of traces has ended.
    pub fn exported_traces(&self, successful: bool) {
        self.traces.exports[usize::from(successful)].inc();
    }
}
