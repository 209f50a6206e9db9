use crate::Server;
use crate::backend::BlockingConn;
use crate::store::migrations;
use crate::store::open_error::OpenError;
use diesel_async::SimpleAsyncConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use doorward_ports::outbound::{MigrationReport, SchemaError};
use std::time::Duration;

/// Names our lock among the advisory ones of the database: "doorward" in ASCII.
const LOCK: i64 = 0x646f_6f72_7761_7264;
/// Long, because another process may be migrating.
const PATIENCE: Duration = Duration::from_mins(1);
const WAITED: &str = "see in pg_stat_activity which other process migrates, and wait for it";

impl Server {
    /// Brings the schema up to what this binary knows. The lock is held by a transaction of a second connection: a
    /// session's lock would stray behind a transaction pooler.
    ///
    /// # Errors
    /// When the server can't be reached, or a later version of Doorward has been here.
    pub async fn migrate(&self) -> Result<MigrationReport, SchemaError> {
        let mut turn = self.connect_within(PATIENCE).await?;
        let patience = PATIENCE.as_millis();
        let wait = format!("BEGIN; SET LOCAL lock_timeout = {patience}; SELECT pg_advisory_xact_lock({LOCK})");
        turn.batch_execute(&wait).await.map_err(|error| OpenError::new(WAITED, error))?;
        let report = self.blocking(migrations::apply).await;
        drop(turn);
        report
    }

    /// The migrations that are still to be applied.
    ///
    /// # Errors
    /// As [`Self::migrate`].
    pub async fn pending(&self) -> Result<Vec<String>, SchemaError> {
        self.blocking(migrations::pending).await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut BlockingConn) -> Result<T, SchemaError> + Send + 'static,
    ) -> Result<T, SchemaError> {
        let conn = self.connect_within(PATIENCE).await?;
        let done = tokio::task::spawn_blocking(move || work(&mut AsyncConnectionWrapper::from(conn))).await;
        done.map_err(SchemaError::failed)?
    }
}
