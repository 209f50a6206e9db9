//! Passwords for commands: typed twice at a prompt, or one line of standard input. Never an argument, which other users of
//! the machine can see in the list of processes.

use std::io::{self, IsTerminal, Read};

use zeroize::Zeroizing;

use crate::failure::Failure;
use doorward_ports::{NoSecret, Secret, SecretLines};

const LONGEST: u64 = 4096;

/// Asks twice for a new password of `whom` at a terminal; otherwise reads standard input, which must be one line.
///
/// # Errors
/// If there is no password, the two differ, or the input can't be read.
pub fn read_new(whom: &str) -> Result<Secret, Failure> {
    if !io::stdin().is_terminal() {
        return piped(io::stdin().lock());
    }
    let ask =
        |prompt: String| rpassword::prompt_password(prompt).map(Zeroizing::new).map_err(|error| refused(&error.into()));
    let first = ask(format!("New password for {whom}: "))?;
    let second = ask("Repeat the password: ".to_owned())?;
    confirmed(first, &second)
}

fn confirmed(first: Zeroizing<String>, second: &str) -> Result<Secret, Failure> {
    if first.is_empty() {
        return Err(missing());
    }
    if *first != second {
        return Err(Failure::failed("the two passwords differ", "run the command again"));
    }
    Ok(Secret::from(first))
}

fn piped(input: impl Read) -> Result<Secret, Failure> {
    Secret::read(input, LONGEST, SecretLines::One).map_err(|reason| match reason {
        NoSecret::Empty => missing(),
        reason => refused(&reason),
    })
}

fn missing() -> Failure {
    Failure::failed(
        "no password was given",
        "type it at the prompt, or send it as one line of standard input: printf '%s\\n' \"$PASSWORD\" | doorward …",
    )
}

fn refused(reason: &NoSecret) -> Failure {
    Failure::failed(
        format!("the password on standard input {reason}"),
        "run the command at a terminal, or send only the password, in one line",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_input_is_the_password_without_the_ends_of_lines_behind_it() {
        for (input, password) in [
            ("correct horse\n", "correct horse"),
            ("correct horse", "correct horse"),
            ("correct horse\r\n", "correct horse"),
            ("  spaces stay  \n\n", "  spaces stay  "),
            ("\u{feff}correct horse\r\n", "correct horse"),
        ] {
            assert_eq!(piped(input.as_bytes()).unwrap().expose(), password, "{input:?}");
        }
    }

    #[test]
    fn an_empty_line_and_no_line_are_refused() {
        for input in ["", "\n", "\r\n", "\u{feff}\n"] {
            assert!(piped(input.as_bytes()).unwrap_err().to_string().starts_with("no password was given"), "{input:?}");
        }
    }

    #[test]
    fn a_second_line_is_refused_rather_than_ignored() {
        for input in ["correct horse\nsecond line\n", "\nsecond line"] {
            assert!(piped(input.as_bytes()).unwrap_err().to_string().contains("has more than one line"), "{input:?}");
        }
    }

    #[test]
    fn a_line_without_end_is_refused_rather_than_cut() {
        let input = "x".repeat(5000);
        assert!(piped(input.as_bytes()).unwrap_err().to_string().contains("longer than 4096 bytes"));
    }

    #[test]
    fn bytes_that_are_not_text_are_refused() {
        assert!(piped(&b"\xff\xfe\n"[..]).unwrap_err().to_string().contains("can't be read"));
    }

    #[test]
    fn a_password_typed_twice_must_be_the_same() {
        let typed = || Zeroizing::new("correct horse".to_owned());
        assert_eq!(confirmed(typed(), "correct horse").unwrap().expose(), "correct horse");
        assert!(confirmed(typed(), "correct hoarse").unwrap_err().to_string().contains("differ"));
        assert!(confirmed(Zeroizing::default(), "").is_err());
    }
}
