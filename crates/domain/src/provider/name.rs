use crate::LOCAL_PROVIDER;

const LONGEST: usize = 32;

/// Why a text is not the name of a provider, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProviderNameError {
    /// It is empty.
    #[error("The provider's name is empty; enter one such as google or work.")]
    Empty,
    /// It has more than 32 characters.
    #[error("The provider's name is too long; it may have up to 32 characters.")]
    TooLong,
    /// It begins with a dash or underscore.
    #[error("The provider's name must begin with a lower-case letter a-z or a digit.")]
    Start,
    /// It has a character other than lower-case letters, digits and `_ -`.
    #[error(
        "The provider's name has a character that is not allowed; use a-z in lower case, digits, dashes and underscores."
    )]
    Character,
    /// It is the name of what Doorward checks itself.
    #[error("The name local means the passwords of Doorward itself; choose another name.")]
    Reserved,
}

/// The name of a provider, in routes, settings and tokens: `^[a-z0-9][a-z0-9_-]{0,31}$`, and never `local`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderName(String);

value!(ProviderName, ProviderNameError);

impl ProviderName {
    /// Checks a name. It has only one spelling, so nothing is folded.
    ///
    /// # Errors
    /// [`ProviderNameError`], whose text says what to do.
    pub fn parse(text: &str) -> Result<Self, ProviderNameError> {
        if text.is_empty() {
            return Err(ProviderNameError::Empty);
        }
        if text.len() > LONGEST {
            return Err(ProviderNameError::TooLong);
        }
        if !text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b)) {
            return Err(ProviderNameError::Character);
        }
        if text.starts_with(['_', '-']) {
            return Err(ProviderNameError::Start);
        }
        if text == LOCAL_PROVIDER {
            return Err(ProviderNameError::Reserved);
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
    fn a_name_is_a_short_slug_and_never_the_one_of_passwords() {
        for text in ["google", "0", "work-2", "a_b", &"a".repeat(32)] {
            assert_eq!(ProviderName::parse(text).unwrap().as_str(), text);
        }
        for (text, error) in [
            ("", ProviderNameError::Empty),
            (&*"a".repeat(33), ProviderNameError::TooLong),
            ("-a", ProviderNameError::Start),
            ("_a", ProviderNameError::Start),
            ("Google", ProviderNameError::Character),
            ("a/b", ProviderNameError::Character),
            ("a.b", ProviderNameError::Character),
            ("g\u{43e}ogle", ProviderNameError::Character),
            ("local", ProviderNameError::Reserved),
        ] {
            assert_eq!(ProviderName::parse(text), Err(error), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_what_was_written(text in laws::texts("[a-zA-Z0-9_-]{0,34}|local")) {
            if let Some(name) = laws::parsing_settles::<ProviderName>(&text)? {
                prop_assert_eq!(name.as_str(), &text);
                prop_assert_ne!(name.as_str(), "local");
            }
        }
    }
}
