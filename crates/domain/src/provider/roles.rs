use crate::value::is_invisible;
use crate::{RoleName, RoleNameError};
use std::collections::BTreeSet;
use std::fmt;

const LONGEST: usize = 255;

/// Why a text does not say which role a group gives, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GroupRoleError {
    /// It has no `=`.
    #[error("A group and its role are written with = in between, such as staff=support.")]
    NoRole,
    /// The group is empty, too long, or has a character that can't be seen.
    #[error("The group must have 1 to 255 characters; copy it as the provider sends it.")]
    Group,
    /// The role is not the name of one.
    #[error(transparent)]
    Role(#[from] RoleNameError),
}

/// A group at a provider, and the role that its members have here: `staff=support`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupRole {
    /// The group, as the provider sends it.
    pub group: String,
    /// The role.
    pub role: RoleName,
}

impl GroupRole {
    /// Reads the group up to the last `=`, because no role has one in its name.
    ///
    /// # Errors
    /// [`GroupRoleError`], whose text says what to do.
    pub fn parse(text: &str) -> Result<Self, GroupRoleError> {
        let (group, role) = text.rsplit_once('=').ok_or(GroupRoleError::NoRole)?;
        let (group, role) = (group.trim(), RoleName::parse(role.trim())?);
        if group.is_empty()
            || group.chars().nth(LONGEST).is_some()
            || group.chars().any(|c| c.is_control() || is_invisible(c))
        {
            return Err(GroupRoleError::Group);
        }
        Ok(Self { group: group.to_owned(), role })
    }
}

parsed!(GroupRole, GroupRoleError);

impl fmt::Display for GroupRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.group, self.role)
    }
}

/// Which roles the groups of a provider give. It decides about the roles in it and about no other: whoever signs in has
/// those that their groups give, and loses those that they don't.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct RoleMap(Vec<GroupRole>);

impl RoleMap {
    /// Whether it decides about no role.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Its entries, in their order.
    #[must_use]
    pub fn entries(&self) -> &[GroupRole] {
        &self.0
    }

    /// Whether a group gives this role.
    #[must_use]
    pub fn gives(&self, role: &RoleName) -> bool {
        self.0.iter().any(|entry| entry.role == *role)
    }

    /// The roles that it decides about.
    #[must_use]
    pub fn roles(&self) -> BTreeSet<&RoleName> {
        self.0.iter().map(|entry| &entry.role).collect()
    }

    /// Those of these groups that it knows.
    #[must_use]
    pub fn known(&self, groups: &[String]) -> BTreeSet<String> {
        groups.iter().filter(|group| self.0.iter().any(|entry| entry.group == **group)).cloned().collect()
    }

    /// What changes for somebody who holds these roles and is in these groups: the roles to grant, and those to revoke.
    #[must_use]
    pub fn changes(&self, held: &BTreeSet<RoleName>, groups: &BTreeSet<String>) -> RoleChanges<'_> {
        let given: BTreeSet<_> = self.0.iter().filter(|it| groups.contains(&it.group)).map(|it| &it.role).collect();
        let missing = self.roles().into_iter().filter(|role| !given.contains(role) && held.contains(*role));
        RoleChanges {
            revoke: missing.collect(),
            grant: given.iter().copied().filter(|role| !held.contains(*role)).collect(),
        }
    }
}

impl FromIterator<GroupRole> for RoleMap {
    fn from_iter<T: IntoIterator<Item = GroupRole>>(entries: T) -> Self {
        Self(entries.into_iter().collect())
    }
}

/// Roles to grant and to revoke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleChanges<'a> {
    /// The roles that are not held yet.
    pub grant: Vec<&'a RoleName>,
    /// The roles that are held without a reason.
    pub revoke: Vec<&'a RoleName>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn role(name: &str) -> RoleName {
        RoleName::parse(name).unwrap()
    }

    #[test]
    fn a_group_may_have_blanks_and_signs_and_a_role_has_none() {
        for (text, group, name) in [
            ("staff=support", "staff", "support"),
            ("cn=staff,ou=groups=support", "cn=staff,ou=groups", "support"),
            (" All Staff = support ", "All Staff", "support"),
            ("8b8b\u{f1}=support", "8b8b\u{f1}", "support"),
        ] {
            let entry = GroupRole::parse(text).unwrap();
            assert_eq!((entry.group.as_str(), &entry.role), (group, &role(name)));
            assert_eq!(GroupRole::parse(&entry.to_string()), Ok(entry));
        }
        assert_eq!(GroupRole::parse("staff"), Err(GroupRoleError::NoRole));
        assert_eq!(GroupRole::parse("=support"), Err(GroupRoleError::Group));
        assert_eq!(GroupRole::parse("a\u{200b}=support"), Err(GroupRoleError::Group));
        assert_eq!(GroupRole::parse(&format!("{}=support", "a".repeat(256))), Err(GroupRoleError::Group));
        assert_eq!(GroupRole::parse("staff=All Staff"), Err(GroupRoleError::Role(RoleNameError::Character)));
    }

    #[test]
    fn two_groups_can_give_one_role_and_one_group_can_give_two() {
        let map: RoleMap =
            ["a=support", "b=support", "b=sales"].iter().map(|text| GroupRole::parse(text).unwrap()).collect();
        let changes = |held: &[&str], groups: &[&str]| {
            let held = held.iter().map(|name| role(name)).collect();
            let groups = groups.iter().map(|group| (*group).to_owned()).collect();
            let changes = map.changes(&held, &groups);
            [changes.grant, changes.revoke].map(|roles| roles.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        assert_eq!(changes(&[], &["b", "z"]), [vec!["sales", "support"], vec![]]);
        assert_eq!(changes(&["support", "sales", "other"], &["a"]), [vec![], vec!["sales"]]);
        assert_eq!(changes(&["other"], &[]), [Vec::<String>::new(), vec![]]);
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in ".{0,300}") {
            if let Ok(entry) = GroupRole::parse(&text) {
                prop_assert_eq!(GroupRole::parse(&entry.to_string()), Ok(entry));
            }
        }

        /// For all maps, groups and roles: no other role than those of the map changes, and nothing is left to change
        /// afterwards.
        #[test]
        fn a_map_decides_about_its_own_roles_alone(
            entries in prop::collection::vec(("[a-c]", "[p-t]"), 0..6),
            held in prop::collection::btree_set("[p-z]", 0..6),
            groups in prop::collection::btree_set("[a-e]", 0..4),
        ) {
            let map: RoleMap =
                entries.into_iter().map(|(group, name)| GroupRole { group, role: role(&name) }).collect();
            let held: BTreeSet<RoleName> = held.iter().map(|name| role(name)).collect();
            let RoleChanges { grant, revoke } = map.changes(&held, &groups);
            for changed in grant.iter().chain(&revoke) {
                prop_assert!(map.roles().contains(changed));
            }
            let mut after: BTreeSet<RoleName> = held.iter().filter(|role| !revoke.contains(role)).cloned().collect();
            after.extend(grant.into_iter().cloned());
            let again = map.changes(&after, &groups);
            prop_assert!(again.grant.is_empty() && again.revoke.is_empty());
        }
    }
}
