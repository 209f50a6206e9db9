use crate::name::{Fault, line_of};

const LONGEST: usize = 64;

/// Why a text is not the name of a factor, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FactorNameError {
    /// It is empty, or has no visible character.
    #[error("The name is empty; enter at least one character, or omit the name.")]
    Empty,
    /// It has more than 64 characters.
    #[error("The name is too long; it may have up to 64 characters.")]
    TooLong,
    /// It has a control, zero-width or text-direction character inside.
    #[error("The name has a line break, tab or invisible character inside; remove it.")]
    Character,
}

/// The name of a factor, by which its owner knows it: NFC, 1 to 64 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactorName(String);

value!(FactorName, FactorNameError);

impl FactorName {
    /// Composes (NFC) and trims, then checks.
    ///
    /// # Errors
    /// [`FactorNameError`], whose text says what to do.
    pub fn parse(text: &str) -> Result<Self, FactorNameError> {
        line_of(text, LONGEST).map(Self).map_err(|fault| match fault {
            Fault::Empty => FactorNameError::Empty,
            Fault::TooLong => FactorNameError::TooLong,
            Fault::Character => FactorNameError::Character,
        })
    }

    /// The name of an authenticator that its owner has given none.
    #[must_use]
    pub fn authenticator() -> Self {
        Self("Authenticator".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_has_1_to_64_visible_characters() {
        assert_eq!(FactorName::parse("  Ann's phone "), Ok(FactorName("Ann's phone".to_owned())));
        assert_eq!(FactorName::parse(" "), Err(FactorNameError::Empty));
        assert_eq!(FactorName::parse(&"é".repeat(64)).map(|name| name.as_str().chars().count()), Ok(64));
        assert_eq!(FactorName::parse(&"é".repeat(65)), Err(FactorNameError::TooLong));
        assert_eq!(FactorName::parse("a\nb"), Err(FactorNameError::Character));
        assert_eq!(FactorName::parse(FactorName::authenticator().as_str()), Ok(FactorName::authenticator()));
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_is_idempotent(text: String) {
            if let Ok(name) = FactorName::parse(&text) {
                prop_assert_eq!(FactorName::parse(name.as_str()), Ok(name));
            }
        }
    }
}
