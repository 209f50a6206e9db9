//! `doorward config check | show | docs`.

use clap::{Args, Subcommand};
use serde_json::json;

use super::print::{self, Output};
use crate::failure::Failure;
use crate::wiring;
use doorward_settings::{Fault, Faults, Sources, render_docs, render_docs_json};

/// Arguments of `config`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorward config check --config /etc/doorward.toml   check the file before a restart
  doorward config show | grep http                    the effective settings and their sources
  DOORWARD_HTTP__BIND=0.0.0.0:80 doorward config check")]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check the settings, and print all faults with their cures
    Check,
    /// Print the effective settings and the source of each; secrets are masked
    Show,
    /// Print the reference of all settings, as Markdown
    Docs,
}

pub(super) fn run(arguments: &Arguments, sources: &Sources, output: Output) -> Result<(), Failure> {
    match (&arguments.command, output) {
        (Command::Check, Output::Text) => {
            let checked = wiring::settings(sources)?.effective().len();
            print::text(&format!("The settings are valid ({checked} keys checked).\n"))
        }
        (Command::Check, Output::Json) => check_as_json(sources),
        (Command::Show, Output::Text) => print::text(&wiring::settings(sources)?.render_toml()),
        (Command::Show, Output::Json) => print::json(&wiring::settings(sources)?.render_json()),
        (Command::Docs, Output::Text) => print::text(&render_docs()),
        (Command::Docs, Output::Json) => print::json(&render_docs_json()),
    }
}

fn check_as_json(sources: &Sources) -> Result<(), Failure> {
    let faults = wiring::settings(sources).err();
    let listed: Vec<_> = faults.iter().flat_map(Faults::iter).map(fault_as_json).collect();
    print::json(&json!({"ok": faults.is_none(), "faults": listed}))?;
    faults.map_or(Ok(()), |_| Err(Failure::Told))
}

fn fault_as_json(fault: &Fault) -> serde_json::Value {
    json!({"key": fault.key, "source": fault.source.to_string(), "problem": fault.problem, "cure": fault.cure})
}
