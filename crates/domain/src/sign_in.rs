use crate::{AssuranceLevel, AuthenticationEvent, Authentications, SignInRefusal, User, UserId};

/// A sign-in in progress: its account, and the proofs so far.
///
/// `begin` → `judge` → [`Step::SignedIn`], or [`Step::Challenge`] → `prove` → `judge` …, or a refusal. There is no
/// other way to the [`Authentications`] of a session, so no sign-in can skip the state of the account or a factor.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct SignIn {
    user: UserId,
    proved: Authentications,
}

/// The policy for sign-ins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignInRules {
    /// Whether the e-mail address must be verified.
    pub require_verified_email: bool,
    /// The smallest assurance level that the account requires.
    pub level: AssuranceLevel,
}

/// The next step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The proofs are enough for a session.
    SignedIn(Authentications),
    /// Another factor is required; continue with [`SignIn::prove`].
    Challenge(SignIn),
}

impl SignIn {
    /// Begins with the first proof of a user.
    pub const fn begin(user: UserId, first: AuthenticationEvent) -> Self {
        Self { user, proved: Authentications::begin(first) }
    }

    /// Continues one whose proofs so far were kept.
    pub const fn resume(user: UserId, proved: Authentications) -> Self {
        Self { user, proved }
    }

    /// The proofs so far, to be kept until the next one.
    #[must_use]
    pub fn proved(&self) -> &Authentications {
        &self.proved
    }

    /// The account of the sign-in.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// Adds a further proof.
    pub fn prove(self, next: AuthenticationEvent) -> Self {
        Self { proved: self.proved.with(next), ..self }
    }

    /// Decides whether the proofs are enough, for the current state of the account.
    ///
    /// # Errors
    /// If the account may not sign in, whatever the proofs.
    ///
    /// # Panics
    /// If it is called with another account, which is an error of the caller.
    pub fn judge(self, user: &User, rules: &SignInRules) -> Result<Step, SignInRefusal> {
        assert_eq!(user.id, self.user, "a sign-in is judged by its own account");
        user.may_sign_in(rules.require_verified_email)?;
        Ok(if self.proved.level() >= rules.level { Step::SignedIn(self.proved) } else { Step::Challenge(self) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Email, RoleName, SecondFactor, Timestamp};
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
            must_change_password: false,
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

    #[test]
    fn ghsa_cfjq_28r2_4jv5_where_two_factors_are_asked_for_a_password_and_a_code_are_enough_and_neither_alone() {
        let user = user(true, false);
        let rules = SignInRules { level: AssuranceLevel::Two, ..RULES };
        let code = || AuthenticationEvent::by_second_factor(SecondFactor::Totp, NOW);
        assert!(matches!(SignIn::begin(user.id, code()).judge(&user, &rules), Ok(Step::Challenge(_))));
        let kept = begun(&user).proved().clone();
        let on = SignIn::resume(user.id, kept).prove(code());
        assert!(matches!(on.judge(&user, &rules), Ok(Step::SignedIn(_))));
    }

    proptest! {
        /// For all accounts and all proofs: an account that may not sign in gets neither a session nor a challenge.
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
