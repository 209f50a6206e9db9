//! Mails to the owners of accounts, and the tokens in their links.
use crate::{Email, Language, Timestamp, UserId};
use std::str::FromStr;

macro_rules! names {
    (
        $(#[$about:meta])*
        $name:ident, $error:ident: $problem:literal {
            $($(#[$doc:meta])* $variant:ident = $text:literal),* $(,)?
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$doc])* $variant),*
        }

        impl $name {
            /// Each of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
        }

        #[doc = concat!("A text that is not the name of a `", stringify!($name), "`.")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
        #[error($problem)]
        pub struct $error;

        impl FromStr for $name {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, $error> {
                Self::ALL.iter().copied().find(|it| it.as_str() == text).ok_or($error)
            }
        }
    };
}

names! {
    /// A kind of mail. Each has templates of its own.
    MailKind, MailKindError: "is not a kind of mail" {
        /// Asks the owner of an address to confirm that an account is theirs.
        VerifyEmail = "verify_email",
        /// Lets the owner set a new password.
        ResetPassword = "reset_password",
        /// Asks somebody for whom an administrator has created an account to set its first password.
        Invitation = "invitation",
        /// Asks the owner of a new address to confirm it.
        ChangeEmail = "change_email",
        /// Tells the present address that another one was asked for.
        EmailChangeRequested = "email_change_requested",
        /// Tells the former address that another one is in its place.
        EmailChanged = "email_changed",
        /// Tells the owner that somebody has tried to register with their address.
        AccountExists = "account_exists",
        /// Tells the owner of a sign-in from a network or a device that the account has not used.
        NewSignIn = "new_sign_in",
        /// Tells the owner that the password was changed.
        PasswordChanged = "password_changed",
        /// Tells the owner that a second factor was added.
        FactorAdded = "factor_added",
        /// Tells the owner that a second factor was removed.
        FactorRemoved = "factor_removed",
        /// Tells the owner that too many wrong codes have locked a second factor.
        FactorLocked = "factor_locked",
        /// Shows an operator that mails arrive.
        Test = "test",
    }
}

names! {
    /// What the token in a link is good for.
    MailTokenPurpose, MailTokenPurposeError: "is not the purpose of a token in a mail" {
        /// To prove that the address of an account is the owner's.
        VerifyEmail = "verify",
        /// To set a new password.
        ResetPassword = "reset",
        /// To set the first password of an account that an administrator has created.
        AcceptInvitation = "invite",
        /// To prove a new address, and to use it.
        ChangeEmail = "change",
        /// To report that somebody else uses the account ("this wasn't me").
        ReportTakeover = "report",
    }
}

/// A token in the link of a mail, without its secret. It is spent once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailToken {
    /// The account.
    pub user: UserId,
    /// What it is good for.
    pub purpose: MailTokenPurpose,
    /// The address that it was sent to, which whoever spends it can read.
    pub email: Email,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// From when on it is good for nothing.
    pub expires_at: Timestamp,
}

impl MailToken {
    /// Tokens with the same slot replace each other, so that only the link of the last mail works. A report is kept for
    /// each address: whoever has taken over an account and changed its address must not be able to replace the report
    /// of the former one.
    #[must_use]
    pub fn slot(&self) -> String {
        match self.purpose {
            MailTokenPurpose::ReportTakeover => format!("{}:{}", self.purpose.as_str(), self.email),
            purpose => purpose.as_str().to_owned(),
        }
    }
}

/// How long the tokens of each purpose are good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailTokenLifetimes {
    /// Of those that prove the address of an account.
    pub verify: std::time::Duration,
    /// Of those that set a password.
    pub reset: std::time::Duration,
    /// Of those that set a first password.
    pub invite: std::time::Duration,
    /// Of those that prove a new address.
    pub change: std::time::Duration,
    /// Of those that report a takeover.
    pub report: std::time::Duration,
}

impl MailTokenLifetimes {
    /// That of one purpose.
    #[must_use]
    pub const fn of(&self, purpose: MailTokenPurpose) -> std::time::Duration {
        match purpose {
            MailTokenPurpose::VerifyEmail => self.verify,
            MailTokenPurpose::ResetPassword => self.reset,
            MailTokenPurpose::AcceptInvitation => self.invite,
            MailTokenPurpose::ChangeEmail => self.change,
            MailTokenPurpose::ReportTakeover => self.report,
        }
    }
}

/// The pause before the next attempt to send a mail, after so many have failed: one minute, doubled each time, at most a
/// quarter of an hour.
#[must_use]
pub fn mail_pause(failed: u32) -> std::time::Duration {
    const FIRST: u64 = 60;
    const LONGEST: u64 = 15 * 60;
    let doubled = FIRST.saturating_mul(1 << failed.saturating_sub(1).min(10));
    std::time::Duration::from_secs(doubled.min(LONGEST))
}

impl crate::User {
    /// The language of mails to the owner: that of the account, else the one that a request of theirs has asked for, else
    /// English.
    #[must_use]
    pub fn mail_language(&self, asked: Option<Language>) -> Language {
        self.locale.as_ref().and_then(Language::of_locale).or(asked).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn token(purpose: MailTokenPurpose, email: &str) -> MailToken {
        let now = Timestamp::from_seconds(1_800_000_000);
        MailToken {
            user: UserId::mint(now, [1; 10]),
            purpose,
            email: Email::parse(email).unwrap(),
            issued_at: now,
            expires_at: now,
        }
    }

    #[test]
    fn a_second_link_replaces_the_first_and_a_report_only_that_of_the_same_address() {
        for &purpose in MailTokenPurpose::ALL {
            let [one, other] = ["ann@example.com", "eve@example.com"].map(|email| token(purpose, email).slot());
            assert_eq!(one == other, purpose != MailTokenPurpose::ReportTakeover, "{purpose:?}");
        }
    }

    #[test]
    fn names_are_read_back_and_others_are_refused() {
        for kind in MailKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
        }
        for purpose in MailTokenPurpose::ALL {
            assert_eq!(purpose.as_str().parse(), Ok(*purpose));
        }
        assert_eq!("spam".parse::<MailKind>(), Err(MailKindError));
        assert_eq!("".parse::<MailTokenPurpose>(), Err(MailTokenPurposeError));
    }

    #[test]
    fn pauses_double_up_to_a_quarter_of_an_hour() {
        let minutes = [1, 2, 3, 4, 5, 6, 100, u32::MAX].map(|failed| mail_pause(failed).as_secs() / 60);
        assert_eq!(minutes, [1, 2, 4, 8, 15, 15, 15, 15]);
        assert_eq!(mail_pause(0), Duration::from_mins(1));
    }
}
