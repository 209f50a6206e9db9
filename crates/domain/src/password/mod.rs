//! Passwords as people type them, and the rules for new ones.
//!
//! The rules are those of OWASP ASVS 4.0 §2.1 and NIST SP 800-63B §5.1.1.2: length, no common or personal words, an
//! estimate of how easy it is to guess. There are no rules about kinds of characters (ASVS 2.1.9), no hints, and no
//! forced change by age (ASVS 2.1.10).
//!
//! `commonest.txt` contains the 10,000 most common passwords of public breaches, sorted for binary search. It was made
//! from the first 10,000 of `common-passwords.txt` of Django 5.2 (BSD-3-Clause, `commonest.LICENSE`), a list that Royce
//! Williams compiled from breach counts; NFKC, lower case, one on each line. To renew it, keep this form: a test
//! refuses any other.

mod commonest;
mod policy;

pub use policy::{PasswordPolicy, PasswordWeakness, PersonalContext};

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// The longest password as typed that is read at all, so that nobody can send megabytes to NFKC. 128 characters of 4
/// bytes fit.
const LONGEST_RAW_BYTES: usize = 1024;

/// A text that can't be a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// It has more than 1024 bytes.
    #[error("The password is too long; it may have up to 128 characters.")]
    TooLong,
}

/// A password as typed, in NFKC (NIST SP 800-63B §5.1.1.2), so that every keyboard gives the same bytes.
///
/// Its memory is overwritten when it is dropped. It can't be printed. It may contain any character: a NUL does not end
/// it.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// Accepts a password of any strength, because sign-in needs old ones too. [`PasswordPolicy::check`] checks new
    /// ones.
    ///
    /// # Errors
    /// [`PasswordError::TooLong`] beyond 1024 bytes.
    pub fn new(typed: String) -> Result<Self, PasswordError> {
        let typed = Zeroizing::new(typed);
        if typed.len() > LONGEST_RAW_BYTES {
            return Err(PasswordError::TooLong);
        }
        // The buffer has its final size: a buffer that grows would leave copies of the secret behind.
        let size = typed.nfkc().map(char::len_utf8).sum();
        let mut normal = Zeroizing::new(String::with_capacity(size));
        normal.extend(typed.nfkc());
        Ok(Self(normal))
    }

    /// The password in clear text: for hashing and checking, never for showing or storing.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

hidden!(Password);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_same_password_from_two_keyboards_is_the_same_bytes() {
        let composed = Password::new("caf\u{e9} pa\u{df}".to_owned()).unwrap();
        let decomposed = Password::new("cafe\u{301} pa\u{df}".to_owned()).unwrap();
        assert_eq!(composed.expose(), decomposed.expose());
        assert_eq!(Password::new("ｐａｓｓ".to_owned()).unwrap().expose(), "pass");
    }

    #[test]
    fn a_nul_ends_no_password() {
        assert_eq!(Password::new("before\0after".to_owned()).unwrap().expose(), "before\0after");
    }

    #[test]
    fn spaces_and_case_are_kept() {
        assert_eq!(Password::new(" Four Words ".to_owned()).unwrap().expose(), " Four Words ");
    }

    #[test]
    fn a_password_is_never_shown_by_debug() {
        let password = Password::new("copper-violin".to_owned()).unwrap();
        assert_eq!(format!("{password:?} {:?}", Some(&password)), "Password(…) Some(Password(…))");
    }

    #[test]
    fn megabytes_are_refused_before_any_work() {
        assert!(Password::new("\u{1f600}".repeat(128)).is_ok());
        assert_eq!(Password::new("a".repeat(1025)).unwrap_err(), PasswordError::TooLong);
        assert_eq!(Password::new("\u{fdfa}".repeat(1_000_000)).unwrap_err(), PasswordError::TooLong);
    }

    proptest! {
        #[test]
        fn the_normal_form_is_settled_and_fills_its_buffer(text in any::<String>()) {
            if let Ok(password) = Password::new(text.clone()) {
                prop_assert_eq!(password.expose(), text.nfkc().collect::<String>());
                let again = Password::new(password.expose().to_owned());
                if let Ok(again) = again {
                    prop_assert_eq!(again.expose(), password.expose());
                }
            }
        }
    }
}
