use unicode_normalization::UnicodeNormalization;

const SHORTEST: usize = 2;
const LONGEST: usize = 63;
/// The longest name as typed that is read at all, before normalising takes time.
const LONGEST_RAW_BYTES: usize = 256;

/// Why a text is not a username, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UsernameError {
    /// It has fewer than 2 characters.
    #[error("The username is too short; it needs at least 2 characters.")]
    TooShort,
    /// It has more than 63 characters.
    #[error("The username is too long; it may have up to 63 characters.")]
    TooLong,
    /// It begins with a dot, dash or underscore.
    #[error("The username must begin with a letter a-z or a digit.")]
    Start,
    /// It has a character other than letters a-z, digits and `. _ -`.
    #[error("The username has a character that is not allowed; use letters a-z, digits, dots, dashes and underscores.")]
    Character,
}

/// Another name with which the owner can sign in: `^[a-z0-9][a-z0-9._-]{1,62}$`, folded to lower case, never with an
/// `@`.
///
/// It is plain ASCII, so that no name looks like another.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Username(String);

value!(Username, UsernameError);
hidden!(Username);

impl Username {
    /// Folds (NFKC, lower case), then checks. White space around the name is removed.
    ///
    /// # Errors
    /// [`UsernameError`], whose text says what to do.
    pub fn parse(text: &str) -> Result<Self, UsernameError> {
        let text = text.trim_matches(|c: char| c.is_ascii_whitespace());
        if text.len() > LONGEST_RAW_BYTES {
            return Err(UsernameError::TooLong);
        }
        let name = text.nfkc().collect::<String>().to_lowercase();
        if !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b)) {
            return Err(UsernameError::Character);
        }
        match name.len() {
            0..SHORTEST => Err(UsernameError::TooShort),
            SHORTEST..=LONGEST if name.starts_with(['.', '_', '-']) => Err(UsernameError::Start),
            SHORTEST..=LONGEST => Ok(Self(name)),
            _ => Err(UsernameError::TooLong),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::laws;
    use proptest::prelude::*;

    #[test]
    fn a_username_is_folded_to_lower_case() {
        for (typed, kept) in [("Ann", "ann"), (" a.b-c_9 ", "a.b-c_9"), ("Ａｎｎ", "ann"), ("9lives", "9lives")] {
            assert_eq!(Username::parse(typed).unwrap().as_str(), kept);
        }
    }

    #[test]
    fn anything_but_plain_letters_digits_and_three_marks_is_refused() {
        for text in ["ann@b", "an n", "änn", "\u{430}nn", "an\0n", "ann\u{200b}", "ann＠b", "İnn"] {
            assert_eq!(Username::parse(text), Err(UsernameError::Character), "{text:?}");
        }
        for text in [".ann", "_ann", "-ann"] {
            assert_eq!(Username::parse(text), Err(UsernameError::Start), "{text:?}");
        }
    }

    #[test]
    fn a_username_has_2_to_63_characters() {
        assert_eq!(Username::parse(""), Err(UsernameError::TooShort));
        assert_eq!(Username::parse("a"), Err(UsernameError::TooShort));
        assert!(Username::parse("ab").is_ok() && Username::parse(&"a".repeat(63)).is_ok());
        assert_eq!(Username::parse(&"a".repeat(64)), Err(UsernameError::TooLong));
        assert_eq!(Username::parse(&"\u{fdfa}".repeat(100_000)), Err(UsernameError::TooLong));
    }

    proptest! {
        #[test]
        fn what_is_accepted_matches_the_contract(text in laws::texts("[a-zA-Z0-9ａ-ｚK._-]{0,66}")) {
            if let Some(name) = laws::parsing_settles::<Username>(&text)? {
                let (first, rest) = name.as_str().split_at(1);
                let is_alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
                prop_assert!(first.chars().all(is_alphanumeric));
                prop_assert!((1..=62).contains(&rest.len()));
                prop_assert!(rest.chars().all(|c| is_alphanumeric(c) || "._-".contains(c)));
            }
        }
    }
}
