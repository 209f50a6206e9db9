//! The table of error codes: name, kind, title. The kind determines the status, the name the page in `docs/problems/`.

/// The kind of a refusal, from which front ends derive the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The request as a whole can't be understood.
    Malformed,
    /// The request can be understood, but its values are wrong.
    Invalid,
    /// The caller is not authenticated, or the credentials are not accepted.
    Unauthenticated,
    /// The caller is authenticated, but may not do this.
    Forbidden,
    /// The resource does not exist.
    NotFound,
    /// The request conflicts with the current state.
    Conflict,
    /// The resource has changed since the caller read it.
    Stale,
    /// There were too many requests.
    RateLimited,
    /// An external system does not answer at the moment.
    Unavailable,
    /// An internal error.
    Internal,
}

impl ErrorKind {
    /// The HTTP status (RFC 9110 §15; for 429, RFC 6585 §4).
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::Invalid => 422,
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::Stale => 412,
            Self::RateLimited => 429,
            Self::Unavailable => 503,
            Self::Internal => 500,
        }
    }
}

/// A table of codes, one row each: `Variant = "stable_name", Kind, "Title";`. A front end with refusals of
/// its own has a table of the same shape, with its own kind.
#[macro_export]
macro_rules! codes {
    (
        $(#[$about:meta])*
        $visibility:vis enum $codes:ident: $kinds:ident {
            $($(#[$doc:meta])* $variant:ident = $name:literal, $kind:ident, $title:literal;)*
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        $visibility enum $codes {
            $($(#[$doc])* $variant),*
        }

        impl $codes {
            /// Every code.
            $visibility const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable name, which is also the name of its page in `docs/problems/`.
            #[must_use]
            $visibility const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The kind of refusal.
            #[must_use]
            $visibility const fn kind(self) -> $kinds {
                match self { $(Self::$variant => $kinds::$kind),* }
            }

            /// The title: a short text that is the same for all problems with this code.
            #[must_use]
            $visibility const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),* }
            }
        }
    };
}

codes! {
    /// The reason of a refusal, as a name that never changes. Each has a page in `docs/problems/`.
    pub enum ErrorCode: ErrorKind {
        /// Fields of the input are wrong; see [`Error::fields`](crate::Error::fields).
        ValidationFailed = "validation_failed", Invalid, "Validation failed";
        /// The cursor does not belong to this list.
        InvalidCursor = "invalid_cursor", Malformed, "Invalid cursor";
        /// The identifier or the password is wrong, or the account is locked; the answer does not tell which.
        InvalidCredentials = "invalid_credentials", Unauthenticated, "Invalid credentials";
        /// No sign-in waits for a second factor with this token.
        MfaTokenInvalid = "mfa_token_invalid", Unauthenticated, "Invalid MFA token";
        /// The code of a second factor is wrong, was used before, or the factor is locked; the answer does not tell which.
        InvalidCode = "invalid_code", Unauthenticated, "Invalid code";
        /// The operation needs a signed-in caller.
        AuthenticationRequired = "authentication_required", Unauthenticated, "Authentication required";
        /// The token is malformed, forged, expired, of another type, or its session has ended.
        InvalidToken = "invalid_token", Unauthenticated, "Invalid token";
        /// A spent refresh token was used again; its session has ended.
        RefreshTokenReused = "refresh_token_reused", Unauthenticated, "Refresh token reused";
        /// There is no active client with this id, or the secret is wrong; the answer does not tell which.
        InvalidClient = "invalid_client", Unauthenticated, "Invalid client";
        /// The client may not use this grant type.
        UnauthorizedClient = "unauthorized_client", Malformed, "Client not authorized";
        /// The authorization code, or the token to link with, is unknown, spent or expired, or belongs to another client or
        /// account; the answer does not tell which.
        InvalidGrant = "invalid_grant", Malformed, "Invalid grant";
        /// No client waits for this answer of a provider.
        InvalidState = "invalid_state", Malformed, "Invalid state";
        /// The logout token is not one of this provider, was used before, or does not say what has ended.
        InvalidLogoutToken = "invalid_logout_token", Malformed, "Invalid logout token";
        /// The token from the link of a mail is unknown, expired, replaced or spent; the answer does not tell which.
        InvalidMailToken = "invalid_mail_token", Malformed, "Invalid link";
        /// The client requests a scope, and there are none.
        InvalidScope = "invalid_scope", Malformed, "Invalid scope";
        /// The token endpoint does not support this grant type.
        UnsupportedGrantType = "unsupported_grant_type", Malformed, "Unsupported grant type";
        /// A token of this type can't be revoked.
        UnsupportedTokenType = "unsupported_token_type", Malformed, "Unsupported token type";
        /// The current password is wrong.
        WrongPassword = "wrong_password", Forbidden, "Wrong password";
        /// The caller lacks the permission.
        PermissionDenied = "permission_denied", Forbidden, "Permission denied";
        /// The caller's last authentication is too long ago for this operation.
        ReauthenticationRequired = "reauthentication_required", Forbidden, "Fresh sign-in required";
        /// The account, role or permission exceeds the caller's own permissions.
        ExceedsOwnPermissions = "exceeds_own_permissions", Forbidden, "Exceeds own permissions";
        /// The account is disabled.
        AccountDisabled = "account_disabled", Forbidden, "Account disabled";
        /// The e-mail address must be verified first.
        EmailUnverified = "email_unverified", Forbidden, "E-mail address not verified";
        /// The first factor was right, and a second one is required.
        MfaRequired = "mfa_required", Forbidden, "Second factor required";
        /// The account must have a second factor, and this session has shown none: it can do nothing else than enrol one.
        MfaEnrolmentRequired = "mfa_enrolment_required", Forbidden, "Second factor must be enrolled";
        /// The owner must choose another password, and this session can do nothing else until then.
        PasswordChangeRequired = "password_change_required", Forbidden, "Password must be changed";
        /// The identity is not linked yet, and there is an account with its e-mail address.
        LinkRequired = "link_required", Forbidden, "Link required";
        /// The provider gives no e-mail address, and an account needs one.
        EmailRequired = "email_required", Forbidden, "E-mail address required";
        /// The provider registers only addresses of other domains.
        EmailDomainNotAllowed = "email_domain_not_allowed", Forbidden, "E-mail domain not allowed";
        /// Doorward sends no mails, and this needs one.
        MailDisabled = "mail_disabled", Forbidden, "Mail disabled";
        /// Registration is disabled.
        RegistrationDisabled = "registration_disabled", Forbidden, "Registration disabled";
        /// There is no account with this id.
        UserNotFound = "user_not_found", NotFound, "No such user";
        /// There is no live session with this id.
        SessionNotFound = "session_not_found", NotFound, "No such session";
        /// There is no role with this name.
        RoleNotFound = "role_not_found", NotFound, "No such role";
        /// There is no permission with this name.
        PermissionNotFound = "permission_not_found", NotFound, "No such permission";
        /// There is no client app with this id.
        ClientAppNotFound = "client_app_not_found", NotFound, "No such client app";
        /// There is no provider with this name, or it is disabled.
        ProviderNotFound = "provider_not_found", NotFound, "No such provider";
        /// The account has no identity with this id.
        IdentityNotFound = "identity_not_found", NotFound, "No such identity";
        /// The account has no second factor, or no open enrolment, with this id.
        FactorNotFound = "factor_not_found", NotFound, "No such second factor";
        /// There is no signing key with this kid.
        KeyNotFound = "key_not_found", NotFound, "No such signing key";
        /// There is no sealing key with this id.
        SealingKeyNotFound = "sealing_key_not_found", NotFound, "No such sealing key";
        /// Another account has this e-mail address.
        EmailTaken = "email_taken", Conflict, "E-mail address taken";
        /// Another account has this username.
        UsernameTaken = "username_taken", Conflict, "Username taken";
        /// There is already a role with this name.
        RoleExists = "role_exists", Conflict, "Role already exists";
        /// There is already a permission with this name.
        PermissionExists = "permission_exists", Conflict, "Permission already exists";
        /// The number of permissions has reached its limit.
        TooManyPermissions = "too_many_permissions", Conflict, "Too many permissions";
        /// The account or client app would hold more roles than a token can list.
        TooManyRoles = "too_many_roles", Conflict, "Too many roles";
        /// There is already a client app with this id.
        ClientAppExists = "client_app_exists", Conflict, "Client app already exists";
        /// There is already a provider with this name.
        ProviderExists = "provider_exists", Conflict, "Provider already exists";
        /// The provider is configured in the settings, where only the operator can change it.
        ProviderInSettings = "provider_in_settings", Conflict, "Provider from the settings";
        /// Identities are linked with the provider.
        ProviderInUse = "provider_in_use", Conflict, "Provider in use";
        /// A public client app has no secret.
        PublicClientApp = "public_client_app", Conflict, "Public client app";
        /// The change would leave no active administrator.
        LastAdmin = "last_admin", Conflict, "Last administrator";
        /// The account has a password already, or is disabled.
        UserNotInvitable = "user_not_invitable", Conflict, "Account can't be invited";
        /// The identity is linked to an account already.
        IdentityInUse = "identity_in_use", Conflict, "Identity in use";
        /// The account has as many second factors as it may have.
        TooManyFactors = "too_many_factors", Conflict, "Too many second factors";
        /// The account must have a second factor, and this is its last one.
        LastFactor = "last_factor", Conflict, "Last second factor";
        /// Without it, the account could not be signed in to any more.
        LastCredential = "last_credential", Conflict, "Last credential";
        /// A system role can't be changed or deleted.
        SystemRole = "system_role", Conflict, "System role";
        /// A system permission can't be deleted.
        SystemPermission = "system_permission", Conflict, "System permission";
        /// No other key can sign in its place.
        OnlySigningKey = "only_signing_key", Conflict, "Only signing key";
        /// A setting contains the key that signs.
        SigningKeyGiven = "signing_key_given", Conflict, "Signing key from a setting";
        /// No line of the audit log is sealed yet.
        AuditLogUnsealed = "audit_log_unsealed", NotFound, "No audit line sealed yet";
        /// The audit log was tampered with.
        AuditLogDamaged = "audit_log_damaged", Conflict, "Damaged audit log";
        /// The audit log is being verified already.
        VerificationRunning = "verification_running", Conflict, "Verification running";
        /// A secret was sealed with a different sealing key.
        SealingKeyMismatch = "sealing_key_mismatch", Conflict, "Different sealing key";
        /// The sealing key still seals secrets, or has sealed some.
        SealingKeyInUse = "sealing_key_in_use", Conflict, "Sealing key in use";
        /// There is no key for the next rotation, or a node does not know it.
        SealingKeyNotReady = "sealing_key_not_ready", Conflict, "Sealing key not ready";
        /// The resource has changed since the caller read it.
        VersionMismatch = "version_mismatch", Stale, "Version mismatch";
        /// There were too many requests.
        RateLimited = "rate_limited", RateLimited, "Too many attempts";
        /// The database is not available.
        StoreUnavailable = "store_unavailable", Unavailable, "Database unavailable";
        /// The mail server does not answer, or can't be used as it is set up.
        MailUnavailable = "mail_unavailable", Unavailable, "Mail server unavailable";
        /// The provider does not answer, or can't be used as it is set up.
        ProviderUnavailable = "provider_unavailable", Unavailable, "Provider unavailable";
        /// Too many passwords are being checked at once.
        HashingOverloaded = "hashing_overloaded", Unavailable, "Too many sign-ins at once";
        /// An internal error; the log contains the cause under the correlation id.
        Internal = "internal", Internal, "Internal error";
    }
}

impl ErrorCode {
    /// The HTTP status.
    #[must_use]
    pub const fn status(self) -> u16 {
        self.kind().status()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_name_of_its_own() {
        let names: std::collections::HashSet<_> = ErrorCode::ALL.iter().map(|c| c.as_str()).collect();
        assert_eq!(names.len(), ErrorCode::ALL.len());
    }
}
