use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use doorward_views::{AuditHead, AuditVerdict};

use crate::cli::operator_context::OperatorContext;
use crate::cli::print;
use crate::failure::Failure;

/// How often the progress is shown.
const SHOWN_EVERY: Duration = Duration::from_millis(200);

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Compare with a head that `audit head` has printed earlier: only so a cut-off end shows
    #[arg(long, value_name = "FILE")]
    head: Option<PathBuf>,
}

pub(super) async fn verify(context: &OperatorContext, asked: Arguments) -> Result<(), Failure> {
    let saved = asked.head.as_deref().map(read).transpose()?;
    let log = context.audit_log();
    // For the progress only: what is wrong with the head, the verification itself finds.
    let end = log.head(&context.caller).await.map_or_else(|_| "?".to_owned(), |head| head.head.seq.to_string());
    let (on_terminal, shown) = (io::stderr().is_terminal(), std::sync::Mutex::new(Instant::now()));
    let progress = |to: i64| {
        let mut shown = shown.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if on_terminal && shown.elapsed() >= SHOWN_EVERY {
            *shown = Instant::now();
            print::aside(&format!("\r{to} of {end} lines"));
        }
    };
    let verdict = log.verify(&context.caller, saved.map(Into::into), &progress).await?;
    if on_terminal {
        print::aside("\r\x1b[K");
    }
    let verdict = AuditVerdict::from(verdict);
    context.answer(&verdict, &sentence(&verdict))?;
    if verdict.first_bad.is_some() { Err(Failure::Told) } else { Ok(()) }
}

fn read(path: &Path) -> Result<AuditHead, Failure> {
    let next = "give a file that `doorward audit head` has written";
    let path_and = |problem: String| Failure::failed(format!("{}: {problem}", path.display()), next);
    let text = std::fs::read_to_string(path).map_err(|error| path_and(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| path_and(error.to_string()))
}

fn sentence(verdict: &AuditVerdict) -> String {
    let AuditVerdict { intact_to, unsealed, .. } = verdict;
    let Some(bad) = &verdict.first_bad else {
        let from = verdict.pruned_to.unwrap_or(0) + 1;
        let lines = if from > *intact_to {
            "there are no lines".to_owned()
        } else {
            format!("lines {from} to {intact_to} are intact")
        };
        return format!("{lines}; {unsealed} not sealed yet");
    };
    let id = bad.id.as_ref().map(|id| format!(" ({id})")).unwrap_or_default();
    format!("line {}{id} is bad: {} ({})\nlines up to {intact_to} are intact", bad.seq, bad.detail, bad.fault)
}
