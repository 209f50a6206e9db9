//! Answers on standard output. If the reader closes early, like `head`, this is neither a failure nor a panic.

use std::io::{self, ErrorKind, Write};

use clap::ValueEnum;
use serde::Serialize;

use crate::failure::Failure;

/// How answers are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Output {
    Text,
    Json,
}

/// Prints text unchanged.
///
/// # Errors
/// If standard output can't be written, or its reader is gone.
pub fn text(text: &str) -> Result<(), Failure> {
    written(&mut io::stdout().lock(), text.as_bytes())
}

/// Prints a value as indented JSON.
///
/// # Errors
/// As [`text`].
pub fn json(value: &impl Serialize) -> Result<(), Failure> {
    let json = serde_json::to_string_pretty(value).map_err(|error| {
        Failure::failed(format!("the answer can't be written as JSON: {error}"), "use --output text")
    })?;
    text(&(json + "\n"))
}

/// Prints a question or a hint on standard error.
pub fn aside(text: &str) {
    // If standard error is closed, nobody can be told, and no answer depends on it.
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

fn written(writer: &mut impl Write, bytes: &[u8]) -> Result<(), Failure> {
    writer.write_all(bytes).and_then(|()| writer.flush()).map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Failure::ReaderGone,
        _ => Failure::failed(
            format!("the answer can't be written: {error}"),
            "check the target of standard output, and the free space there",
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Broken(ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_who_has_gone_is_no_failure() {
        let outcome = written(&mut Broken(ErrorKind::BrokenPipe), b"answer");
        assert!(matches!(outcome, Err(Failure::ReaderGone)));
    }

    #[test]
    fn a_full_disk_is_a_failure_that_says_what_to_do() {
        let outcome = written(&mut Broken(ErrorKind::StorageFull), b"answer").unwrap_err().to_string();
        assert!(outcome.contains("can't be written") && outcome.contains("the free space there"), "{outcome}");
    }
}
