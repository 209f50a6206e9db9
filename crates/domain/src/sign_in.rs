use crate::{AssuranceLevel, AuthenticationEvent, Authentications, SignInRefusal, User, UserId};

/// A sign-in on its way: whose it is, and what has been proved so far.
///
/// `begin` → `judge` → [`Step::SignedIn`], or [`Step::Challenge`] → `prove` → `judge` …, or a refusal. There is no other way
/// to the [`Authentications`] of a session, so that no sign-in can pass by the account's state or by a factor.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct SignIn {
    user: UserId,
    proved: Authentications,
}

/// What a sign-in is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignInRules {
    /// Whether the e-mail address must have been verified.
    pub require_verified_email: bool,
    /// The least assurance that the account asks for.
    pub level: AssuranceLevel,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// It is enough: a session may rest on this.
    SignedIn(Authentications),
    /// Another factor is asked for; [`SignIn::prove`] goes on from here.
    Challenge(SignIn),
}

impl SignIn {
    /// Somebody has proved to be the user, by one method.
    pub const fn begin(user: UserId, first: AuthenticationEvent) -> Self {
        Self { user, proved: Authentications::begin(first) }
    }

    /// The account that it is about.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// They have proved it by one more.
    pub fn prove(self, next: AuthenticationEvent) -> Self {
        Self { proved: self.proved.with(next), ..self }
    }

    /// Whether that is enough, as the account is now.
    ///
    /// # Errors
    /// When the account may not be signed in to, however much is proved.
    ///
    /// # Panics
    /// When it is judged by another account: a fault of whoever calls.
    pub fn judge(self, user: &User, rules: &SignInRules) -> Result<Step, SignInRefusal> {
        assert_eq!(user.id, self.user, "a sign-in is judged by its own account");
        user.may_sign_in(rules.require_verified_email)?;
        Ok(if self.proved.level() >= rules.level { Step::SignedIn(self.proved) } else { Step::Challenge(self) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Email, RoleName, Timestamp};
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

    fn user(is_active: bool, email_verified: bool) -> User {
        User {
            id: UserId::mint(NOW, [7; 10]),
            email: Email::parse("ann@example.org").unwrap(),
            email_verified,
            username: None,
            full_name: None,
            locale: None,
            is_active,
            roles: BTreeSet::from([RoleName::user()]),
            external_id: None,
            created_at: NOW,
            updated_at: NOW,
            last_sign_in_at: None,
            version: 1,
        }
    }

    fn begun(user: &User) -> SignIn {
        SignIn::begin(user.id, AuthenticationEvent::by_password(NOW))
    }

    const RULES: SignInRules = SignInRules { require_verified_email: false, level: AssuranceLevel::One };

    #[test]
    fn one_factor_is_enough_where_one_is_asked_for() {
        let user = user(true, false);
        let expected = Authentications::begin(AuthenticationEvent::by_password(NOW));
        assert_eq!(begun(&user).judge(&user, &RULES), Ok(Step::SignedIn(expected)));
    }

    #[test]
    fn where_two_factors_are_asked_for_a_password_twice_is_still_one() {
        let user = user(true, false);
        let rules = SignInRules { level: AssuranceLevel::Two, ..RULES };
        let Ok(Step::Challenge(on)) = begun(&user).judge(&user, &rules) else { panic!("it was enough") };
        let on = on.prove(AuthenticationEvent::by_password(NOW));
        assert!(matches!(on.judge(&user, &rules), Ok(Step::Challenge(_))));
    }

    proptest! {
        /// However the account is and however much is proved: an account that may not be signed in to gets neither a session
        /// nor a challenge.
        #[test]
        fn a_refused_account_gets_nothing(verified: bool, require: bool, two: bool, proofs in 0..4_usize, active: bool) {
            let user = user(active, verified);
            let level = if two { AssuranceLevel::Two } else { AssuranceLevel::One };
            let rules = SignInRules { require_verified_email: require, level };
            let on = (0..proofs).fold(begun(&user), |on, _| on.prove(AuthenticationEvent::by_password(NOW)));
            let may = active && (verified || !require);
            let step = on.judge(&user, &rules);
            prop_assert_eq!(step.is_ok(), may);
            if let Ok(Step::SignedIn(proved)) = step {
                prop_assert!(proved.level() >= level);
            }
        }
    }
}
