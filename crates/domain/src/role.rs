use std::collections::BTreeSet;

const LONGEST: usize = 63;

/// The largest length of the names of all roles of one account or client app, as a token lists them: each with two
/// quotes and a comma. A token has room for them besides its other claims, and so has one header of an answer.
pub const HELD_ROLES_BYTES: usize = 2_048;

/// Why a text is not a role's name, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RoleNameError {
    /// It is empty.
    #[error("The role's name is empty; enter one such as support or billing.reader.")]
    Empty,
    /// It has more than 63 characters.
    #[error("The role's name is too long; it may have up to 63 characters.")]
    TooLong,
    /// It begins with a dot, dash or underscore.
    #[error("The role's name must begin with a lower-case letter a-z or a digit.")]
    Start,
    /// It has a character other than lower-case letters, digits and `. _ -`.
    #[error(
        "The role's name has a character that is not allowed; use a-z in lower case, digits, dots, dashes and underscores."
    )]
    Character,
}

/// The name of a role: `^[a-z0-9][a-z0-9._-]{0,62}$`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleName(String);

value!(RoleName, RoleNameError);

impl RoleName {
    /// The name of the role that has every permission.
    pub const ADMIN: &'static str = "admin";
    /// The name of the role that every new account gets; it has no permission.
    pub const USER: &'static str = "user";

    /// Checks a name. It has only one spelling, so nothing is folded.
    ///
    /// # Errors
    /// [`RoleNameError`], whose text says what to do.
    pub fn parse(text: &str) -> Result<Self, RoleNameError> {
        if text.is_empty() {
            return Err(RoleNameError::Empty);
        }
        if text.len() > LONGEST {
            return Err(RoleNameError::TooLong);
        }
        if !text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b)) {
            return Err(RoleNameError::Character);
        }
        if text.starts_with(['.', '_', '-']) {
            return Err(RoleNameError::Start);
        }
        Ok(Self(text.to_owned()))
    }

    /// The role that has every permission.
    #[must_use]
    pub fn admin() -> Self {
        Self(Self::ADMIN.to_owned())
    }

    /// The role that every new account gets.
    #[must_use]
    pub fn user() -> Self {
        Self(Self::USER.to_owned())
    }

    /// Whether the role belongs to Doorward itself, so that it can be neither deleted nor changed.
    #[must_use]
    pub fn is_system(&self) -> bool {
        matches!(self.as_str(), Self::ADMIN | Self::USER)
    }

    /// Whether one account or client app may have all of these roles: whether a token can list them.
    #[must_use]
    pub fn can_be_held_together(roles: &BTreeSet<Self>) -> bool {
        roles.iter().map(|role| role.0.len() + 3).sum::<usize>() <= HELD_ROLES_BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::laws;
    use proptest::prelude::*;

    #[test]
    fn admin_and_user_are_the_systems_own() {
        assert_eq!(RoleName::parse("admin"), Ok(RoleName::admin()));
        assert_eq!(RoleName::parse("user"), Ok(RoleName::user()));
        assert!(RoleName::admin().is_system() && RoleName::user().is_system());
        assert!(!RoleName::parse("administrator").unwrap().is_system());
    }

    #[test]
    fn roles_can_be_held_together_while_their_list_is_short_enough() {
        let named = |count: usize, length: usize| {
            (0..count).map(|n| RoleName::parse(&format!("{n:0length$}")).unwrap()).collect::<BTreeSet<_>>()
        };
        assert!(RoleName::can_be_held_together(&named(0, 1)));
        assert!(RoleName::can_be_held_together(&named(128, 13)) && !RoleName::can_be_held_together(&named(129, 13)));
        assert!(RoleName::can_be_held_together(&named(31, 63)) && !RoleName::can_be_held_together(&named(32, 63)));
        let list = serde_json::to_string(&named(128, 13).iter().map(RoleName::as_str).collect::<Vec<_>>()).unwrap();
        assert!(list.len() <= HELD_ROLES_BYTES + 1, "what is counted is the list in a token: {list}");
    }

    #[test]
    fn a_name_that_only_looks_like_admin_is_refused() {
        for text in ["Admin", "ADMIN", " admin", "admin\0", "\u{430}dmin", "ａdmin", "ad min", "a/b"] {
            assert_eq!(RoleName::parse(text), Err(RoleNameError::Character), "{text:?}");
        }
    }

    #[test]
    fn a_role_name_has_1_to_63_characters_and_begins_with_a_letter_or_digit() {
        assert_eq!(RoleName::parse(""), Err(RoleNameError::Empty));
        assert!(RoleName::parse("a").is_ok() && RoleName::parse(&"a".repeat(63)).is_ok());
        assert_eq!(RoleName::parse(&"a".repeat(64)), Err(RoleNameError::TooLong));
        assert_eq!(RoleName::parse("-a"), Err(RoleNameError::Start));
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_what_was_written(text in laws::texts("[a-zA-Z0-9._-]{0,65}")) {
            if let Some(name) = laws::parsing_settles::<RoleName>(&text)? {
                prop_assert_eq!(name.as_str(), &text);
                prop_assert!((1..=63).contains(&text.len()));
                prop_assert!(text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit()));
            }
        }
    }
}
