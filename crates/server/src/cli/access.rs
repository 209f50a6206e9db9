//! `doorward access`: reference pages of operations, rate limits and error codes, from the tables in `doorward-ports`.

use clap::{Args, Subcommand};

use super::print;
use crate::failure::Failure;

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Print the reference page of operations and their requirements, as Markdown
    Docs,
    /// Print the reference page of rate limits, as Markdown
    Limits,
    /// Print the list of error codes, as Markdown
    Problems,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    match arguments.what {
        What::Docs => print::text(&doorward_ports::access::render()),
        What::Limits => print::text(&doorward_ports::limits::render()),
        What::Problems => print::text(&doorward_http::problem_index()),
    }
}
