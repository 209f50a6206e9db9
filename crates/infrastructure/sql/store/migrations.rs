use super::diagnosis::Diagnosis;
use super::open_error::OpenError;
use crate::backend::{Backend, BlockingConn, HAS_MIGRATIONS, MIGRATIONS, diagnose};
use diesel::migration::{Migration, MigrationSource};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_migrations::MigrationHarness;
use doorward_ports::outbound::{MigrationReport, SchemaError};

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

#[derive(QueryableByName)]
struct Applied {
    #[diesel(sql_type = Text)]
    version: String,
}

type Known = Vec<Box<dyn Migration<Backend>>>;

fn known() -> Result<Known, SchemaError> {
    let mut known = MigrationSource::<Backend>::migrations(&MIGRATIONS).map_err(SchemaError::Failed)?;
    known.sort_by_key(|migration| migration.name().to_string());
    Ok(known)
}

/// The names of the migrations that are not applied.
pub fn pending(conn: &mut BlockingConn) -> Result<Vec<String>, SchemaError> {
    Ok(missing(conn)?.iter().map(|migration| migration.name().to_string()).collect())
}

pub fn apply(conn: &mut BlockingConn) -> Result<MigrationReport, SchemaError> {
    let missing = missing(conn)?;
    let applied = missing.iter().map(|migration| migration.name().to_string()).collect();
    if !missing.is_empty() {
        // Creates the table of applied migrations if there is none.
        conn.applied_migrations().map_err(SchemaError::Failed)?;
        conn.run_migrations(&missing).map_err(SchemaError::Failed)?;
    }
    Ok(MigrationReport { applied })
}

fn missing(conn: &mut BlockingConn) -> Result<Known, SchemaError> {
    let mut missing = known()?;
    let latest = missing.last().map(|migration| migration.name().to_string()).unwrap_or_default();
    for version in applied_versions(conn)? {
        let before = missing.len();
        missing.retain(|migration| migration.name().version().to_string() != version);
        if missing.len() == before {
            return Err(SchemaError::Newer { found: version, known: latest });
        }
    }
    Ok(missing)
}

fn failed(error: diesel::result::Error) -> SchemaError {
    match diagnose(&error) {
        Diagnosis::Unavailable(cure) => OpenError::new(cure, error).into(),
        _ => SchemaError::failed(error),
    }
}

/// The latest first. Unlike the function of diesel, it does not create the table.
fn applied_versions(conn: &mut BlockingConn) -> Result<Vec<String>, SchemaError> {
    let Count { n } = diesel::sql_query(HAS_MIGRATIONS).get_result(conn).map_err(failed)?;
    if n == 0 {
        return Ok(Vec::new());
    }
    let rows = diesel::sql_query("SELECT version FROM __diesel_schema_migrations ORDER BY version DESC");
    let rows: Vec<Applied> = rows.load(conn).map_err(failed)?;
    Ok(rows.into_iter().map(|row| row.version).collect())
}
