use crate::Server;
use crate::backend::BlockingConn;
use crate::store::migrations;
use crate::store::open_error::OpenError;
use diesel_async::SimpleAsyncConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use doorward_ports::outbound::{MigrationReport, SchemaError};
use std::time::Duration;

/// The name of Doorward's lock among the advisory locks of the database: "doorward" in ASCII.
const LOCK: i64 = 0x646f_6f72_7761_7264;
/// It is long, because another process may be migrating.
const PATIENCE: Duration = Duration::from_mins(1);
const WAITED: &str = "another process may be migrating: find it in pg_stat_activity, and wait for it";

impl Server {
    /// Updates the schema to the version of this binary. A transaction of a second connection holds the lock: the lock
    /// of a session would be lost behind a transaction pooler.
    ///
    /// # Errors
    /// If the server can't be reached, or a later version of Doorward has changed the database.
    pub async fn migrate(&self) -> Result<MigrationReport, SchemaError> {
        let mut turn = self.connect_within(PATIENCE).await?;
        let patience = PATIENCE.as_millis();
        let wait = format!("BEGIN; SET LOCAL lock_timeout = {patience}; SELECT pg_advisory_xact_lock({LOCK})");
        turn.batch_execute(&wait).await.map_err(|error| OpenError::new(WAITED, error))?;
        let report = self.blocking(migrations::apply).await;
        drop(turn);
        report
    }

    /// The migrations that are not yet applied.
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
