use std::collections::{BTreeSet, btree_set};

const LONGEST: usize = 64;

/// The largest number of permissions besides Doorward's own. The role `admin` has them all, and an answer must be able
/// to contain them.
pub const MOST_OWN_PERMISSIONS: usize = 1_000;

/// Why a text is not a permission, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PermissionError {
    /// It is empty.
    #[error("The permission is empty; enter one such as reports:read.")]
    Empty,
    /// It has more than 64 characters.
    #[error("The permission is too long; it may have up to 64 characters.")]
    TooLong,
    /// It has a character other than lower-case letters, digits and `_ . : -`.
    #[error(
        "The permission has a character that is not allowed; use a-z in lower case, digits and _ . : -, as in reports:read."
    )]
    Character,
}

/// The name of one kind of action: `^[a-z0-9_.:-]+$`, up to 64 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Permission(String);

value!(Permission, PermissionError);

impl Permission {
    /// Checks a permission. It has only one spelling, so nothing is folded.
    ///
    /// # Errors
    /// [`PermissionError`], whose text says what to do.
    pub fn parse(text: &str) -> Result<Self, PermissionError> {
        if text.is_empty() {
            return Err(PermissionError::Empty);
        }
        if text.len() > LONGEST {
            return Err(PermissionError::TooLong);
        }
        if !text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_.:-".contains(&b)) {
            return Err(PermissionError::Character);
        }
        Ok(Self(text.to_owned()))
    }

    /// Whether Doorward itself needs it, so that it can't be deleted.
    #[must_use]
    pub fn is_system(&self) -> bool {
        SYSTEM_PERMISSIONS.contains(&self.as_str())
    }
}

macro_rules! system_permissions {
    ($count:literal: $($(#[$doc:meta])* $function:ident = $name:literal),* $(,)?) => {
        /// The permissions of Doorward itself. They can't be deleted, and the role `admin` has them all.
        pub const SYSTEM_PERMISSIONS: [&str; $count] = [$($name),*];

        impl Permission {
            $($(#[$doc])* #[must_use] pub fn $function() -> Self { Self($name.to_owned()) })*
        }
    };
}

system_permissions! { 13:
    /// Read every account.
    users_read = "users:read",
    /// Create, change, disable and delete accounts.
    users_write = "users:write",
    /// Read roles and permissions.
    roles_read = "roles:read",
    /// Create, change, grant and delete roles and permissions.
    roles_write = "roles:write",
    /// Read the identity providers.
    providers_read = "providers:read",
    /// Create, change and delete identity providers.
    providers_write = "providers:write",
    /// Read the client apps.
    client_apps_read = "client_apps:read",
    /// Create, change and delete client apps.
    client_apps_write = "client_apps:write",
    /// Read the audit log.
    audit_read = "audit:read",
    /// Read the sessions of all accounts.
    sessions_read = "sessions:read",
    /// End the sessions of all accounts.
    sessions_revoke = "sessions:revoke",
    /// Introspect tokens.
    tokens_introspect = "tokens:introspect",
    /// Read the metrics and the details of the health of the service.
    system_read = "system:read",
}

/// A set of permissions, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct PermissionSet(BTreeSet<Permission>);

impl PermissionSet {
    /// The empty set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// All permissions of Doorward itself.
    #[must_use]
    pub fn system() -> Self {
        SYSTEM_PERMISSIONS.iter().map(|&name| Permission(name.to_owned())).collect()
    }

    /// Whether the permission is in the set.
    #[must_use]
    pub fn contains(&self, permission: &Permission) -> bool {
        self.0.contains(permission)
    }

    /// Whether all permissions in `needed` are in this set.
    #[must_use]
    pub fn covers(&self, needed: &Self) -> bool {
        needed.is_subset_of(self)
    }

    /// Whether all permissions of this set are in `other`.
    #[must_use]
    pub fn is_subset_of(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }

    /// The union of both sets.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0).cloned().collect())
    }

    /// The permissions of this set that `other` lacks.
    #[must_use]
    pub fn missing_from(&self, other: &Self) -> Self {
        Self(self.0.difference(&other.0).cloned().collect())
    }

    /// Adds a permission; false if the set already has it.
    pub fn insert(&mut self, permission: Permission) -> bool {
        self.0.insert(permission)
    }

    /// Removes a permission; false if the set does not have it.
    pub fn remove(&mut self, permission: &Permission) -> bool {
        self.0.remove(permission)
    }

    /// The permissions, sorted by name.
    pub fn iter(&self) -> btree_set::Iter<'_, Permission> {
        self.0.iter()
    }

    /// The number of permissions that are not Doorward's own.
    #[must_use]
    pub fn own(&self) -> usize {
        self.iter().filter(|permission| !permission.is_system()).count()
    }

    /// The number of permissions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the set is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Permission> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(permissions.into_iter().collect())
    }
}

impl Extend<Permission> for PermissionSet {
    fn extend<I: IntoIterator<Item = Permission>>(&mut self, permissions: I) {
        self.0.extend(permissions);
    }
}

impl IntoIterator for PermissionSet {
    type Item = Permission;
    type IntoIter = btree_set::IntoIter<Permission>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a PermissionSet {
    type Item = &'a Permission;
    type IntoIter = btree_set::Iter<'a, Permission>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::laws;
    use proptest::prelude::*;

    fn set(names: &[&str]) -> PermissionSet {
        names.iter().map(|name| Permission::parse(name).unwrap()).collect()
    }

    #[test]
    fn the_thirteen_of_the_contract_are_the_systems_own() {
        assert_eq!(PermissionSet::system().len(), 13);
        for name in SYSTEM_PERMISSIONS {
            assert!(Permission::parse(name).unwrap().is_system(), "{name}");
        }
        assert_eq!(Permission::client_apps_read().as_str(), "client_apps:read");
        assert!(!Permission::parse("reports:read").unwrap().is_system());
    }

    #[test]
    fn a_permission_is_a_slug_of_up_to_64_characters() {
        assert_eq!(Permission::parse(""), Err(PermissionError::Empty));
        assert!(Permission::parse("a").is_ok() && Permission::parse(&"a".repeat(64)).is_ok());
        assert_eq!(Permission::parse(&"a".repeat(65)), Err(PermissionError::TooLong));
        for text in ["Users:read", "users read", "users/read", "users:*", "usеrs:read", "users:read\n"] {
            assert_eq!(Permission::parse(text), Err(PermissionError::Character), "{text:?}");
        }
    }

    #[test]
    fn a_set_tells_what_is_missing() {
        let (mine, needed) = (set(&["a", "b"]), set(&["b", "c"]));
        assert_eq!(needed.missing_from(&mine), set(&["c"]));
        assert!(!mine.covers(&needed));
        assert!(mine.union(&needed).covers(&needed));
        assert!(mine.covers(&PermissionSet::new()) && PermissionSet::new().is_empty());
    }

    #[test]
    fn doorwards_own_permissions_are_not_counted_among_ones_own() {
        let mut permissions = PermissionSet::system();
        assert_eq!(permissions.own(), 0);
        permissions.extend(set(&["reports:read", "users:read", "users:erase"]));
        assert_eq!(permissions.own(), 2);
    }

    #[test]
    fn a_set_keeps_each_permission_once_and_in_order() {
        let mut permissions = set(&["b", "a", "b"]);
        assert_eq!(permissions.iter().map(Permission::as_str).collect::<Vec<_>>(), ["a", "b"]);
        assert!(!permissions.insert(Permission::parse("a").unwrap()));
        assert!(permissions.remove(&Permission::parse("a").unwrap()));
        assert!(!permissions.contains(&Permission::parse("a").unwrap()));
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_what_was_written(text in laws::texts("[a-zA-Z0-9_.:-]{0,66}")) {
            if let Some(permission) = laws::parsing_settles::<Permission>(&text)? {
                prop_assert_eq!(permission.as_str(), &text);
                prop_assert!((1..=64).contains(&text.len()));
            }
        }

        #[test]
        fn covering_and_missing_agree(
            a in prop::collection::vec("[a-e]", 0..6),
            b in prop::collection::vec("[a-e]", 0..6),
        ) {
            let names = |names: &[String]| set(&names.iter().map(String::as_str).collect::<Vec<_>>());
            let (a, b) = (names(&a), names(&b));
            prop_assert_eq!(a.covers(&b), b.missing_from(&a).is_empty());
            prop_assert_eq!(a.covers(&b), a.union(&b) == a);
        }
    }
}
