use crate::Server;
use crate::server::refused;
use doorward_domain::Timestamp;
use doorward_ports::outbound::{DatabaseSurvey, SchemaError};
use std::time::Duration;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error, SimpleQueryMessage};

/// A pool with one connection needs no wait.
const PATIENCE: Duration = Duration::from_secs(3);
const OPENING: Duration = Duration::from_mins(1);

impl Server {
    /// Checks with two connections: while the second one occupies the server connection on which the first has prepared
    /// a statement, a pooler must give the first one another server connection, which knows the statement only if the
    /// pooler prepares it there.
    ///
    /// # Errors
    /// If it can't be reached.
    pub async fn survey(&self) -> Result<DatabaseSurvey, SchemaError> {
        let (one, other) = (self.client_within(OPENING).await?, self.client_within(OPENING).await?);
        let version = version(&one).await.map_err(refused)?;
        let keeps_prepared_statements = match keeps_prepared_statements(&one, &other).await {
            Ok(kept) => kept,
            Err(error) if is_about_a_statement(&error) => false,
            Err(error) => return Err(refused(error).into()),
        };
        let clock = clock(&one).await.map_err(refused)?;
        Ok(DatabaseSurvey { postgres: Some(version), keeps_prepared_statements, clock })
    }
}

/// Its statement has a unique result: processes use the same names for statements, and a pooler that does not keep them
/// for its clients may have one of an earlier process on that connection.
async fn keeps_prepared_statements(one: &Client, other: &Client) -> Result<bool, Error> {
    let own = now(one).await?;
    let statement = one.prepare(&format!("SELECT '{own}'::text")).await?;
    other.batch_execute("BEGIN; SELECT 1").await?;
    let found = tokio::time::timeout(PATIENCE, one.query_one(&statement, &[])).await;
    other.batch_execute("ROLLBACK").await?;
    match found {
        Ok(Ok(row)) => Ok(row.try_get::<_, &str>(0)? == own),
        Ok(Err(error)) => Err(error),
        Err(_) => Ok(true),
    }
}

/// The statement does not exist, or it is another one with the same name.
fn is_about_a_statement(error: &Error) -> bool {
    let about = [SqlState::INVALID_SQL_STATEMENT_NAME, SqlState::DUPLICATE_PSTATEMENT];
    error.code().is_some_and(|code| about.contains(code))
}

/// The major version: 15 for 15.4.
async fn version(client: &Client) -> Result<u32, Error> {
    let number = answer(client, "SHOW server_version_num").await?;
    Ok(number.parse::<u32>().unwrap_or_default() / 10_000)
}

/// The time of the server, in microseconds.
async fn now(client: &Client) -> Result<String, Error> {
    answer(client, "SELECT clock_timestamp()").await
}

async fn clock(client: &Client) -> Result<Option<Timestamp>, Error> {
    let micros = answer(client, "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint").await?;
    Ok(micros.parse().ok().map(Timestamp::from_micros))
}

/// The first column of the first row, without a prepared statement.
async fn answer(client: &Client, question: &str) -> Result<String, Error> {
    let told = client.simple_query(question).await?;
    let first = told.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    Ok(first.unwrap_or_default().to_owned())
}
