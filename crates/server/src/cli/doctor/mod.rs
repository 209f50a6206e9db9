//! `doorward doctor`: looks at what the service stands on, one thing after the other, and says what to mend. It changes
//! nothing, and may run beside a server. To add a check, write a function here and name it in [`CHECKS`].

mod database;
mod files;
mod machine;

use serde::Serialize;

use super::print::{self, Output};
use crate::failure::Failure;
use crate::wiring;
use doorward_settings::{Fault, Settings, Sources};

/// What is looked at, once the settings are known to be good.
const CHECKS: &[fn(&Settings) -> Finding] = &[
    files::modes,
    files::space,
    files::signing_key,
    files::sealing_key,
    database::server,
    database::reached,
    machine::address,
    machine::open_files,
    machine::hashing,
];

/// How a thing was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    Warn,
    Fail,
}

/// What was found of one thing.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Finding {
    check: &'static str,
    state: State,
    found: String,
    /// What to do, where there is something to do.
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

    /// What stood in the way of a look is what was found.
    fn of(check: &'static str, failure: &Failure) -> Self {
        match failure {
            Failure::Failed { problem, next } => Self::fail(check, problem.as_str(), next.as_str()),
            other => Self::fail(check, other.to_string(), "mend it, and look again"),
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

pub(super) fn run(sources: &Sources, output: Output) -> Result<(), Failure> {
    match wiring::settings(sources) {
        Ok(settings) => {
            let first = std::iter::once(Finding::ok("settings", "every key is good"));
            told(first.chain(CHECKS.iter().map(|check| check(&settings))), output)
        }
        Err(faults) => told(faults.iter().map(of_setting), output),
    }
}

fn of_setting(fault: &Fault) -> Finding {
    Finding::fail("settings", format!("{} ({}): {}", fault.key, fault.source, fault.problem), fault.cure.as_str())
}

/// People see each line as soon as the look is done; programs get the whole.
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
