//! Consent to an action that can't be undone: `--yes`, or an answer at the terminal.

use std::io::{self, BufRead, IsTerminal};

use super::print;
use crate::failure::Failure;

/// How the operator confirms an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Consent {
    /// The operator has given `--yes`.
    Given,
    /// The command asks at the terminal.
    ToAsk,
}

impl Consent {
    /// Determines the kind of consent before the command opens anything.
    ///
    /// # Errors
    /// If there is neither `--yes` nor a terminal. So a script deletes nothing by mistake.
    pub(super) fn sought(yes: bool) -> Result<Self, Failure> {
        Self::of(yes, io::stdin().is_terminal())
    }

    fn of(yes: bool, terminal: bool) -> Result<Self, Failure> {
        match (yes, terminal) {
            (true, _) => Ok(Self::Given),
            (false, true) => Ok(Self::ToAsk),
            (false, false) => Err(Failure::Usage(
                "error: this can't be undone, and there is no terminal to ask for confirmation\n  add --yes to confirm\n"
                    .to_owned(),
            )),
        }
    }

    /// Asks for confirmation, unless it was given with `--yes`.
    ///
    /// # Errors
    /// If the answer is anything but yes.
    pub(super) fn obtain(self, question: &str) -> Result<(), Failure> {
        if self == Self::Given {
            return Ok(());
        }
        print::aside(&format!("{question} [y/N] "));
        agreed(io::stdin().lock())
    }
}

fn agreed(input: impl BufRead) -> Result<(), Failure> {
    let answer = input.lines().next().transpose().ok().flatten().unwrap_or_default();
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Failure::failed("nothing was done", "answer y to confirm, or add --yes")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_terminal_only_yes_is_consent() {
        assert!(matches!(Consent::of(true, false), Ok(Consent::Given)));
        assert!(matches!(Consent::of(false, true), Ok(Consent::ToAsk)));
        let Err(Failure::Usage(said)) = Consent::of(false, false) else { panic!("it goes on") };
        assert!(said.contains("--yes"), "{said}");
    }

    #[test]
    fn only_a_clear_yes_is_agreement() {
        for answer in ["y\n", "Y\n", "yes\n", " YES \n"] {
            assert!(agreed(answer.as_bytes()).is_ok(), "{answer:?}");
        }
        for answer in ["", "\n", "n\n", "yesterday\n", "no\ny\n"] {
            assert!(agreed(answer.as_bytes()).is_err(), "{answer:?}");
        }
    }
}
