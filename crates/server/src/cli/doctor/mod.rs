//! `doorward doctor`: checks the environment of the service, and prints what to fix. It changes nothing, and can run while a
//! server runs. To add a check, write a function and list it in [`CHECKS`].

mod database;
mod files;
mod machine;
mod providers;
mod redis;
mod secrets;
mod server;
mod telemetry;

use clap::Args;
use serde::Serialize;

use super::print::{self, Output};
use crate::failure::Failure;
use crate::wiring;
use doorward_settings::{Fault, Settings, Sources};

/// Arguments of `doctor`.
#[derive(Debug, Args)]
#[command(after_help = "\
The exit code is 0 if nothing failed (there may be warnings), and 1 if a check failed.

Examples:
  doorward doctor                   check everything
  doorward doctor --output json     the same, for programs
  doorward doctor --server          a health check for a container: is the server ready?")]
pub struct Arguments {
    /// Check only whether the server that runs with these settings is ready
    #[arg(long)]
    server: bool,
}

/// The checks, which run if the settings are valid.
const CHECKS: &[fn(&Settings) -> Finding] = &[
    files::modes,
    files::space,
    files::signing_key,
    files::sealing_key,
    database::server,
    database::reached,
    database::clock,
    secrets::known,
    secrets::vault,
    redis::reached,
    telemetry::collector,
    providers::usable,
    machine::address,
    server::healthy,
    machine::open_files,
    machine::hashing,
];

/// The result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    Warn,
    Fail,
}

/// The finding of one check.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Finding {
    check: &'static str,
    state: State,
    found: String,
    /// What to do, if there is something to do.
    cure: Option<String>,
}

impl Finding {
    fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, state: State::Ok, found: found.into(), cure: None }
    }

    fn warn(check: &'static str, found: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { check, state: State::Warn, found: found.into(), cure: Some(cure.into()) }
    }

    fn fail(check: &'static str, found: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { check, state: State::Fail, found: found.into(), cure: Some(cure.into()) }
    }

    /// If a check fails to run, its failure is the finding.
    fn of(check: &'static str, failure: &Failure) -> Self {
        match failure {
            Failure::Failed { problem, next } => Self::fail(check, problem.as_str(), next.as_str()),
            other => Self::fail(check, other.to_string(), "fix it, and run `doorward doctor` again"),
        }
    }

    fn line(&self) -> String {
        let state = match self.state {
            State::Ok => "ok  ",
            State::Warn => "warn",
            State::Fail => "FAIL",
        };
        let cure = self.cure.as_ref().map(|cure| format!("\n      {cure}")).unwrap_or_default();
        format!("{state}  {}: {}{cure}\n", self.check, self.found)
    }
}

pub(super) fn run(arguments: &Arguments, sources: &Sources, output: Output) -> Result<(), Failure> {
    match wiring::settings(sources) {
        Ok(settings) => {
            let first = std::iter::once(Finding::ok("settings", "all settings are valid"));
            let checks = if arguments.server { &[server::ready as fn(&Settings) -> Finding] } else { CHECKS };
            told(first.chain(checks.iter().map(|check| check(&settings))), output)
        }
        Err(faults) => told(faults.iter().map(of_setting), output),
    }
}

fn of_setting(fault: &Fault) -> Finding {
    Finding::fail("settings", format!("{} ({}): {}", fault.key, fault.source, fault.problem), fault.cure.as_str())
}

/// People see each line as soon as its check is done; programs get all findings at the end.
fn told(findings: impl Iterator<Item = Finding>, output: Output) -> Result<(), Failure> {
    let mut all = Vec::new();
    for finding in findings {
        if output == Output::Text {
            print::text(&finding.line())?;
        }
        all.push(finding);
    }
    if output == Output::Json {
        print::json(&all)?;
    }
    if all.iter().any(|finding| finding.state == State::Fail) { Err(Failure::Told) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_it_is_and_below_it_what_to_do() {
        assert_eq!(Finding::ok("disk", "1 GiB free").line(), "ok    disk: 1 GiB free\n");
        assert_eq!(Finding::fail("disk", "full", "free some").line(), "FAIL  disk: full\n      free some\n");
    }

    #[test]
    fn a_warning_is_no_failure() {
        let outcome = |findings: Vec<Finding>| told(findings.into_iter(), Output::Text);
        assert!(outcome(vec![Finding::warn("disk", "nearly full", "free some")]).is_ok());
        let failed = outcome(vec![Finding::fail("disk", "full", "free some"), Finding::ok("key", "good")]);
        assert!(matches!(failed, Err(Failure::Told)));
    }
}
