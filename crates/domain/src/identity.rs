use crate::{IdentityId, ProviderName, Timestamp, UserId};
use std::fmt;

/// The longest subject that is kept: OIDC Core §2 allows 255 characters.
const LONGEST_SUBJECT: usize = 255;

/// Why a text is not the subject of an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a subject has 1 to 255 ASCII characters (OIDC Core §2)")]
pub struct SubjectError;

/// The person at a provider: the issuer, and the subject that it gives to nobody else (OIDC Core §5.7). An e-mail
/// address is no key, because it can be given to another person.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdentityKey {
    issuer: String,
    subject: String,
}

impl IdentityKey {
    /// Checks the subject; the issuer is that of a configured provider.
    ///
    /// # Errors
    /// [`SubjectError`] if it is empty, too long, or not ASCII.
    pub fn new(issuer: &str, subject: &str) -> Result<Self, SubjectError> {
        let formed = (1..=LONGEST_SUBJECT).contains(&subject.len())
            && subject.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_control());
        if formed { Ok(Self { issuer: issuer.to_owned(), subject: subject.to_owned() }) } else { Err(SubjectError) }
    }

    /// The issuer.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The subject.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }
}

/// It says who somebody is elsewhere.
impl fmt::Debug for IdentityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdentityKey({}, …)", self.issuer)
    }
}

/// A person at a provider who signs in to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Its id.
    pub id: IdentityId,
    /// The account.
    pub user: UserId,
    /// The provider by which it was linked.
    pub provider: ProviderName,
    /// Who it is there.
    pub key: IdentityKey,
    /// When it was linked.
    pub linked_at: Timestamp,
    /// When it was last used to sign in.
    pub last_used_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ISSUER: &str = "https://id.example.com";

    #[test]
    fn oidc_core_2_a_subject_has_1_to_255_ascii_characters() {
        for (subject, good) in
            [(String::new(), false), ("a".repeat(255), true), ("a".repeat(256), false), ("é".to_owned(), false)]
        {
            assert_eq!(IdentityKey::new(ISSUER, &subject).is_ok(), good, "{subject}");
        }
    }

    #[test]
    fn who_it_is_elsewhere_is_not_shown() {
        let key = IdentityKey::new(ISSUER, "secret-subject").unwrap();
        assert!(!format!("{key:?}").contains("secret-subject"));
    }

    proptest! {
        /// Case and blanks count (OIDC Core §2: a subject is case-sensitive).
        #[test]
        fn a_key_is_the_text_that_was_given(subject: String) {
            if let Ok(key) = IdentityKey::new(ISSUER, &subject) {
                prop_assert_eq!(key.subject(), subject);
            }
        }
    }
}
