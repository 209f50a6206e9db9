use crate::{AssuranceLevel, RoleName};
use std::collections::BTreeSet;

/// Which accounts must have a second factor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum FactorRequirement {
    /// None: each owner decides.
    #[default]
    Optional,
    /// Those with one of these roles.
    ForRoles(BTreeSet<RoleName>),
    /// All.
    ForAll,
}

impl FactorRequirement {
    /// Whether an account with these roles must have one.
    #[must_use]
    pub fn concerns(&self, roles: &BTreeSet<RoleName>) -> bool {
        match self {
            Self::Optional => false,
            Self::ForRoles(required) => !required.is_disjoint(roles),
            Self::ForAll => true,
        }
    }

    /// Whether a session with these roles and this level can do nothing else than enrol a factor, or show one.
    #[must_use]
    pub fn restricts(&self, roles: &BTreeSet<RoleName>, level: AssuranceLevel) -> bool {
        level < AssuranceLevel::Two && self.concerns(roles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn roles(names: &[&str]) -> BTreeSet<RoleName> {
        names.iter().map(|name| RoleName::parse(name).unwrap()).collect()
    }

    #[test]
    fn one_of_the_roles_is_enough() {
        let admins = FactorRequirement::ForRoles(roles(&["admin", "support"]));
        assert!(admins.concerns(&roles(&["user", "support"])));
        assert!(!admins.concerns(&roles(&["user"])) && !admins.concerns(&roles(&[])));
        assert!(FactorRequirement::ForAll.concerns(&roles(&[])));
        assert!(!FactorRequirement::default().concerns(&roles(&["admin"])));
    }

    proptest! {
        /// For all policies and roles: two factors are never too few, and one is too few exactly where a second is required.
        #[test]
        fn two_factors_are_always_enough(all: bool, held in prop::collection::btree_set("[a-c]", 0..3), required in prop::collection::btree_set("[a-c]", 0..3)) {
            let [held, required] = [held, required].map(|names| names.iter().map(|name| RoleName::parse(name).unwrap()).collect());
            let policy = if all { FactorRequirement::ForAll } else { FactorRequirement::ForRoles(required) };
            prop_assert!(!policy.restricts(&held, AssuranceLevel::Two));
            prop_assert_eq!(policy.restricts(&held, AssuranceLevel::One), policy.concerns(&held));
        }
    }
}
