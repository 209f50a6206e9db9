use crate::value::is_invisible;
use unicode_normalization::UnicodeNormalization;

const LONGEST: usize = 200;
/// The longest text as typed that is read at all: 200 characters of 4 bytes, with room for decomposed ones.
const LONGEST_RAW_BYTES: usize = 4096;

/// Why a text is not a person's name, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PersonNameError {
    /// It is empty, or has no visible character.
    #[error("The name is empty; enter at least one character, or omit the name.")]
    Empty,
    /// It has more than 200 characters.
    #[error("The name is too long; it may have up to 200 characters.")]
    TooLong,
    /// It has a control, zero-width or text-direction character inside.
    #[error("The name has a line break, tab or invisible character inside; remove it.")]
    Character,
}

/// The full name of a person, as they write it: NFC, 1 to 200 characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonName(String);

value!(PersonName, PersonNameError);
hidden!(PersonName);

impl PersonName {
    /// Composes (NFC) and trims, then checks.
    ///
    /// # Errors
    /// [`PersonNameError`], whose text says what to do.
    pub fn parse(text: &str) -> Result<Self, PersonNameError> {
        line(text).map(Self).map_err(|fault| match fault {
            Fault::Empty => PersonNameError::Empty,
            Fault::TooLong => PersonNameError::TooLong,
            Fault::Character => PersonNameError::Character,
        })
    }
}

/// Why a text is not a description, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DescriptionError {
    /// It is empty, or has no visible character.
    #[error("The description is empty; enter at least one character, or omit the description.")]
    Empty,
    /// It has more than 200 characters.
    #[error("The description is too long; it may have up to 200 characters.")]
    TooLong,
    /// It has a control, zero-width or text-direction character inside.
    #[error("The description has a line break, tab or invisible character inside; write it as one plain line.")]
    Character,
}

/// The purpose of a role or permission, in one line: NFC, 1 to 200 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Description(String);

value!(Description, DescriptionError);

impl Description {
    /// Composes (NFC) and trims, then checks.
    ///
    /// # Errors
    /// [`DescriptionError`], whose text says what to do.
    pub fn parse(text: &str) -> Result<Self, DescriptionError> {
        line(text).map(Self).map_err(|fault| match fault {
            Fault::Empty => DescriptionError::Empty,
            Fault::TooLong => DescriptionError::TooLong,
            Fault::Character => DescriptionError::Character,
        })
    }
}

pub(crate) enum Fault {
    Empty,
    TooLong,
    Character,
}

fn line(text: &str) -> Result<String, Fault> {
    line_of(text, LONGEST)
}

/// One line of visible text.
pub(crate) fn line_of(text: &str, longest: usize) -> Result<String, Fault> {
    if text.len() > LONGEST_RAW_BYTES {
        return Err(Fault::TooLong);
    }
    let composed: String = text.nfc().collect();
    let line = composed.trim();
    if line.contains(|c: char| c.is_control() || (is_invisible(c) && !is_joiner(c))) {
        return Err(Fault::Character);
    }
    if line.chars().all(|c| c.is_whitespace() || is_joiner(c)) {
        return Err(Fault::Empty);
    }
    if line.chars().count() > longest {
        return Err(Fault::TooLong);
    }
    Ok(line.to_owned())
}

/// Persian and Indic scripts need these two characters in names.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::laws;
    use proptest::prelude::*;

    #[test]
    fn a_name_is_kept_as_its_owner_writes_it() {
        for name in ["Ann Lee", "O’Brien-Smith Jr.", "Søren Ælfgifu", "山田 太郎", "می\u{200c}خواهم", "X Æ A-12"]
        {
            assert_eq!(PersonName::parse(name).unwrap().as_str(), name);
        }
        assert_eq!(PersonName::parse(" Jose\u{301}\u{a0}").unwrap().as_str(), "José");
    }

    #[test]
    fn what_cannot_be_seen_is_no_name() {
        for empty in ["", "  ", "\u{3000}", "\u{200d}\u{200c}"] {
            assert_eq!(PersonName::parse(empty), Err(PersonNameError::Empty), "{empty:?}");
        }
        for hidden in ["a\0b", "a\nb", "a\tb", "a\u{202e}b", "a\u{2066}b", "a\u{200b}b", "a\u{2028}b", "\u{feff}a"] {
            assert_eq!(PersonName::parse(hidden), Err(PersonNameError::Character), "{hidden:?}");
            assert_eq!(Description::parse(hidden), Err(DescriptionError::Character), "{hidden:?}");
        }
    }

    #[test]
    fn a_name_and_a_description_have_up_to_200_characters() {
        assert!(PersonName::parse(&"é".repeat(200)).is_ok() && Description::parse(&"e\u{301}".repeat(200)).is_ok());
        assert_eq!(PersonName::parse(&"é".repeat(201)), Err(PersonNameError::TooLong));
        assert_eq!(Description::parse(&"é".repeat(201)), Err(DescriptionError::TooLong));
        assert_eq!(Description::parse(" "), Err(DescriptionError::Empty));
        assert_eq!(PersonName::parse(&" ".repeat(100_000)), Err(PersonNameError::TooLong));
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_one_composed_visible_line(text in laws::texts("[ a-zé\u{301}\u{200d}א]{0,210}")) {
            if let Some(name) = laws::parsing_settles::<PersonName>(&text)? {
                prop_assert!((1..=200).contains(&name.as_str().chars().count()));
                prop_assert_eq!(name.as_str().nfc().collect::<String>(), name.as_str());
                prop_assert_eq!(name.as_str().trim(), name.as_str());
                prop_assert!(!name.as_str().contains(char::is_control));
            }
            laws::parsing_settles::<Description>(&text)?;
        }
    }
}
