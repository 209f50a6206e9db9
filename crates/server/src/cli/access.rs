//! `doorward access docs`: who may do what, from the table in the application layer.

use clap::{Args, Subcommand};

use super::{Failure, print};

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Print the reference page of operations and what they need, as Markdown
    Docs,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    match arguments.what {
        What::Docs => print::text(&doorward_application::access::render()),
    }
}
