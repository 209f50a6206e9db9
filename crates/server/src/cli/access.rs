//! `doorward access`: who may do what, and how often, from the tables in the application layer.

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
    /// Print the reference page of operations and what they need, as Markdown
    Docs,
    /// Print the reference page of rate limits, as Markdown
    Limits,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    match arguments.what {
        What::Docs => print::text(&doorward_ports::access::render()),
        What::Limits => print::text(&doorward_ports::limits::render()),
    }
}
