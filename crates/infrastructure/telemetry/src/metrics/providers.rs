use super::Metrics;
use super::families::Families;
use doorward_ports::outbound::{ProviderCall, ProviderObserver};
use prometheus::{Histogram, HistogramVec};
use std::time::Duration;

/// From a neighbour to a provider that is given up.
const BUCKETS: &[f64] = &[0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// The calls to identity providers.
pub struct ProviderCalls(Vec<[Histogram; 2]>);

impl ProviderCalls {
    pub fn new(families: &Families<'_>) -> Self {
        let took = families.durations_by(
            "doorward_provider_call_duration_seconds",
            "How long identity providers took to answer, by what they were asked for; failure means no answer, or a server \
             error.",
            BUCKETS,
            &["call", "outcome"],
        );
        let of = |took: &HistogramVec, call: ProviderCall| {
            ["failure", "success"].map(|outcome| took.with_label_values(&[call.as_str(), outcome]))
        };
        Self(ProviderCall::ALL.iter().map(|call| of(&took, *call)).collect())
    }
}

impl ProviderObserver for Metrics {
    fn called(&self, call: ProviderCall, answered: bool, took: Duration) {
        self.provider_calls.0[call as usize][usize::from(answered)].observe(took.as_secs_f64());
    }
}
