//! Turns what people type about an account into values, and collects all faults by field.
use crate::fields::Fields;
use crate::services::{Act, Policies};
use doorward_domain::{
    Email, Locale, Password, PersonName, PersonalContext, RoleName, Timestamp, User, UserId, Username,
};
use doorward_ports::inbound::{Change, ProfileChange};
use doorward_ports::outbound::PasswordHash;
use doorward_ports::{Result, Secret};
use std::collections::BTreeSet;
use std::ops::Deref;

/// The details of an account, as typed.
pub(super) struct Typed<'a> {
    pub email: &'a str,
    pub username: Option<&'a str>,
    pub full_name: Option<&'a str>,
    pub locale: Option<&'a str>,
    pub password: Option<&'a Secret>,
}

/// The details of an account, checked.
pub(crate) struct Details {
    pub email: Email,
    pub username: Option<Username>,
    pub full_name: Option<PersonName>,
    pub locale: Option<Locale>,
    pub password: Option<Password>,
}

impl Details {
    pub(super) fn check(policies: &Policies, typed: &Typed<'_>, mut fields: Fields) -> Result<Self> {
        let email = fields.take("/email", "invalid_email", Email::parse(typed.email));
        let username = fields.take_optional("/username", "invalid_username", typed.username.map(Username::parse));
        let full_name = fields.take_optional("/full_name", "invalid_full_name", typed.full_name.map(PersonName::parse));
        let locale = fields.take_optional("/locale", "invalid_locale", typed.locale.map(Locale::parse));
        let owner =
            PersonalContext { email: email.as_ref(), username: username.as_ref(), full_name: full_name.as_ref() };
        let password =
            typed.password.and_then(|typed| new_password(policies, (&mut fields, "/password"), typed, &owner));
        let email = fields.finish_with(email)?;
        Ok(Self { email, username, full_name, locale, password })
    }

    /// The hash of the password, if there is one. Work for a new account is in the line of its caller.
    pub async fn hash(&mut self, act: &Act<'_>) -> Result<Option<PasswordHash>> {
        match self.password.take() {
            Some(password) => act.hash(act.caller.key(), &password).await.map(Some),
            None => Ok(None),
        }
    }

    /// A new account with these details.
    pub fn into_user(self, id: UserId, roles: BTreeSet<RoleName>, now: Timestamp) -> User {
        User {
            id,
            email: self.email,
            email_verified: false,
            username: self.username,
            full_name: self.full_name,
            locale: self.locale,
            is_active: true,
            must_change_password: false,
            roles,
            external_id: None,
            created_at: now,
            updated_at: now,
            last_sign_in_at: None,
            version: 1,
        }
    }
}

/// A chosen password, if it is good enough for its owner.
pub(crate) fn new_password(
    policies: &Policies,
    (fields, pointer): (&mut Fields, &str),
    typed: &Secret,
    owner: &PersonalContext<'_>,
) -> Option<Password> {
    let password = fields.take(pointer, "password_too_long", Password::new(typed.expose().to_owned()))?;
    match policies.passwords.check(&password, owner) {
        Ok(()) => Some(password),
        Err(weaknesses) => {
            for weakness in weaknesses {
                fields.refuse(pointer, weakness.code(), &weakness);
            }
            None
        }
    }
}

/// Applies the properties that owners may change themselves.
pub(super) fn apply_profile(user: &mut User, change: &ProfileChange, fields: &mut Fields) {
    apply(&mut user.username, &change.username, |text| {
        fields.take("/username", "invalid_username", Username::parse(text))
    });
    apply(&mut user.full_name, &change.full_name, |text| {
        fields.take("/full_name", "invalid_full_name", PersonName::parse(text))
    });
    apply(&mut user.locale, &change.locale, |text| fields.take("/locale", "invalid_locale", Locale::parse(text)));
}

/// After a fault, the property does not change; the fault has been recorded.
pub(super) fn apply<T>(
    property: &mut Option<T>,
    change: &Change<impl Deref<Target = str>>,
    parse: impl FnOnce(&str) -> Option<T>,
) {
    match change {
        Change::Keep => {}
        Change::Clear => *property = None,
        Change::Set(text) => {
            if let Some(value) = parse(text) {
                *property = Some(value);
            }
        }
    }
}
