//! How a command is given a password: typed twice at a prompt, or as one line of standard input. Never as an
//! argument, which other users of the machine see in the list of processes.

use std::io::{self, BufRead, IsTerminal};

use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::settings::Secret;

const LONGEST_LINE: u64 = 4096;

/// Asks for a new password of `whom` at a terminal, twice; else takes the first line of standard input.
///
/// # Errors
/// When none was given, the two differ, or input can't be read.
pub fn read_new(whom: &str) -> Result<Secret, Failure> {
    if !io::stdin().is_terminal() {
        return one_line(io::stdin().lock());
    }
    let ask =
        |prompt: String| rpassword::prompt_password(prompt).map(Zeroizing::new).map_err(|error| unreadable(&error));
    let first = ask(format!("New password for {whom}: "))?;
    let second = ask("The same once more: ".to_owned())?;
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

fn one_line(input: impl BufRead) -> Result<Secret, Failure> {
    let mut line = Zeroizing::new(String::with_capacity(256));
    input.take(LONGEST_LINE + 1).read_line(&mut line).map_err(|error| unreadable(&error))?;
    if line.len() as u64 > LONGEST_LINE {
        return Err(Failure::failed(
            format!("the password on standard input is longer than {LONGEST_LINE} bytes"),
            "give one line that holds the password alone",
        ));
    }
    let end = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(end);
    if line.is_empty() { Err(missing()) } else { Ok(Secret::from(line)) }
}

fn missing() -> Failure {
    Failure::failed(
        "no password was given",
        "type one at the prompt, or give it as one line of standard input: printf '%s\\n' \"$PASSWORD\" | doorward …",
    )
}

fn unreadable(error: &io::Error) -> Failure {
    Failure::failed(
        format!("the password can't be read: {error}"),
        "run the command at a terminal, or give the password as one line of standard input",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_of_standard_input_is_the_password() {
        for (input, password) in [
            ("correct horse\n", "correct horse"),
            ("correct horse", "correct horse"),
            ("correct horse\r\n", "correct horse"),
            ("  spaces stay  \nsecond line\n", "  spaces stay  "),
        ] {
            assert_eq!(one_line(input.as_bytes()).unwrap().expose(), password, "{input:?}");
        }
    }

    #[test]
    fn an_empty_line_and_no_line_are_refused() {
        for input in ["", "\n", "\r\n", "\nsecond line"] {
            assert!(
                one_line(input.as_bytes()).unwrap_err().to_string().starts_with("no password was given"),
                "{input:?}"
            );
        }
    }

    #[test]
    fn a_line_without_end_is_refused_rather_than_cut() {
        let input = "x".repeat(5000);
        assert!(one_line(input.as_bytes()).unwrap_err().to_string().contains("longer than 4096 bytes"));
    }

    #[test]
    fn bytes_that_are_not_text_are_refused() {
        assert!(one_line(&b"\xff\xfe\n"[..]).unwrap_err().to_string().contains("can't be read"));
    }

    #[test]
    fn a_password_typed_twice_must_be_the_same() {
        let typed = || Zeroizing::new("correct horse".to_owned());
        assert_eq!(confirmed(typed(), "correct horse").unwrap().expose(), "correct horse");
        assert!(confirmed(typed(), "correct hoarse").unwrap_err().to_string().contains("differ"));
        assert!(confirmed(Zeroizing::default(), "").is_err());
    }
}
