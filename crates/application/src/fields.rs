use doorward_ports::{Error, FieldError, Result};
use std::fmt::Display;

/// Collects what is wrong with an input, so that all of it is told at once.
#[derive(Default)]
pub(crate) struct Fields(Vec<FieldError>);

impl Fields {
    /// The value, or none and a note of what is wrong with it.
    pub fn take<T, E: Display>(
        &mut self,
        pointer: &str,
        code: &'static str,
        parsed: std::result::Result<T, E>,
    ) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(error) => {
                self.refuse(pointer, code, &error);
                None
            }
        }
    }

    /// [`Self::take`] for a value that may be absent.
    pub fn take_optional<T, E: Display>(
        &mut self,
        pointer: &str,
        code: &'static str,
        text: Option<&str>,
        parse: impl FnOnce(&str) -> std::result::Result<T, E>,
    ) -> Option<T> {
        text.and_then(|text| self.take(pointer, code, parse(text)))
    }

    /// Notes that something is wrong.
    pub fn refuse(&mut self, pointer: &str, code: &'static str, why: &impl Display) {
        self.0.push(FieldError { pointer: pointer.to_owned(), code, message: why.to_string() });
    }

    /// Notes that something is wrong with an item of a list, found by its text.
    pub fn refuse_item(&mut self, list: &str, items: &[String], item: &str, code: &'static str, why: &str) {
        let index = items.iter().position(|text| text == item).unwrap_or_default();
        self.refuse(&format!("{list}/{index}"), code, &format!("{item} {why}"));
    }

    /// Done, if nothing was wrong.
    pub fn finish(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::invalid(self.0)) }
    }

    /// Done, if nothing was wrong, with a value that was required. It is absent only when that has been noted.
    pub fn finish_with<T>(self, required: Option<T>) -> Result<T> {
        match required {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(Error::invalid(self.0)),
        }
    }
}
