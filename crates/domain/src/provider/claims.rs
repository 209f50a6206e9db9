use crate::value::is_invisible;

const LONGEST: usize = 200;

/// Why a text is not the name of a claim, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClaimNameError {
    /// It is empty.
    #[error("The name of the claim is empty; enter one such as email, or omit it.")]
    Empty,
    /// It has more than 200 characters.
    #[error("The name of the claim is too long; it may have up to 200 characters.")]
    TooLong,
    /// It has white space, or a character that can't be seen.
    #[error("The name of the claim has a space or an invisible character in it; copy it as the provider shows it.")]
    Character,
}

/// The name of a claim (RFC 7519 §4), such as `email` or `https://example.com/groups`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClaimName(String);

value!(ClaimName, ClaimNameError);

impl ClaimName {
    /// Checks a name; it is kept as it is written.
    ///
    /// # Errors
    /// [`ClaimNameError`], whose text says what to do.
    pub fn parse(text: &str) -> Result<Self, ClaimNameError> {
        if text.is_empty() {
            return Err(ClaimNameError::Empty);
        }
        if text.chars().nth(LONGEST).is_some() {
            return Err(ClaimNameError::TooLong);
        }
        if text.chars().any(|c| c.is_control() || c.is_whitespace() || is_invisible(c)) {
            return Err(ClaimNameError::Character);
        }
        Ok(Self(text.to_owned()))
    }

    fn standard(name: &str) -> Self {
        Self(name.to_owned())
    }
}

/// In which claims a provider states what Doorward keeps of a person. The subject is no part of it: it is always the
/// one that the kind of the provider defines.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(default, deny_unknown_fields))]
pub struct ClaimMap {
    /// The e-mail address.
    pub email: ClaimName,
    /// Whether the provider has verified the e-mail address.
    pub email_verified: ClaimName,
    /// The full name.
    pub full_name: ClaimName,
    /// The username that a new account would have.
    pub username: ClaimName,
    /// The language tag.
    pub locale: ClaimName,
    /// The groups of the person at the provider.
    pub groups: ClaimName,
}

impl ClaimMap {
    /// The names of its members, as requests and options have them.
    pub const MEMBERS: [&'static str; 6] = ["email", "email_verified", "full_name", "username", "locale", "groups"];

    /// The member with this name.
    pub fn member(&mut self, name: &str) -> Option<&mut ClaimName> {
        Some(match name {
            "email" => &mut self.email,
            "email_verified" => &mut self.email_verified,
            "full_name" => &mut self.full_name,
            "username" => &mut self.username,
            "locale" => &mut self.locale,
            "groups" => &mut self.groups,
            _ => return None,
        })
    }
}

impl Default for ClaimMap {
    /// The standard claims (OpenID Connect Core §5.1), and `groups`, as most providers name it.
    fn default() -> Self {
        Self {
            email: ClaimName::standard("email"),
            email_verified: ClaimName::standard("email_verified"),
            full_name: ClaimName::standard("name"),
            username: ClaimName::standard("preferred_username"),
            locale: ClaimName::standard("locale"),
            groups: ClaimName::standard("groups"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::laws;
    use proptest::prelude::*;

    #[test]
    fn a_claim_may_be_a_url_and_has_no_blank() {
        for text in ["email", "https://example.com/groups", "cognito:groups"] {
            assert_eq!(ClaimName::parse(text).unwrap().as_str(), text);
        }
        assert_eq!(ClaimName::parse(""), Err(ClaimNameError::Empty));
        assert_eq!(ClaimName::parse(&"a".repeat(201)), Err(ClaimNameError::TooLong));
        for text in ["a b", " a", "a\n", "a\u{200b}"] {
            assert_eq!(ClaimName::parse(text), Err(ClaimNameError::Character), "{text:?}");
        }
    }

    #[test]
    fn a_map_in_json_names_only_what_differs() {
        let map: ClaimMap = serde_json::from_str(r#"{"groups": "roles"}"#).unwrap();
        assert_eq!(map, ClaimMap { groups: ClaimName::parse("roles").unwrap(), ..ClaimMap::default() });
        let text = serde_json::to_string(&map).unwrap();
        assert_eq!(serde_json::from_str::<ClaimMap>(&text).unwrap(), map);
        assert!(serde_json::from_str::<ClaimMap>(r#"{"subject": "email"}"#).is_err());
        assert!(serde_json::from_str::<ClaimMap>(r#"{"email": ""}"#).is_err());
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_what_was_written(text in laws::texts("[a-zA-Z0-9:/._ -]{0,210}")) {
            if let Some(name) = laws::parsing_settles::<ClaimName>(&text)? {
                prop_assert_eq!(name.as_str(), &text);
            }
        }
    }
}
