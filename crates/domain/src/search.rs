//! Finding accounts by the beginning of a word.
use crate::{User, Username};
use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

const LONGEST: usize = 64;
/// A text beyond this length is not read.
const LONGEST_RAW_BYTES: usize = 4096;
const MOST_KEYS: usize = 24;

/// A search key of accounts: a text from the beginning of a word on, without case and accents. An account has one for
/// each word of its name, username and e-mail address. A search is a search key too, and finds the accounts with a key
/// that begins with it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SearchKey(String);

hidden!(SearchKey);

impl SearchKey {
    /// What somebody searches for. None if it is empty.
    #[must_use]
    pub fn searched(text: &str) -> Option<Self> {
        let folded = fold(text);
        // The form in which people search for the accounts of a domain.
        let text = folded.trim_start_matches(['@', ' ']);
        (!text.is_empty()).then(|| Self::cut(text))
    }

    /// All search keys of an account, in order, byte by byte.
    #[must_use]
    pub fn of(user: &User) -> BTreeSet<Self> {
        let (local, domain) = (fold(user.email.local_part()), user.email.domain());
        let address = format!("{local}@{domain}");
        let name = user.full_name.as_ref().map(|name| fold(name.as_str())).unwrap_or_default();
        let username = user.username.as_ref().map_or("", Username::as_str);
        let of_address = beginnings(&address).filter(|at| *at < local.len()).map(|at| &address[at..]);
        let of_name = beginnings(&name).map(|at| &name[at..]);
        let of_username = beginnings(username).map(|at| &username[at..]);
        [domain]
            .into_iter()
            .chain(of_address)
            .chain(of_username)
            .chain(of_name)
            .take(MOST_KEYS)
            .map(Self::cut)
            .collect()
    }

    fn cut(text: &str) -> Self {
        let end = text.char_indices().nth(LONGEST).map_or(text.len(), |(at, _)| at);
        Self(text[..end].trim_end().to_owned())
    }

    /// Whether a search finds an account with this key.
    #[must_use]
    pub fn begins_with(&self, search: &Self) -> bool {
        self.0.starts_with(&search.0)
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The positions at which words begin.
fn beginnings(text: &str) -> impl Iterator<Item = usize> {
    let mut inside = false;
    text.char_indices().filter_map(move |(at, c)| {
        let begins = c.is_alphanumeric() && !inside;
        inside = c.is_alphanumeric();
        begins.then_some(at)
    })
}

/// Lower case without accents, one space between words, no control characters.
fn fold(text: &str) -> String {
    let mut end = text.len().min(LONGEST_RAW_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let plain = |text: &str| text.nfkd().filter(|c| !is_combining_mark(*c)).collect::<String>();
    // Lower case can add an accent: İ is i with a dot above.
    let folded = plain(&plain(&text[..end]).to_lowercase());
    let words = folded.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Timestamp, UserId};
    use proptest::prelude::*;

    fn user(email: &str, username: Option<&str>, name: Option<&str>) -> User {
        let now = Timestamp::from_seconds(1);
        User {
            id: UserId::mint(now, [1; 10]),
            email: email.parse().unwrap(),
            email_verified: true,
            username: username.map(|text| text.parse().unwrap()),
            full_name: name.map(|text| text.parse().unwrap()),
            locale: None,
            is_active: true,
            must_change_password: false,
            roles: BTreeSet::new(),
            external_id: None,
            created_at: now,
            updated_at: now,
            last_sign_in_at: None,
            version: 1,
        }
    }

    fn found(user: &User, search: &str) -> bool {
        let search = SearchKey::searched(search).unwrap();
        SearchKey::of(user).iter().any(|key| key.begins_with(&search))
    }

    #[test]
    fn an_account_is_found_by_each_word_of_its_name_username_and_address() {
        let ann = user("a.lee+news@mail.example.com", Some("ann_the-first"), Some("Ann Maria O’Brien"));
        for search in [
            "ann",
            "Ann",
            "ANN MAR",
            "ann  maria o’b",
            "maria",
            "Maria O",
            "brien",
            "a.lee",
            "lee",
            "news@mail.example.com",
            "mail.example",
            "@mail",
            "ann_the",
            "the-first",
            "first",
        ] {
            assert!(found(&ann, search), "{search}");
        }
        for search in ["nn", "lee maria", "example", "com", "_the", "%", "bob", "ann maria o’brien x"] {
            assert!(!found(&ann, search), "{search}");
        }
    }

    #[test]
    fn case_and_accents_make_no_difference() {
        let user = user("jose@example.com", None, Some("José Müller Şahin İnan Łukasz"));
        for search in ["JOSE M", "josé", "muller", "MÜLLER", "sahin", "inan", "İNAN", "İnan"] {
            assert!(found(&user, search), "{search}");
        }
    }

    #[test]
    fn words_of_other_alphabets_are_found_too() {
        let user = user("taro@example.com", None, Some("山田 太郎 Мария"));
        for search in ["山", "太郎", "мар", "МАРИЯ"] {
            assert!(found(&user, search), "{search}");
        }
    }

    #[test]
    fn nothing_typed_is_no_search() {
        for nothing in ["", "  ", "\0", "@", "\u{301}"] {
            assert_eq!(SearchKey::searched(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn what_an_account_is_found_by_is_bounded() {
        let user = user("a@example.com", None, Some(&"ab ".repeat(66)));
        let keys = SearchKey::of(&user);
        assert!(keys.len() <= MOST_KEYS && keys.iter().all(|key| key.0.chars().count() <= LONGEST));
        assert!(SearchKey::searched(&"é".repeat(100_000)).unwrap().0.chars().count() <= LONGEST);
    }

    proptest! {
        #[test]
        fn any_text_can_be_searched_and_finds_the_name_that_it_is(text in "\\PC{0,40}") {
            if let Some(search) = SearchKey::searched(&text) {
                prop_assert!(!search.as_str().contains(char::is_control));
                let again = SearchKey::searched(search.as_str());
                prop_assert_eq!(again.as_ref(), Some(&search));
            }
            if let (Ok(name), Some(search)) = (text.parse::<crate::PersonName>(), SearchKey::searched(&text))
                && search.as_str().starts_with(char::is_alphanumeric)
            {
                let user = user("ann@example.com", None, Some(name.as_str()));
                let keys = SearchKey::of(&user);
                prop_assert!(keys.len() == MOST_KEYS || keys.iter().any(|key| key.begins_with(&search)));
            }
        }
    }
}
