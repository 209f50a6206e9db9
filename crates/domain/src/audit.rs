use std::fmt;
use std::str::FromStr;

/// The outcome of the action of an audit line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuditOutcome {
    /// The action was done.
    Success,
    /// The action was tried and refused.
    Failure,
}

impl AuditOutcome {
    /// The stable name in the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
        }
    }
}

macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),* $(,)?) => {
        /// The action of an audit line. The names are stable: tools filter by them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum AuditAction {
            $($(#[$doc])* $variant),*
        }

        impl AuditAction {
            /// All actions, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable name in the log.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),*
                }
            }
        }
    };
}

actions! {
    /// An account was created by its owner, by registering.
    UserRegistered = "user.registered",
    /// An account was created by an administrator.
    UserCreated = "user.created",
    /// The properties of an account were changed.
    UserUpdated = "user.updated",
    /// An account was disabled.
    UserDisabled = "user.disabled",
    /// A disabled account was enabled again.
    UserEnabled = "user.enabled",
    /// An account was deleted.
    UserDeleted = "user.deleted",
    /// An administrator unlocked an account after wrong passwords.
    UserUnlocked = "user.unlocked",
    /// The owner of an account without a password was invited to set one.
    UserInvited = "user.invited",
    /// The owner got all data about them.
    DataExported = "user.data_exported",
    /// The first password of an account was set with an invitation.
    InvitationAccepted = "user.invitation_accepted",
    /// A password was changed.
    PasswordChanged = "user.password_changed",
    /// A link to set a new password was asked for.
    PasswordResetRequested = "user.password_reset_requested",
    /// A new password was set by a link in a mail.
    PasswordReset = "user.password_reset",
    /// A link to verify an e-mail address was asked for.
    VerificationRequested = "user.verification_requested",
    /// An e-mail address was verified by a link in a mail.
    EmailVerified = "user.email_verified",
    /// The owner of an account has asked for another e-mail address, which is to be confirmed.
    EmailChangeRequested = "user.email_change_requested",
    /// The e-mail address of an account was changed by a link in a mail to the new one.
    EmailChanged = "user.email_changed",
    /// The owner has reported, by a link in a mail, that somebody else uses the account.
    TakeoverReported = "user.takeover_reported",
    /// Somebody signed in, or failed to sign in.
    SignIn = "session.sign_in",
    /// The first factor of a sign-in was right, and a second one was asked for.
    SignInChallenged = "session.challenged",
    /// An account was locked for a network after too many wrong passwords.
    SignInLocked = "session.sign_in_locked",
    /// The owner of a session authenticated again, or failed to.
    SessionReauthenticated = "session.reauthenticated",
    /// A session was ended by its owner, an administrator or its provider.
    SessionEnded = "session.ended",
    /// A spent refresh token was used again; its session was ended.
    RefreshReused = "session.refresh_reused",
    /// A role was created.
    RoleCreated = "role.created",
    /// The description of a role was changed.
    RoleUpdated = "role.updated",
    /// A role was deleted.
    RoleDeleted = "role.deleted",
    /// A role was granted to an account.
    RoleGranted = "role.granted",
    /// A role was revoked from an account.
    RoleRevoked = "role.revoked",
    /// A permission was created.
    PermissionCreated = "permission.created",
    /// A permission was deleted.
    PermissionDeleted = "permission.deleted",
    /// A permission was granted to a role.
    PermissionGranted = "permission.granted",
    /// A permission was revoked from a role.
    PermissionRevoked = "permission.revoked",
    /// A signing key was created or imported.
    KeyRotated = "key.rotated",
    /// A signing key was retired early.
    KeyRetired = "key.retired",
    /// A signing key was revoked, with all tokens that it has signed.
    KeyRevoked = "key.revoked",
    /// A new sealing key seals secrets from now on.
    SealingKeyRotated = "sealing_key.rotated",
    /// A sealing key was retired, because nothing is sealed with it any more.
    SealingKeyRetired = "sealing_key.retired",
    /// All secrets were sealed again with the current sealing key.
    SecretsResealed = "secrets.resealed",
    /// A client app was created.
    ClientAppCreated = "client_app.created",
    /// A client app was changed.
    ClientAppUpdated = "client_app.updated",
    /// A client app was disabled; its tokens and sessions have ended.
    ClientAppDisabled = "client_app.disabled",
    /// A disabled client app was enabled again.
    ClientAppEnabled = "client_app.enabled",
    /// A client app was deleted; its tokens and sessions have ended.
    ClientAppDeleted = "client_app.deleted",
    /// A client app got a new secret, which replaces the old one.
    ClientSecretRotated = "client_app.secret_rotated",
    /// A client app failed to authenticate with its secret.
    ClientAuthenticated = "client_app.authenticated",
    /// A client app got a token of its own.
    ClientTokenIssued = "client_app.token_issued",
    /// A known caller was refused, because they lack a permission.
    AccessDenied = "access.denied",
    /// An identity at a provider was linked to an account.
    IdentityLinked = "identity.linked",
    /// An identity at a provider was unlinked from an account.
    IdentityUnlinked = "identity.unlinked",
    /// A second factor was added to an account.
    FactorAdded = "factor.added",
    /// A second factor was removed by the owner of the account.
    FactorRemoved = "factor.removed",
    /// All second factors of an account were removed by an administrator.
    FactorsReset = "factor.reset",
    /// A code of a second factor was right, or wrong.
    FactorVerified = "factor.verified",
    /// A second factor was locked after too many wrong codes in a row.
    FactorLocked = "factor.locked",
    /// An account got new recovery codes, which replace all earlier ones.
    RecoveryCodesReplaced = "recovery_codes.replaced",
    /// A provider was added to the database.
    ProviderCreated = "provider.created",
    /// A provider in the database was changed.
    ProviderUpdated = "provider.updated",
    /// A provider in the database was disabled.
    ProviderDisabled = "provider.disabled",
    /// A provider in the database was enabled again.
    ProviderEnabled = "provider.enabled",
    /// A provider was removed from the database.
    ProviderDeleted = "provider.deleted",
    /// Lines of the audit log were exported.
    AuditExported = "audit.exported",
    /// The oldest lines of the audit log were deleted.
    AuditPruned = "audit.pruned",
}

/// A text that names no action, or no outcome, of audit lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuditNameError {
    /// It names no action.
    #[error("must be an action of the audit log, such as session.sign_in")]
    Action,
    /// It names no outcome.
    #[error("must be success or failure")]
    Outcome,
}

impl FromStr for AuditAction {
    type Err = AuditNameError;

    fn from_str(text: &str) -> Result<Self, AuditNameError> {
        Self::ALL.iter().copied().find(|action| action.as_str() == text).ok_or(AuditNameError::Action)
    }
}

impl FromStr for AuditOutcome {
    type Err = AuditNameError;

    fn from_str(text: &str) -> Result<Self, AuditNameError> {
        let all = [Self::Success, Self::Failure];
        all.into_iter().find(|outcome| outcome.as_str() == text).ok_or(AuditNameError::Outcome)
    }
}

impl fmt::Display for AuditAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_a_name_of_its_own() {
        let names: std::collections::HashSet<_> = AuditAction::ALL.iter().map(|a| a.as_str()).collect();
        assert_eq!(names.len(), AuditAction::ALL.len());
    }

    #[test]
    fn names_are_read_back_and_others_are_refused() {
        for action in AuditAction::ALL {
            assert_eq!(action.as_str().parse(), Ok(*action));
        }
        for outcome in [AuditOutcome::Success, AuditOutcome::Failure] {
            assert_eq!(outcome.as_str().parse(), Ok(outcome));
        }
        assert_eq!("session".parse::<AuditAction>(), Err(AuditNameError::Action));
        assert_eq!("Success".parse::<AuditOutcome>(), Err(AuditNameError::Outcome));
    }
}
