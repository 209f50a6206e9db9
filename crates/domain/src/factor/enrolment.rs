use super::{Factor, MOST_FACTORS};
use crate::Timestamp;
use std::time::Duration;

/// How long an enrolment waits for its first code.
pub const ENROLMENT_LIFETIME: Duration = Duration::from_mins(15);

/// Why a factor can't be enrolled or confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnrolmentRefusal {
    /// The account has as many factors as it may have.
    TooMany,
    /// It has been confirmed already.
    Confirmed,
    /// It was begun too long ago.
    Expired,
}

/// The enrolment of a factor: begun, then confirmed by a first code, which shows that the authenticator has the seed. It
/// is a factor of the account only after that; until then nothing asks for it, and it proves nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Enrolment(Factor);

impl Enrolment {
    /// Begins, for an account with so many confirmed factors.
    ///
    /// # Errors
    /// [`EnrolmentRefusal::TooMany`].
    pub fn begin(factor: Factor, confirmed: usize) -> Result<Self, EnrolmentRefusal> {
        if confirmed >= MOST_FACTORS {
            return Err(EnrolmentRefusal::TooMany);
        }
        Ok(Self(Factor { confirmed_at: None, last_used_at: None, ..factor }))
    }

    /// Continues with a factor of the store.
    ///
    /// # Errors
    /// [`EnrolmentRefusal::Confirmed`], [`EnrolmentRefusal::Expired`].
    pub fn resume(factor: Factor, now: Timestamp) -> Result<Self, EnrolmentRefusal> {
        if factor.is_confirmed() {
            return Err(EnrolmentRefusal::Confirmed);
        }
        if now >= factor.created_at.plus(ENROLMENT_LIFETIME) {
            return Err(EnrolmentRefusal::Expired);
        }
        Ok(Self(factor))
    }

    /// The factor that is not confirmed yet.
    #[must_use]
    pub const fn factor(&self) -> &Factor {
        &self.0
    }

    /// The factor, after its first code. Showing a code of it is a use.
    #[must_use]
    pub fn confirm(self, now: Timestamp) -> Factor {
        Factor { confirmed_at: Some(now), last_used_at: Some(now), ..self.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FactorId, FactorKind, FactorName, UserId};
    use proptest::prelude::*;

    const START: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn factor() -> Factor {
        Factor {
            id: FactorId::mint(START, [1; 10]),
            user: UserId::mint(START, [2; 10]),
            kind: FactorKind::Totp,
            name: FactorName::authenticator(),
            created_at: START,
            confirmed_at: None,
            last_used_at: None,
        }
    }

    #[test]
    fn an_account_has_at_most_ten_factors() {
        assert!(Enrolment::begin(factor(), MOST_FACTORS - 1).is_ok());
        assert_eq!(Enrolment::begin(factor(), MOST_FACTORS), Err(EnrolmentRefusal::TooMany));
    }

    #[test]
    fn a_factor_is_confirmed_once() {
        let confirmed = Enrolment::begin(factor(), 0).unwrap().confirm(START.plus(Duration::from_secs(5)));
        assert!(confirmed.is_confirmed());
        assert_eq!(Enrolment::resume(confirmed, START.plus(Duration::from_secs(6))), Err(EnrolmentRefusal::Confirmed));
    }

    proptest! {
        /// For all times: an enrolment is confirmed within its lifetime, and never after it.
        #[test]
        fn an_enrolment_ends_after_its_lifetime(seconds in 0..2_000_u64) {
            let now = START.plus(Duration::from_secs(seconds));
            let resumed = Enrolment::resume(factor(), now);
            prop_assert_eq!(resumed.is_ok(), Duration::from_secs(seconds) < ENROLMENT_LIFETIME);
            if let Ok(enrolment) = resumed {
                prop_assert!(!enrolment.factor().is_confirmed());
                prop_assert_eq!(enrolment.confirm(now).confirmed_at, Some(now));
            }
        }
    }
}
