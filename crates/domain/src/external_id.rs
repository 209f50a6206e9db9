use crate::value::is_invisible;

const LONGEST: usize = 200;

/// Why a text is not an id of another system, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExternalIdError {
    /// It is empty.
    #[error("The external id is empty; enter at least one character, or omit it.")]
    Empty,
    /// It has more than 200 characters.
    #[error("The external id is too long; it may have up to 200 characters.")]
    TooLong,
    /// It has a control, zero-width or text-direction character.
    #[error("The external id has a line break, tab or invisible character in it; remove it.")]
    Character,
}

/// The id of an account in another system: kept exactly as that system writes it, 1 to 200 visible characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExternalId(String);

value!(ExternalId, ExternalIdError);
hidden!(ExternalId);

impl ExternalId {
    /// Checks an id. It belongs to another system, so nothing is folded or trimmed.
    ///
    /// # Errors
    /// [`ExternalIdError`], whose text says what to do.
    pub fn parse(text: &str) -> Result<Self, ExternalIdError> {
        if text.is_empty() {
            return Err(ExternalIdError::Empty);
        }
        if text.chars().nth(LONGEST).is_some() {
            return Err(ExternalIdError::TooLong);
        }
        if text.chars().any(|c| c.is_control() || is_invisible(c)) {
            return Err(ExternalIdError::Character);
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::laws;
    use proptest::prelude::*;

    #[test]
    fn an_external_id_is_kept_as_it_is_written() {
        assert_eq!(ExternalId::parse(" HR/4711 ").unwrap().as_str(), " HR/4711 ");
    }

    #[test]
    fn empty_long_and_invisible_ones_are_refused() {
        assert_eq!(ExternalId::parse(""), Err(ExternalIdError::Empty));
        assert_eq!(ExternalId::parse(&"x".repeat(201)), Err(ExternalIdError::TooLong));
        assert_eq!(ExternalId::parse("a\0b"), Err(ExternalIdError::Character));
        assert!(ExternalId::parse(&"é".repeat(200)).is_ok());
    }

    proptest! {
        #[test]
        fn what_is_accepted_parses_to_itself(text in laws::texts("[a-zA-Z0-9 :|\\-]{0,210}")) {
            laws::parsing_settles::<ExternalId>(&text)?;
        }
    }
}
