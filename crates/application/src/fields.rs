use doorward_ports::{Error, FieldError, Result};
use std::fmt::Display;

/// Where an item of a list stands, found by its text.
pub(crate) fn item_of(list: &str, items: &[String], item: &str) -> String {
    let index = items.iter().position(|text| text == item).unwrap_or_default();
    format!("{list}/{index}")
}

/// Collects the faults of an input, so that all of them are reported together.
#[derive(Default)]
pub(crate) struct Fields(Vec<FieldError>);

impl Fields {
    /// The value; or none, and its fault is recorded.
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

    /// [`Self::take`] for an optional value.
    pub fn take_optional<T, E: Display>(
        &mut self,
        pointer: &str,
        code: &'static str,
        parsed: Option<std::result::Result<T, E>>,
    ) -> Option<T> {
        parsed.and_then(|parsed| self.take(pointer, code, parsed))
    }

    /// Records a fault.
    pub fn refuse(&mut self, pointer: &str, code: &'static str, why: &impl Display) {
        self.0.push(FieldError { pointer: pointer.to_owned(), code, message: why.to_string() });
    }

    /// Succeeds if there is no fault.
    pub fn finish(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::invalid(self.0)) }
    }

    /// Succeeds if there is no fault, with a required value. It is absent only if its fault has been recorded.
    pub fn finish_with<T>(self, required: Option<T>) -> Result<T> {
        match required {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(Error::invalid(self.0)),
        }
    }
}
