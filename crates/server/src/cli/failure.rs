//! How a command ends when it could not do what was asked.

use std::process::ExitCode;

use crate::settings::Faults;

/// Why a command did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It was tried, and failed.
    #[error("{problem}\n  {next}")]
    Failed {
        /// What went wrong.
        problem: String,
        /// What to do next.
        next: String,
    },
    /// Settings can't be used.
    #[error(transparent)]
    Settings(#[from] Faults),
    /// It failed, and the answer on standard output has said why.
    #[error("the answer on standard output says why")]
    Told,
    /// It was typed wrongly; the text is the help for it.
    #[error("{0}")]
    Usage(String),
    /// Whoever read the answer stopped reading, as `head` does; that is no failure.
    #[error("the reader of the answer has gone")]
    ReaderGone,
}

impl Failure {
    /// A failure, and what to do next.
    pub fn failed(problem: impl Into<String>, next: impl Into<String>) -> Self {
        Self::Failed { problem: problem.into(), next: next.into() }
    }

    /// Tells it on standard error, and gives the exit code of its kind.
    pub fn report(&self) -> ExitCode {
        match self {
            Self::ReaderGone => return ExitCode::SUCCESS,
            Self::Told => return ExitCode::from(1),
            Self::Usage(help) => to_stderr(help),
            Self::Failed { .. } | Self::Settings(_) => to_stderr(&format!("error: {self}\n")),
        }
        ExitCode::from(if matches!(self, Self::Usage(_)) { 2 } else { 1 })
    }
}

fn to_stderr(text: &str) {
    use std::io::Write;
    // Nobody is left to tell when standard error is closed; the exit code still says it.
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}
