//! The database: whether it is suitable, and the ports of the opened store.
use crate::failure::Failure;
use doorward_crypto::SystemClock;
use doorward_ports::Causes;
use doorward_ports::outbound::{Clock, DatabaseSurvey, MigrationReport, OpenedStore, SchemaError};
use doorward_settings::Settings;
use doorward_sql::{Database, Opening};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;

const OLDEST_POSTGRES: u32 = 13;

/// Updates the schema to the version of this binary.
///
/// # Errors
/// If the database can't be reached, or a later version of Doorward has changed it.
pub async fn migrate(settings: &Settings) -> Result<MigrationReport, Failure> {
    let survey = survey(settings).await?;
    if let Some((problem, next)) = unfit(&survey) {
        return Err(Failure::failed(problem, next));
    }
    database(settings)?.migrate().await.map_err(|error| schema_failure(settings, &error))
}

/// Checks the database before it is used.
///
/// # Errors
/// If it can't be reached.
pub async fn survey(settings: &Settings) -> Result<DatabaseSurvey, Failure> {
    database(settings)?.survey().await.map_err(|error| schema_failure(settings, &error))
}

/// By how many microseconds the clock of this machine is ahead of that of the database; negative if it is behind. None
/// if the database has no clock of its own.
///
/// # Errors
/// As [`survey`].
pub async fn clock_ahead(settings: &Settings) -> Result<Option<i64>, Failure> {
    let theirs = survey(settings).await?.clock;
    let ours = SystemClock.now();
    Ok(theirs.map(|theirs| ours.as_micros().saturating_sub(theirs.as_micros())))
}

/// Why the database is not suitable, and what to do.
pub(crate) fn unfit(survey: &DatabaseSurvey) -> Option<(String, &'static str)> {
    if let Some(version) = survey.postgres.filter(|version| *version < OLDEST_POSTGRES) {
        let problem = format!("PostgreSQL {version} is too old: Doorward needs {OLDEST_POSTGRES} or newer");
        return Some((problem, "upgrade PostgreSQL"));
    }
    (!survey.keeps_prepared_statements).then(|| {
        let problem = "prepared statements are lost between transactions: a pooler such as PgBouncer is in front of the \
                       database in transaction mode, and does not keep them";
        (problem.to_owned(), "use PgBouncer 1.21 or newer with max_prepared_statements above 0, or pool_mode = session")
    })
}

/// The migrations that [`migrate`] would apply.
///
/// # Errors
/// As [`migrate`].
pub async fn pending(settings: &Settings) -> Result<Vec<String>, Failure> {
    database(settings)?.pending().await.map_err(|error| schema_failure(settings, &error))
}

/// Writes a meaningless value, to check that writing works. The schema must be current.
///
/// # Errors
/// If writing fails: the database is a standby or read-only, or its disk is full.
pub async fn try_write(settings: &Settings) -> Result<(), Failure> {
    let opened = opened(settings, opening(settings, Handle::current()))?;
    opened.store.try_write().await.map_err(|error| {
        let next = "the database must be a primary server, or a file that this user may write on a disk with room";
        Failure::failed(format!("it answers, but nothing can be written: {}", Causes(&error)), next)
    })
}

fn schema_failure(settings: &Settings, error: &SchemaError) -> Failure {
    let next = match error {
        SchemaError::Newer { .. } => "nothing was changed".to_owned(),
        SchemaError::Unavailable { cure, .. } => {
            format!("{cure}; database.url is {}", settings.database.url.masked())
        }
        SchemaError::Failed(_) => format!("nothing was changed; database.url is {}", settings.database.url.masked()),
    };
    Failure::of(error, next)
}

fn database(settings: &Settings) -> Result<Database, Failure> {
    Database::parse(&settings.database.url.exposed()).map_err(|error| Failure::of(&error, "mend database.url"))
}

/// The store for a process without caches and without an observer.
pub(super) fn opening(settings: &Settings, backend: Handle) -> Opening {
    Opening {
        pool_size: usize::try_from(settings.database.pool_size).unwrap_or(usize::MAX),
        timeout: settings.database.timeout,
        backend,
        bus: Arc::new(()),
        observer: Arc::new(()),
    }
}

pub(super) fn opened(settings: &Settings, opening: Opening) -> Result<OpenedStore, Failure> {
    Ok(database(settings)?.open(opening))
}

/// Longer than any transaction: PostgreSQL ends an idle one after six times the timeout, and an active one has few
/// statements of at most twice the timeout each.
pub(super) fn overlap(settings: &Settings) -> Duration {
    settings.database.timeout.saturating_mul(12).max(Duration::from_mins(1))
}
