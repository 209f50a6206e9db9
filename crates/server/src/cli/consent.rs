//! What can't be undone is done only when it was asked for twice: by `--yes`, or by an answer at the terminal.

use std::io::{self, BufRead, IsTerminal};

use super::print;
use crate::failure::Failure;

/// How somebody says that he means it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Consent {
    /// He has, by `--yes`.
    Given,
    /// He is asked, at his terminal.
    ToAsk,
}

impl Consent {
    /// Looks for it before anything is opened.
    ///
    /// # Errors
    /// When there is neither `--yes` nor a terminal to ask at: a script that goes on by mistake deletes nothing.
    pub(super) fn sought(yes: bool) -> Result<Self, Failure> {
        Self::of(yes, io::stdin().is_terminal())
    }

    fn of(yes: bool, terminal: bool) -> Result<Self, Failure> {
        match (yes, terminal) {
            (true, _) => Ok(Self::Given),
            (false, true) => Ok(Self::ToAsk),
            (false, false) => Err(Failure::Usage(
                "error: this can't be undone, and there is no terminal to ask at\n  add --yes to do it without being asked\n"
                    .to_owned(),
            )),
        }
    }

    /// Asks, if he has not said it yet.
    ///
    /// # Errors
    /// When he answers anything but yes.
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
        _ => Err(Failure::failed("nothing was done", "answer y, or add --yes")),
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
