//! `doorward audit …`: the audit log, for the operator at the machine.

mod export;
mod filters;
mod head;
mod list;
mod prune;
mod verify;

use clap::{Args, Subcommand};

use super::named::Doomed;
use super::operator_context::with_context;
use super::print::Output;
use crate::failure::Failure;
use doorward_settings::Sources;

/// Arguments of `audit`.
#[derive(Debug, Args)]
#[command(after_help = "\
A time is written as in RFC 3339: 2026-11-27T09:30:00Z.

Examples:
  doorward audit list --action session.sign_in --outcome failure --from 2026-11-27T00:00:00Z
  doorward audit list --actor user:ID --all --output json | jq -r '.[].action'
  doorward audit export --format csv --to 2026-12-01T00:00:00Z > november.csv
  doorward audit head > head.json              save the signed end of the log, on another machine
  doorward audit verify --head head.json       check that no line was changed, and that the end was not cut off
  doorward audit prune --before 2025-11-27T00:00:00Z")]
pub struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List lines of the audit log, newest first
    List(list::Arguments),
    /// Write all lines that match to standard output, newest first; this adds a line to the log
    Export(export::Arguments),
    /// Print the signed end of the log as JSON; save it outside the database
    Head,
    /// Delete the oldest lines; the rest can still be verified
    Prune(Doomed<prune::Arguments>),
    /// Check every line, link and seal; the exit code is 1 if a line is bad
    Verify(verify::Arguments),
}

pub(super) fn run(arguments: Arguments, sources: &Sources, output: Output) -> Result<(), Failure> {
    let doomed = if let Verb::Prune(doomed) = &arguments.verb { Some(doomed.yes) } else { None };
    with_context(sources, output, doomed, async |context| match arguments.verb {
        Verb::List(asked) => list::list(context, asked).await,
        Verb::Export(asked) => export::export(context, asked).await,
        Verb::Head => head::head(context).await,
        Verb::Prune(Doomed { it, .. }) => prune::prune(context, &it).await,
        Verb::Verify(asked) => verify::verify(context, asked).await,
    })
}
