use super::{Password, commonest};
use crate::{Email, PersonName, Username};
use zeroize::Zeroizing;
use zxcvbn::{Score, zxcvbn};

/// ASVS 2.1.2: at least 64 must be allowed, and more than 128 refused.
const LONGEST: usize = 128;
/// Shorter words occur in good passwords by chance.
const SHORTEST_PERSONAL_WORD: usize = 4;
/// The number of characters that are required besides the owner's own words: with fewer, the password is a variation of
/// their name.
const FEWEST_OF_ITS_OWN: usize = 8;
/// The time of the estimate grows with the square of the length, times the ways to read its digits and signs as
/// letters. For the worst 100 characters it takes longer than two bcrypt hashes with cost 12, for 48 less than one.
const ESTIMATED_CHARACTERS: usize = 48;

/// The rules for a new password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// The smallest number of characters (not bytes), counted after NFKC.
    pub min_length: usize,
}

impl Default for PasswordPolicy {
    /// ASVS 2.1.1: at least 12 characters.
    fn default() -> Self {
        Self { min_length: 12 }
    }
}

/// The personal data of the owner, which must not be in the password.
#[derive(Debug, Clone, Copy, Default)]
pub struct PersonalContext<'a> {
    /// The e-mail address.
    pub email: Option<&'a Email>,
    /// The username.
    pub username: Option<&'a Username>,
    /// The full name.
    pub full_name: Option<&'a PersonName>,
}

/// Why a password is not good enough, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum PasswordWeakness {
    /// It has too few characters (ASVS 2.1.1).
    #[error("The password is too short; use at least {min_length} characters, for example four unrelated words.")]
    TooShort {
        /// The required number.
        min_length: usize,
    },
    /// It has more than 128 characters (ASVS 2.1.2).
    #[error("The password is too long; use at most 128 characters.")]
    TooLong,
    /// It is among the 10,000 most common passwords (ASVS 2.1.7).
    #[error("The password is one of the most common ones, which attackers try first; choose another.")]
    TooCommon,
    /// It is mainly the owner's e-mail address, username or name (NIST SP 800-63B §5.1.1.2).
    #[error("The password is mainly your e-mail address, username or name; do not use them.")]
    ContainsPersonal,
    /// It is too easy to guess.
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
    /// Checks a new password of this owner.
    ///
    /// It usually takes a few milliseconds, but for a password that was made to be slow as long as a password hash:
    /// call it where hashing is allowed, behind the same limits.
    ///
    /// # Errors
    /// All weaknesses of the password, so that the owner can avoid all of them at once.
    pub fn check(&self, password: &Password, owner: &PersonalContext<'_>) -> Result<(), Vec<PasswordWeakness>> {
        let length = password.expose().chars().count();
        let folded = Zeroizing::new(password.expose().to_lowercase());
        let weaknesses: Vec<_> = [
            (length < self.min_length).then_some(PasswordWeakness::TooShort { min_length: self.min_length }),
            (length > LONGEST).then_some(PasswordWeakness::TooLong),
            commonest::contains(&folded).then_some(PasswordWeakness::TooCommon),
            owner.makes_up(&folded).then_some(PasswordWeakness::ContainsPersonal),
            is_guessable(password, owner).then_some(PasswordWeakness::Guessable),
        ]
        .into_iter()
        .flatten()
        .collect();
        if weaknesses.is_empty() { Ok(()) } else { Err(weaknesses) }
    }
}

impl PersonalContext<'_> {
    /// The e-mail address, its local part, the username, the name and the words of the name, in lower case.
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

    /// Whether it is one of the words, a part of one, or one with only a few other characters.
    fn makes_up(&self, folded: &str) -> bool {
        let long = |text: &str| text.chars().count() >= SHORTEST_PERSONAL_WORD;
        self.words().iter().any(|word| {
            folded == word
                || (long(folded) && word.contains(folded))
                || (long(word)
                    && folded.contains(word.as_str())
                    && folded.replace(word.as_str(), "").chars().filter(|c| c.is_alphanumeric()).count()
                        < FEWEST_OF_ITS_OWN)
        })
    }
}

/// A name in the form of a password, which is NFKC.
fn fold(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    name.nfkc().collect::<String>().to_lowercase()
}

fn is_guessable(password: &Password, owner: &PersonalContext<'_>) -> bool {
    let head = Zeroizing::new(password.expose().chars().take(ESTIMATED_CHARACTERS).collect::<String>());
    let words = owner.words();
    // Also the parts of an e-mail address: `ann` and `smith` of ann.smith@example.com.
    let pieces = words.iter().flat_map(|word| word.split(|c: char| !c.is_alphanumeric()));
    let known: Vec<&str> = words.iter().map(String::as_str).chain(pieces).filter(|word| !word.is_empty()).collect();
    zxcvbn(&head, &known).score() < Score::Three
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn codes(text: &str, policy: PasswordPolicy) -> Vec<&'static str> {
        let email = Email::parse("ann.smithson@example.com").unwrap();
        let username = Username::parse("wintermute").unwrap();
        let full_name = PersonName::parse("Ann Müller-Smithson").unwrap();
        let owner = PersonalContext { email: Some(&email), username: Some(&username), full_name: Some(&full_name) };
        let password = Password::new(text.to_owned()).unwrap();
        policy
            .check(&password, &owner)
            .map_or_else(|found| found.iter().map(PasswordWeakness::code).collect(), |()| vec![])
    }

    fn weaknesses(text: &str) -> Vec<&'static str> {
        codes(text, PasswordPolicy::default())
    }

    #[test]
    fn good_passwords_are_welcome_whatever_their_characters() {
        for good in [
            "copper-violin-marsh-42",
            "correct horse battery staple",
            "žluťoučký kůň úpěl",
            "x8#kQ!m2Zp$w",
            "汉字密码是很长的一句话哦哦",
        ] {
            assert!(weaknesses(good).is_empty(), "{good}: {:?}", weaknesses(good));
        }
    }

    #[test]
    fn asvs_2_1_1_fewer_than_12_characters_are_too_few() {
        assert_eq!(weaknesses("x8#kQ!m2Zp$"), ["password_too_short"]);
        assert_eq!(weaknesses("žžž8#kQ!m2Z"), ["password_too_short"], "characters count, not bytes");
        assert_eq!(codes("x8#kQ!m2Zp$w", PasswordPolicy { min_length: 13 }), ["password_too_short"]);
    }

    #[test]
    fn length_is_counted_in_the_normal_form() {
        assert_eq!(weaknesses(&"e\u{301}".repeat(11)).first(), Some(&"password_too_short"));
    }

    #[test]
    fn asvs_2_1_2_up_to_128_characters_are_taken() {
        let long: String = ('a'..='z').cycle().step_by(7).take(128).collect();
        assert!(!weaknesses(&long).contains(&"password_too_long"));
        assert!(weaknesses(&(long + "x")).contains(&"password_too_long"));
    }

    #[test]
    fn asvs_2_1_7_the_commonest_are_refused_in_any_case() {
        assert_eq!(weaknesses("1Q2w3E4r5T6y"), ["password_too_common", "password_guessable"]);
        assert_eq!(codes("пАРОЛЬ", PasswordPolicy { min_length: 4 })[0], "password_too_common");
    }

    #[test]
    fn what_is_known_of_the_owner_is_refused() {
        for personal in [
            "Ann.Smithson@Example.com",
            "ann.smithson-2026",
            "!WINTERMUTE!winter",
            "MÜLLER-SMITHSON-42",
            "so: Ann Mu\u{308}ller-Smithson",
            "smithson@example",
        ] {
            assert!(weaknesses(personal).contains(&"password_contains_personal"), "{personal}");
        }
        for of_its_own in ["copper-banner-marsh-42", "copper-wintermute-marsh"] {
            assert!(!weaknesses(of_its_own).contains(&"password_contains_personal"), "{of_its_own}");
        }
    }

    #[test]
    fn guessable_ones_are_refused_also_with_pieces_of_the_address() {
        for guessable in ["aaaaaaaaaaaaaaaa", "qwertyuiopasdf", "Password123456", "smithson2019"] {
            assert!(weaknesses(guessable).contains(&"password_guessable"), "{guessable}");
        }
    }

    #[test]
    fn what_comes_after_48_characters_costs_no_time_and_earns_nothing() {
        let tail = "copper-violin-marsh-42";
        assert_eq!(weaknesses(&("a".repeat(48) + tail)), ["password_guessable"]);
        assert!(weaknesses(&("a".repeat(24) + tail)).is_empty());
    }

    #[test]
    fn each_weakness_says_the_cure() {
        let short = PasswordWeakness::TooShort { min_length: 14 };
        assert!(short.to_string().contains("at least 14 characters"));
        assert!(PasswordWeakness::Guessable.to_string().contains("add another word"));
    }

    #[test]
    fn without_context_only_the_password_itself_is_judged() {
        let password = Password::new("copper-wintermute-marsh".to_owned()).unwrap();
        assert_eq!(PasswordPolicy::default().check(&password, &PersonalContext::default()), Ok(()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn judging_never_panics_and_what_passes_is_long_enough(
            text in prop_oneof!["\\PC{0,140}", any::<String>(), "[a-zA-Z0-9 ]{8,40}"],
        ) {
            if let Ok(password) = Password::new(text) {
                let verdict = PasswordPolicy::default().check(&password, &PersonalContext::default());
                let length = password.expose().chars().count();
                prop_assert!(verdict.is_err() || (12..=128).contains(&length));
                prop_assert_ne!(verdict, Err(vec![]));
            }
        }
    }
}
