use crate::File;
use crate::backend::BlockingConn;
use crate::diagnose::{cannot_make, cannot_open};
use crate::store::migrations;
use diesel::Connection;
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use doorward_ports::outbound::{MigrationReport, SchemaError};
use std::time::Duration;

/// It is long, because another process may be migrating.
const PATIENCE: Duration = Duration::from_mins(1);

impl File {
    /// Updates the schema to the version of this binary.
    ///
    /// # Errors
    /// If the file can't be created or opened, or a later version of Doorward has changed it.
    pub async fn migrate(&self) -> Result<MigrationReport, SchemaError> {
        let file = self.clone();
        blocking(move || file.migrate_now()).await
    }

    fn migrate_now(&self) -> Result<MigrationReport, SchemaError> {
        self.create().map_err(cannot_make)?;
        let _turn = self.lock().map_err(cannot_make)?;
        let mut conn = self.open_writer(PATIENCE).map_err(cannot_open)?;
        AnsiTransactionManager::begin_transaction_sql(&mut conn, "BEGIN IMMEDIATE").map_err(SchemaError::failed)?;
        // An error closes the connection, which rolls back.
        let report = migrations::apply(&mut conn)?;
        AnsiTransactionManager::commit_transaction(&mut conn).map_err(SchemaError::failed)?;
        Ok(report)
    }

    /// The migrations that are not yet applied.
    ///
    /// # Errors
    /// As [`Self::migrate`].
    pub async fn pending(&self) -> Result<Vec<String>, SchemaError> {
        let file = self.clone();
        blocking(move || {
            // If there is no file, an empty database answers, so that none is created.
            let conn = if file.exists() { file.open_reader(PATIENCE) } else { BlockingConn::establish(":memory:") };
            migrations::pending(&mut conn.map_err(cannot_open)?)
        })
        .await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SchemaError> + Send + 'static,
) -> Result<T, SchemaError> {
    tokio::task::spawn_blocking(work).await.map_err(SchemaError::failed)?
}
