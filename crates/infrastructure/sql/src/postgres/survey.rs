use super::server::Server;
use crate::{SchemaError, Survey};
use std::time::Duration;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error, SimpleQueryMessage};

/// Behind a pool of one connection there is nothing to wait for.
const PATIENCE: Duration = Duration::from_secs(3);

/// Looks with two connections: while the second keeps busy what prepared a statement for the first, a pooler has to give the
/// first another connection of the server's, which knows the statement only if the pooler sees to it.
pub async fn survey(server: &Server) -> Result<Survey, SchemaError> {
    let (one, other) = (server.client().await.map_err(unavailable)?, server.client().await.map_err(unavailable)?);
    let version = version(&one).await.map_err(unavailable)?;
    let kept = match keeps_prepared_statements(&one, &other).await {
        Ok(kept) => kept,
        Err(error) if is_about_a_statement(&error) => false,
        Err(error) => return Err(unavailable(error)),
    };
    Ok(Survey { postgres: Some(version), keeps_prepared_statements: kept })
}

async fn keeps_prepared_statements(one: &Client, other: &Client) -> Result<bool, Error> {
    let statement = one.prepare("SELECT 1").await?;
    other.batch_execute("BEGIN; SELECT 1").await?;
    let found = tokio::time::timeout(PATIENCE, one.query_one(&statement, &[])).await;
    other.batch_execute("ROLLBACK").await?;
    match found {
        Ok(Ok(_)) | Err(_) => Ok(true),
        Ok(Err(error)) => Err(error),
    }
}

/// It is not there, or somebody else's of the same name is.
fn is_about_a_statement(error: &Error) -> bool {
    let about = [SqlState::INVALID_SQL_STATEMENT_NAME, SqlState::DUPLICATE_PSTATEMENT];
    error.code().is_some_and(|code| about.contains(code))
}

/// The major version: 15 of 15.4.
async fn version(client: &Client) -> Result<u32, Error> {
    let told = client.simple_query("SHOW server_version_num").await?;
    let number = told.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0)?.parse::<u32>().ok(),
        _ => None,
    });
    Ok(number.unwrap_or_default() / 10_000)
}

fn unavailable(error: Error) -> SchemaError {
    SchemaError::Unavailable(error.into())
}
