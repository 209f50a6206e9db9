use crate::{Email, ExternalId, Locale, PersonName, RoleName, Timestamp, UserId, Username};
use std::collections::BTreeSet;

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct User {
    /// Its id, which is never reused.
    pub id: UserId,
    /// The e-mail address of the owner, which is unique.
    pub email: Email,
    /// Whether the owner has proved that the e-mail address is theirs.
    pub email_verified: bool,
    /// Another name with which the owner can sign in, which is unique.
    pub username: Option<Username>,
    /// The name of the owner, for people.
    pub full_name: Option<PersonName>,
    /// The language of the owner.
    pub locale: Option<Locale>,
    /// Whether the account may be used; a disabled account keeps its data and can do nothing.
    pub is_active: bool,
    /// Whether the owner must choose another password before anything else, because somebody else knows this one.
    pub must_change_password: bool,
    /// Its roles, sorted.
    pub roles: BTreeSet<RoleName>,
    /// Its id in the system from which it was imported.
    pub external_id: Option<ExternalId>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When any of the above was last changed.
    pub updated_at: Timestamp,
    /// When the owner last signed in.
    pub last_sign_in_at: Option<Timestamp>,
    /// The number of its changes, for the `ETag` of the account (RFC 9110 §8.8.3).
    pub version: i64,
}

/// Why an account may not sign in although the password was right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInRefusal {
    /// An administrator has disabled it.
    Disabled,
    /// The e-mail address is not verified, which is required.
    EmailUnverified,
}

impl User {
    /// Whether the owner, once authenticated, may sign in now.
    ///
    /// # Errors
    /// The reason of the refusal. Show it only to a caller who knows the password, so that it does not reveal which
    /// accounts exist.
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
