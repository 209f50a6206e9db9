//! `doorward completions SHELL`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, print};
use crate::failure::Failure;

/// What can be said to `completions`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorward completions bash > ~/.local/share/bash-completion/completions/doorward
  doorward completions zsh > \"${fpath[1]}/_doorward\"
  doorward completions fish > ~/.config/fish/completions/doorward.fish")]
pub struct Arguments {
    /// The shell the script is for
    shell: Shell,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    // Into memory first: the generator panics when its writer's reader goes away.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "doorward", &mut script);
    print::text(&String::from_utf8_lossy(&script))
}
