use super::Metrics;
use doorward_domain::Timestamp;
use doorward_ports::outbound::{Store, StoreError};

impl Metrics {
    /// Counts the sessions that are live now. While the database does not answer, the last figure stays.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_sessions(&self, store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
        let live = store.read().await?.sessions().count_live(now).await?;
        self.sessions.set(i64::try_from(live).unwrap_or(i64::MAX));
        Ok(())
    }
}
