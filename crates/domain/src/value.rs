//! What all text values share: their traits, and the checks of characters that several of them need.

/// Gives a newtype over `String` with `parse` its standard traits; `parsed!` gives the others.
macro_rules! value {
    ($name:ident, $error:ident) => {
        impl $name {
            /// The value as text, in its one normal form.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        parsed!($name, $error);
    };
}

/// Gives a newtype with a secret or personal data a `Debug` that does not show it, so that no log can: not even within another type.
macro_rules! hidden {
    ($name:ident) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

/// Gives a type with `parse` and `Display` the traits that follow from them, so that no value can be created without
/// `parse`.
macro_rules! parsed {
    ($name:ident, $error:ident) => {
        impl std::str::FromStr for $name {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, $error> {
                Self::parse(text)
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

/// Whether a character moves, hides or reorders its neighbours instead of showing itself: zero-width characters, bidi
/// marks and overrides, soft hyphen, line and paragraph separators, variation selectors, tags (UTS #39 §3.1, UAX #9 §2).
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// What is true of every parser of outside input; the tests of each value call it with likely and unlikely texts.
#[cfg(test)]
pub(crate) mod laws {
    use proptest::prelude::*;
    use std::fmt::{Debug, Display};
    use std::str::FromStr;

    /// Texts with a likely form, and any others.
    pub(crate) fn texts(likely: &'static str) -> impl Strategy<Value = String> {
        prop_oneof![3 => likely, 1 => "\\PC{0,40}", 1 => any::<String>()]
    }

    /// Parsing does not panic, and it accepts its own output unchanged.
    pub(crate) fn parsing_settles<T>(text: &str) -> Result<Option<T>, TestCaseError>
    where
        T: FromStr<Err: Display + Debug + PartialEq> + Display + Debug + PartialEq,
    {
        match text.parse::<T>() {
            Ok(value) => {
                let again = value.to_string().parse::<T>();
                prop_assert_eq!(again.as_ref(), Ok(&value));
                Ok(Some(value))
            }
            Err(error) => {
                prop_assert!(error.to_string().ends_with('.'), "a sentence: {error}");
                Ok(None)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Email, ExternalId, Identifier, Password, PersonName, SearchKey, Timestamp, User, UserId, Username};
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[cfg(feature = "serde")]
    #[test]
    fn no_bad_value_comes_in_through_serde() {
        use crate::{Network, PermissionSet};
        let email: Email = serde_json::from_str(r#""Ann@EXAMPLE.com""#).unwrap();
        assert_eq!(serde_json::to_string(&email).unwrap(), r#""ann@example.com""#);
        let refused = serde_json::from_str::<Email>(r#""ann""#).unwrap_err();
        assert!(refused.to_string().contains("exactly one @"), "{refused}");
        assert!(serde_json::from_str::<Network>(r#""203.0.113.7/24""#).is_err());
        assert!(serde_json::from_str::<PermissionSet>(r#"["users:read", "Users:Write"]"#).is_err());
    }

    proptest! {
        #[test]
        fn debug_shows_nothing_of_a_secret_or_of_a_person(mark in "zq[a-z]{8}", pretty in any::<bool>()) {
            let now = Timestamp::from_seconds(1);
            let user = User {
                id: UserId::mint(now, [1; 10]),
                email: Email::parse(&format!("{mark}@{mark}.com")).unwrap(),
                email_verified: true,
                username: Some(Username::parse(&mark).unwrap()),
                full_name: Some(PersonName::parse(&mark).unwrap()),
                locale: None,
                is_active: true,
                must_change_password: false,
                roles: BTreeSet::new(),
                external_id: Some(ExternalId::parse(&mark).unwrap()),
                created_at: now,
                updated_at: now,
                last_sign_in_at: None,
                version: 1,
            };
            let names = [Identifier::parse(&mark), Identifier::parse(user.email.as_str())];
            let (keys, password) = (SearchKey::of(&user), Password::new(mark.clone()));
            prop_assert!(keys.iter().any(|key| key.as_str() == mark));
            let all = (user, names, keys, password);
            let shown = if pretty { format!("{all:#?}") } else { format!("{all:?}") };
            prop_assert!(!shown.contains(&mark), "{shown}");
            let hidden = ["Email(…)", "Username(…)", "PersonName(…)", "ExternalId(…)", "SearchKey(…)", "Password(…)"];
            prop_assert!(hidden.iter().all(|name| shown.contains(name)), "{shown}");
        }
    }

    #[test]
    fn visible_characters_are_not_taken_for_invisible_ones() {
        assert!(!"aé中א😀 ́-".chars().any(is_invisible));
        assert!("\u{200b}\u{202e}\u{2066}\u{feff}\u{ad}\u{e0041}".chars().all(is_invisible));
    }
}
