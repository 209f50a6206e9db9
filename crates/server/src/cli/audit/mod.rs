//! `doorward audit …`: the audit log, for the operator at the machine.

mod head;
mod verify;

use clap::{Args, Subcommand};

use super::operator_context::with_context;
use super::print::Output;
use crate::failure::Failure;
use doorward_settings::Sources;

/// Arguments of `audit`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorward audit head > head.json              save the signed end of the log, on another machine
  doorward audit verify --head head.json       check that no line was changed, and that the end was not cut off")]
pub struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Print the signed end of the log as JSON; save it outside the database
    Head,
    /// Check every line, link and seal; the exit code is 1 if a line is bad
    Verify(verify::Arguments),
}

pub(super) fn run(arguments: Arguments, sources: &Sources, output: Output) -> Result<(), Failure> {
    with_context(sources, output, None, async |context| match arguments.verb {
        Verb::Head => head::head(context).await,
        Verb::Verify(asked) => verify::verify(context, asked).await,
    })
}
