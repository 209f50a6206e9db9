use crate::{Email, EmailError, Username, UsernameError};
use std::fmt;

/// Why a text is not an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentifierError {
    /// It has an `@`, but is not an e-mail address.
    #[error(transparent)]
    Email(#[from] EmailError),
    /// It has no `@`, and is not a username.
    #[error(transparent)]
    Username(#[from] UsernameError),
}

/// What people type to sign in: an e-mail address or a username.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Identifier {
    /// The text has an `@`.
    Email(Email),
    /// The text has no `@`.
    Username(Username),
}

parsed!(Identifier, IdentifierError);

impl Identifier {
    /// Reads an e-mail address if the text has an `@` (of any width), otherwise a username.
    ///
    /// # Errors
    /// [`IdentifierError`], with the error of the e-mail address or the username.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        // NFKC turns the fullwidth and small forms into an ordinary @.
        if text.contains(['@', '\u{ff20}', '\u{fe6b}']) {
            Ok(Self::Email(Email::parse(text)?))
        } else {
            Ok(Self::Username(Username::parse(text)?))
        }
    }

    /// The identifier as text, in its one normal form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Email(email) => email.as_str(),
            Self::Username(username) => username.as_str(),
        }
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::laws;
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

    #[test]
    fn an_at_tells_an_address_from_a_username() {
        let email = Email::parse("ann@example.com").unwrap();
        assert_eq!(Identifier::parse("ANN@example.com"), Ok(Identifier::Email(email.clone())));
        assert_eq!(Identifier::parse("ann＠example.com"), Ok(Identifier::Email(email)));
        assert_eq!(Identifier::parse("Ann"), Ok(Identifier::Username(Username::parse("ann").unwrap())));
        assert_eq!(Identifier::parse("ann@"), Err(IdentifierError::Email(EmailError::NotOneAt)));
        assert_eq!(Identifier::parse(""), Err(IdentifierError::Username(UsernameError::TooShort)));
    }

    #[test]
    fn no_other_character_becomes_an_at_by_normalising() {
        let become_at: String = ('\0'..=char::MAX).filter(|c| c.nfkc().any(|n| n == '@')).collect();
        assert_eq!(become_at, "@\u{fe6b}\u{ff20}");
    }

    proptest! {
        #[test]
        fn any_text_names_one_account_or_none(text in laws::texts("[a-zA-Z0-9.]{1,6}(@[a-z]{1,5}\\.com)?")) {
            if let Some(identifier) = laws::parsing_settles::<Identifier>(&text)? {
                prop_assert_eq!(identifier.as_str().contains('@'), matches!(identifier, Identifier::Email(_)));
            }
        }
    }
}
