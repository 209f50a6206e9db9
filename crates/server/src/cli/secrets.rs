//! `doorward secrets …`: the sealing keys, which encrypt secrets in the database. All of it can be done while nodes run.

use std::io::IsTerminal as _;
use std::time::Duration;

use clap::{Args, Subcommand};
use doorward_ports::inbound::{Rotation, RotationStep};
use doorward_views::{FinishedRotation, SealingKey, SealingReport};

use super::named::{Doomed, SealingKeyName};
use super::operator_context::{OperatorContext, with_any_keys, with_context};
use super::print::{self, Output};
use super::table;
use super::view::Listed;
use crate::failure::Failure;
use doorward_settings::Sources;

/// Between two looks at the nodes, which look twice a second themselves.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Arguments of `secrets`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorward secrets status               show which key has sealed how many values of which table
  doorward secrets rotate               seal everything with a new key, while nodes run
  doorward secrets retire ID            delete a key that has sealed nothing any more")]
pub struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show the sealing keys, and which of them has sealed how many values of which table
    Status,
    /// Seal all secrets with a new key, or continue a rotation that was interrupted
    Rotate,
    /// Retire a key that seals nothing any more, and delete its file
    Retire(Doomed<SealingKeyName>),
}

pub(super) fn run(arguments: Arguments, sources: &Sources, output: Output) -> Result<(), Failure> {
    match arguments.verb {
        Verb::Status => with_any_keys(sources, output, None, async |context| status(context).await),
        Verb::Rotate => with_context(sources, output, None, async |context| rotate(context).await),
        Verb::Retire(Doomed { it: SealingKeyName { named: id }, yes }) => {
            with_context(sources, output, Some(yes), async |context| retire(context, &id).await)
        }
    }
}

async fn status(context: &OperatorContext) -> Result<(), Failure> {
    let report = SealingReport::from(context.sealing().status(&context.caller).await?);
    if context.output == Output::Json {
        return print::json(&report);
    }
    table::list(&report.keys, SealingKey::LISTED, context.output)?;
    print::text("\n")?;
    table::list(&report.values, Listed::LISTED, context.output)?;
    for key in &report.unknown_keys {
        print::text(&format!(
            "\nvalues are sealed with {key}, which this database does not know: see docs/features/secrets.md\n"
        ))?;
    }
    print::text(&format!("\nrunning nodes: {}\n", report.nodes.len()))
}

async fn rotate(context: &OperatorContext) -> Result<(), Failure> {
    let (sealing, caller) = (context.sealing(), &context.caller);
    let progress = Progress::new();
    let mut rotation = sealing.begin(caller).await?;
    while rotation.step != RotationStep::Done {
        rotation = sealing.advance(caller, rotation).await?;
        progress.show(&rotation);
        if matches!(rotation.step, RotationStep::Waiting(nodes) if nodes > 0) {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
    progress.end();
    let finished = FinishedRotation::from(rotation);
    context.answer(&finished, &sentence(&finished))?;
    if finished.unopened.is_empty() { Ok(()) } else { Err(Failure::Told) }
}

fn sentence(finished: &FinishedRotation) -> String {
    let FinishedRotation { key, resumed, resealed, unopened } = finished;
    let what = if *resumed { "finished the rotation to" } else { "rotated to" };
    let mut sentence = format!("{what} the sealing key {key}; sealed {resealed} values again");
    for value in unopened {
        sentence.push_str(&format!("\ncan't be opened, and stays as it is: {value}"));
    }
    sentence
}

async fn retire(context: &OperatorContext, id: &str) -> Result<(), Failure> {
    context.ask(&format!(
        "Retire the sealing key {id}, and delete its file? Backups that it has sealed can't be opened without a copy of it."
    ))?;
    let key = SealingKey::from(context.sealing().retire(&context.caller, id).await?);
    context.answer(&key, &format!("retired the sealing key {id}; keep a copy for as long as backups from before exist"))
}

/// One line on a terminal, which is written again and again.
struct Progress {
    is_terminal: bool,
}

impl Progress {
    fn new() -> Self {
        Self { is_terminal: std::io::stderr().is_terminal() }
    }

    fn show(&self, rotation: &Rotation) {
        if self.is_terminal {
            print::aside(&format!("\r\x1b[K{}", line(rotation)));
        }
    }

    fn end(&self) {
        if self.is_terminal {
            print::aside("\r\x1b[K");
        }
    }
}

fn line(rotation: &Rotation) -> String {
    match &rotation.step {
        RotationStep::Waiting(nodes) => format!("waiting for {nodes} nodes to take the sealing key {}", rotation.key),
        RotationStep::Sealing(..) | RotationStep::Done => {
            format!("sealed {} of {} values again", rotation.resealed, rotation.total)
        }
    }
}
