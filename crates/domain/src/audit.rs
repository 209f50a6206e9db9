use std::fmt;

/// Whether what an audit line tells of was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuditOutcome {
    /// It was done.
    Success,
    /// It was tried and refused.
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
        /// What an audit line tells of. The names are stable: tools filter by them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum AuditAction {
            $($(#[$doc])* $variant),*
        }

        impl AuditAction {
            /// Every action there is, in the order of the documentation.
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
    /// An account was made, by its owner or for him.
    UserRegistered = "user.registered",
    /// An administrator made an account.
    UserCreated = "user.created",
    /// An account's properties were changed.
    UserUpdated = "user.updated",
    /// An account was disabled.
    UserDisabled = "user.disabled",
    /// A disabled account was enabled again.
    UserEnabled = "user.enabled",
    /// An account was deleted.
    UserDeleted = "user.deleted",
    /// A lock after wrong passwords was lifted by an administrator.
    UserUnlocked = "user.unlocked",
    /// A password was changed.
    PasswordChanged = "user.password_changed",
    /// Somebody signed in, or tried to.
    SignIn = "session.sign_in",
    /// An account was locked for a network after too many wrong passwords.
    SignInLocked = "session.sign_in_locked",
    /// The owner of a session proved again who they are, or tried to.
    SessionReauthenticated = "session.reauthenticated",
    /// A session was ended by its owner or an administrator.
    SessionEnded = "session.ended",
    /// A spent refresh token was shown; its session was ended.
    RefreshReused = "session.refresh_reused",
    /// A role was made.
    RoleCreated = "role.created",
    /// A role's description was changed.
    RoleUpdated = "role.updated",
    /// A role was deleted.
    RoleDeleted = "role.deleted",
    /// A role was given to an account.
    RoleGranted = "role.granted",
    /// A role was taken from an account.
    RoleRevoked = "role.revoked",
    /// A permission was made.
    PermissionCreated = "permission.created",
    /// A permission was deleted.
    PermissionDeleted = "permission.deleted",
    /// A permission was added to a role.
    PermissionGranted = "permission.granted",
    /// A permission was taken from a role.
    PermissionRevoked = "permission.revoked",
    /// A key to sign tokens with was made, or taken in.
    KeyRotated = "key.rotated",
    /// A signing key was retired before its time.
    KeyRetired = "key.retired",
    /// A signing key was revoked, with all that it has signed.
    KeyRevoked = "key.revoked",
    /// A client app was made.
    ClientAppCreated = "client_app.created",
    /// A client app was changed.
    ClientAppUpdated = "client_app.updated",
    /// A client app was disabled; its tokens and sessions have ended.
    ClientAppDisabled = "client_app.disabled",
    /// A disabled client app was enabled again.
    ClientAppEnabled = "client_app.enabled",
    /// A client app was deleted; its tokens and sessions have ended.
    ClientAppDeleted = "client_app.deleted",
    /// A client app got a new secret, and its old one is void.
    ClientSecretRotated = "client_app.secret_rotated",
    /// A client app got a token on its own account.
    ClientTokenIssued = "client_app.token_issued",
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
}
