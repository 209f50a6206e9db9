use super::{Password, commonest};
use crate::{Email, PersonName, Username};
use zeroize::Zeroizing;
use zxcvbn::{Score, zxcvbn};

/// ASVS 2.1.2: at least 64 must be allowed, more than 128 refused.
const LONGEST: usize = 128;
/// Shorter words turn up in good passwords by chance.
const SHORTEST_PERSONAL_WORD: usize = 4;
/// The estimate takes time that grows with the square of the length, and what is this long is decided by then.
const ESTIMATED_CHARACTERS: usize = 100;

/// What a new password must fulfil.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// Fewest characters (not bytes), counted after NFKC.
    pub min_length: usize,
}

impl Default for PasswordPolicy {
    /// ASVS 2.1.1: at least 12 characters.
    fn default() -> Self {
        Self { min_length: 12 }
    }
}

/// What is known of a password's owner, and so must not be in it.
#[derive(Debug, Clone, Copy, Default)]
pub struct PersonalContext<'a> {
    /// His address.
    pub email: Option<&'a Email>,
    /// His username.
    pub username: Option<&'a Username>,
    /// His name.
    pub full_name: Option<&'a PersonName>,
}

/// Why a password is not good enough, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum PasswordWeakness {
    /// Fewer characters than asked for (ASVS 2.1.1).
    #[error("The password is too short; use at least {min_length} characters, for example four unrelated words.")]
    TooShort {
        /// How many are asked for.
        min_length: usize,
    },
    /// More than 128 characters (ASVS 2.1.2).
    #[error("The password is too long; use at most 128 characters.")]
    TooLong,
    /// Among the 10,000 commonest (ASVS 2.1.7).
    #[error("The password is one of the commonest and is tried first by attackers; choose another.")]
    TooCommon,
    /// Holds, or is part of, the owner's address, username or name (NIST SP 800-63B §5.1.1.2).
    #[error("The password contains your e-mail address, username or name; leave them out.")]
    ContainsPersonal,
    /// Would be guessed too soon.
    #[error("The password is too easy to guess; add another word or two that have nothing to do with the rest.")]
    Guessable,
}

impl PasswordWeakness {
    /// The stable name for machines.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooShort { .. } => "password_too_short",
            Self::TooLong => "password_too_long",
            Self::TooCommon => "password_too_common",
            Self::ContainsPersonal => "password_contains_personal",
            Self::Guessable => "password_guessable",
        }
    }
}

impl PasswordPolicy {
    /// Judges a new password for the person it is to belong to.
    ///
    /// # Errors
    /// Every weakness it has, so that all can be mended at once.
    pub fn check(&self, password: &Password, owner: &PersonalContext<'_>) -> Result<(), Vec<PasswordWeakness>> {
        let length = password.expose().chars().count();
        let folded = Zeroizing::new(password.expose().to_lowercase());
        let weaknesses: Vec<_> = [
            (length < self.min_length).then_some(PasswordWeakness::TooShort { min_length: self.min_length }),
            (length > LONGEST).then_some(PasswordWeakness::TooLong),
            commonest::contains(&folded).then_some(PasswordWeakness::TooCommon),
            owner.shows_in(&folded).then_some(PasswordWeakness::ContainsPersonal),
            is_guessable(password, owner).then_some(PasswordWeakness::Guessable),
        ]
        .into_iter()
        .flatten()
        .collect();
        if weaknesses.is_empty() { Ok(()) } else { Err(weaknesses) }
    }
}

impl PersonalContext<'_> {
    /// The address, its local part, the username, the name and the words of the name, in lower case.
    fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        if let Some(email) = self.email {
            words.extend([email.as_str().to_owned(), email.local_part().to_owned()]);
        }
        words.extend(self.username.map(|username| username.as_str().to_owned()));
        if let Some(name) = self.full_name {
            let name = fold(name.as_str());
            words.extend(name.split_whitespace().map(str::to_owned));
            words.push(name);
        }
        words
    }

    fn shows_in(&self, folded: &str) -> bool {
        let long = |text: &str| text.chars().count() >= SHORTEST_PERSONAL_WORD;
        self.words().iter().any(|word| {
            folded == word || (long(word) && folded.contains(word.as_str())) || (long(folded) && word.contains(folded))
        })
    }
}

/// A name as a password would have it: the password is in NFKC.
fn fold(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    name.nfkc().collect::<String>().to_lowercase()
}

fn is_guessable(password: &Password, owner: &PersonalContext<'_>) -> bool {
    let head = Zeroizing::new(password.expose().chars().take(ESTIMATED_CHARACTERS).collect::<String>());
    let words = owner.words();
    // The pieces of an address too: `ann` and `smith` of ann.smith@example.com.
    let pieces = words.iter().flat_map(|word| word.split(|c: char| !c.is_alphanumeric()));
    let known: Vec<&str> = words.iter().map(String::as_str).chain(pieces).filter(|word| !word.is_empty()).collect();
    zxcvbn(&head, &known).score() < Score::Three
}
