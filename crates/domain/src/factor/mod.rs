//! Second factors of accounts: what proves, besides the password or the provider, that it is the owner who signs in.
mod enrolment;
mod name;
mod recovery_code;
mod requirement;
mod totp;

pub use enrolment::{ENROLMENT_LIFETIME, Enrolment, EnrolmentRefusal};
pub use name::{FactorName, FactorNameError};
pub use recovery_code::{RECOVERY_CODES, RecoveryCode, RecoveryCodeError};
pub use requirement::FactorRequirement;
pub use totp::{TOTP_PERIOD, TotpCode, TotpCodeError, TotpProgress, TotpSeed};

use crate::{AuthMethod, FactorId, LockoutPolicy, Timestamp, UserId};
use std::str::FromStr;
use std::time::Duration;

/// The most factors of an account.
pub const MOST_FACTORS: usize = 10;

/// Ten wrong codes in a row lock a factor, however much time and however many sign-ins are between them: for 15 minutes,
/// then 30, 60 … up to a day. Only a right code of the same factor ends the row: whoever guesses codes knows the password
/// already (OWASP ASVS 6.3.1; Zitadel GHSA-xrw9-r35x-x878).
pub const FACTOR_LOCKOUT: LockoutPolicy = LockoutPolicy {
    limit: 10,
    window: Duration::MAX,
    first_lock: Duration::from_mins(15),
    longest_lock: Duration::from_hours(24),
    quiet: Duration::from_hours(24),
};

/// The kind of a factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FactorKind {
    /// An authenticator that shows a new code every 30 seconds (RFC 6238).
    Totp,
}

/// A text that names no kind of factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be totp")]
pub struct FactorKindError;

impl FactorKind {
    /// The stable name, in the store and in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Totp => "totp",
        }
    }
}

impl FromStr for FactorKind {
    type Err = FactorKindError;

    fn from_str(text: &str) -> Result<Self, FactorKindError> {
        if text == Self::Totp.as_str() { Ok(Self::Totp) } else { Err(FactorKindError) }
    }
}

/// How a second factor is proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SecondFactor {
    /// With a code of an authenticator.
    Totp,
    /// With a recovery code.
    RecoveryCode,
}

impl SecondFactor {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Totp, Self::RecoveryCode];

    /// The stable name: `method` in requests, in metrics and in the audit log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::RecoveryCode => "recovery_code",
        }
    }

    /// The one with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == name)
    }

    /// The method of authentication.
    #[must_use]
    pub const fn auth_method(self) -> AuthMethod {
        match self {
            Self::Totp => AuthMethod::Totp,
            Self::RecoveryCode => AuthMethod::RecoveryCode,
        }
    }
}

/// A second factor of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factor {
    /// Its id.
    pub id: FactorId,
    /// The account.
    pub user: UserId,
    /// Its kind.
    pub kind: FactorKind,
    /// Its name, for the owner.
    pub name: FactorName,
    /// When its enrolment began.
    pub created_at: Timestamp,
    /// When its owner has shown that it works; none: it is not a factor of the account yet.
    pub confirmed_at: Option<Timestamp>,
    /// When it was last used to sign in.
    pub last_used_at: Option<Timestamp>,
}

impl Factor {
    /// Whether it is asked for.
    #[must_use]
    pub const fn is_confirmed(&self) -> bool {
        self.confirmed_at.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Attempts;
    use proptest::prelude::*;

    const START: Timestamp = Timestamp::from_seconds(1_800_000_000);

    #[test]
    fn names_are_read_back_and_others_are_refused() {
        assert_eq!("totp".parse(), Ok(FactorKind::Totp));
        assert_eq!("TOTP".parse::<FactorKind>(), Err(FactorKindError));
        for method in SecondFactor::ALL {
            assert_eq!(SecondFactor::from_name(method.as_str()), Some(method));
        }
        assert_eq!(SecondFactor::from_name("password"), None);
    }

    proptest! {
        /// For all times between them: ten wrong codes in a row lock, nine do not, and each further lock is at least as
        /// long.
        #[test]
        fn ten_wrong_codes_in_a_row_lock_whatever_the_time_between_them(waits in prop::collection::vec(0..90_000_u64, 40)) {
            let (mut now, mut attempts, mut longest) = (START, Attempts::none(), Duration::ZERO);
            for (n, wait) in waits.into_iter().enumerate() {
                now = now.plus(attempts.is_locked(now).unwrap_or_default()).plus(Duration::from_secs(wait));
                attempts = attempts.fail(now, &FACTOR_LOCKOUT);
                prop_assert_eq!(attempts.is_locked(now).is_some(), n % 10 == 9, "after {}", n + 1);
                if let Some(lock) = attempts.is_locked(now) {
                    prop_assert!(lock >= FACTOR_LOCKOUT.first_lock && lock <= FACTOR_LOCKOUT.longest_lock);
                    longest = longest.max(lock);
                }
            }
            prop_assert!(longest >= FACTOR_LOCKOUT.first_lock);
        }
    }
}
