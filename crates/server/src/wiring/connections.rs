//! What the connections of a server report.
use doorward_connections::{Cut, Observer};
use doorward_telemetry::metrics::Metrics;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often a log line tells of refused connections.
const TOLD_EVERY: Duration = Duration::from_mins(1);

/// Measures the connections, and logs refused ones: seldom, so that whoever opens many does not fill the log.
pub struct ConnectionFigures {
    metrics: Arc<Metrics>,
    refusals: Mutex<Refusals>,
}

impl ConnectionFigures {
    /// With all reasons in the metrics, at zero.
    #[must_use]
    pub fn new(metrics: Arc<Metrics>) -> Self {
        Cut::ALL.iter().for_each(|why| metrics.cut_listed(why.as_str()));
        Self { metrics, refusals: Mutex::default() }
    }
}

impl Observer for ConnectionFigures {
    fn opened(&self) {
        self.metrics.connections_changed(1);
    }

    fn closed(&self) {
        self.metrics.connections_changed(-1);
    }

    fn refused(&self, address: IpAddr) {
        self.metrics.connection_refused();
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(refused) = refusals.due(Instant::now()) {
            tracing::warn!(
                client_address = %address,
                refused,
                "refused connections of IP addresses that have http.max_connections_per_address open, the last of them \
                 this one; if it belongs to a proxy, list it in http.trusted_proxies"
            );
        }
    }

    fn cut(&self, why: Cut) {
        self.metrics.connection_cut(why.as_str());
    }

    fn unsent(&self, more: i64) {
        self.metrics.unsent_changed(more);
    }
}

#[derive(Default)]
struct Refusals {
    told_at: Option<Instant>,
    since: u64,
}

impl Refusals {
    /// One more; how many there were since the last line, if it is time for the next.
    fn due(&mut self, now: Instant) -> Option<u64> {
        self.since += 1;
        let is_due = self.told_at.is_none_or(|told| now.duration_since(told) >= TOLD_EVERY);
        is_due.then(|| {
            self.told_at = Some(now);
            std::mem::take(&mut self.since)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_refusal_is_told_at_once_and_all_others_once_a_minute() {
        let (mut refusals, begun) = (Refusals::default(), Instant::now());
        let told = [0, 1, 59, 60, 61, 119, 120, 1_000].map(|second| {
            let told = refusals.due(begun + Duration::from_secs(second));
            told.map(|count| (second, count))
        });
        assert_eq!(told, [Some((0, 1)), None, None, Some((60, 3)), None, None, Some((120, 3)), Some((1_000, 1))]);
    }
}
