use crate::{Email, ExternalId, Locale, PersonName, RoleName, Timestamp, UserId, Username};
use std::collections::BTreeSet;

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct User {
    /// Its name to machines; never reused.
    pub id: UserId,
    /// Where its owner is reached; unique.
    pub email: Email,
    /// Whether the owner has shown that the address is his.
    pub email_verified: bool,
    /// A second name to sign in with; unique.
    pub username: Option<Username>,
    /// What people call the owner.
    pub full_name: Option<PersonName>,
    /// The language the owner reads.
    pub locale: Option<Locale>,
    /// A disabled account keeps its data and can do nothing.
    pub is_active: bool,
    /// The roles it holds, sorted.
    pub roles: BTreeSet<RoleName>,
    /// Its name in the system it was imported from.
    pub external_id: Option<ExternalId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When anything above was last changed.
    pub updated_at: Timestamp,
    /// When somebody last signed in to it.
    pub last_sign_in_at: Option<Timestamp>,
    /// Counts the changes; the `ETag` of the account (RFC 9110 §8.8.3).
    pub version: i64,
}

/// Why an account whose password was right may still not sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInRefusal {
    /// An administrator has disabled it.
    Disabled,
    /// The address must be verified first, and is not.
    EmailUnverified,
}

impl User {
    /// Whether somebody who has proven to be the owner may sign in now.
    ///
    /// # Errors
    /// The reason why not. It may be told only to one who knew the password, lest it tell others that the account exists.
    pub fn may_sign_in(&self, require_verified_email: bool) -> Result<(), SignInRefusal> {
        if !self.is_active {
            return Err(SignInRefusal::Disabled);
        }
        if require_verified_email && !self.email_verified {
            return Err(SignInRefusal::EmailUnverified);
        }
        Ok(())
    }
}
