//! `doorward migrate [--check]`: updates the schema of the database, as `serve` does at its start.

use clap::Args;
use serde_json::json;

use super::print::{self, Output};
use crate::failure::Failure;
use crate::wiring;
use doorward_settings::Sources;

/// Arguments of `migrate`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorward migrate            update the schema before you deploy a new version
  doorward migrate --check    exit with 1 if there are migrations to apply")]
pub struct Arguments {
    /// Change nothing; list the migrations to apply, and exit with 1 if there are any
    #[arg(long)]
    check: bool,
}

pub(super) fn run(arguments: &Arguments, sources: &Sources, output: Output) -> Result<(), Failure> {
    let settings = wiring::prepare(sources)?;
    let backend = wiring::backend()?;
    if arguments.check {
        return check(&backend.block_on(wiring::pending(&settings))?, output);
    }
    let report = backend.block_on(wiring::migrate(&settings))?;
    match output {
        Output::Json => print::json(&json!({"applied": report.applied})),
        Output::Text => print::text(&lines("applied", &report.applied)),
    }
}

fn check(pending: &[String], output: Output) -> Result<(), Failure> {
    match output {
        Output::Json => print::json(&json!({"pending": pending}))?,
        Output::Text => print::text(&lines("pending", pending))?,
    }
    if pending.is_empty() { Ok(()) } else { Err(Failure::Told) }
}

fn lines(what: &str, migrations: &[String]) -> String {
    if migrations.is_empty() {
        return "the schema is up to date\n".to_owned();
    }
    migrations.iter().map(|name| format!("{what}: {name}\n")).collect()
}
