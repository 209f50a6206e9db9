use super::Metrics;
use doorward_ports::outbound::{Clock, Store, StoreError};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How often live sessions are counted.
const EVERY: Duration = Duration::from_secs(30);
/// Counting takes at most one part in so many of one connection's time, however many sessions there are.
const SHARE: u32 = 100;

/// Counts live sessions now and then, for as long as the process runs. While the database does not answer, the last
/// figure stays.
pub async fn watch_sessions(store: Arc<dyn Store>, clock: Arc<dyn Clock>, metrics: Arc<Metrics>) {
    loop {
        let began = Instant::now();
        match count(&*store, &*clock).await {
            Ok(live) => metrics.sessions.set(i64::try_from(live).unwrap_or(i64::MAX)),
            Err(error) => tracing::debug!(%error, "live sessions could not be counted"),
        }
        tokio::time::sleep(pause(began.elapsed())).await;
    }
}

async fn count(store: &dyn Store, clock: &dyn Clock) -> Result<u64, StoreError> {
    store.read().await?.sessions().count_live(clock.now()).await
}

fn pause(took: Duration) -> Duration {
    EVERY.max(took.saturating_mul(SHARE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_that_takes_long_is_made_less_often() {
        assert_eq!(pause(Duration::from_millis(1)), EVERY);
        assert_eq!(pause(Duration::from_secs(2)), Duration::from_secs(200));
    }
}
