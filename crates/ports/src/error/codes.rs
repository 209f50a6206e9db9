//! The one table of refusals: name, kind, title. The status follows from the kind, the page in `docs/problems/` from the name.

/// What kind of refusal an error is. Front ends derive what they answer from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The request can't be understood as a whole.
    Malformed,
    /// The input is understood, and its values are wrong.
    Invalid,
    /// Nobody is signed in, or the proof is not accepted.
    Unauthenticated,
    /// Somebody is, and may not.
    Forbidden,
    /// There is no such thing.
    NotFound,
    /// It does not fit the present state.
    Conflict,
    /// The thing has changed since the caller read it.
    Stale,
    /// Too often.
    RateLimited,
    /// Something outside does not answer; later it may.
    Unavailable,
    /// A fault of ours.
    Internal,
}

impl ErrorKind {
    /// The status that says the same in HTTP (RFC 9110 §15; for the two that it lacks, RFC 6585 §4).
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

/// A table of codes, one row each: `Variant = "stable_name", Kind, "Title";`. A front end that refuses by itself, before any
/// use case is asked, keeps a table of the same shape, with a kind of its own.
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
            /// Every code there is.
            $visibility const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable name; also that of its page in `docs/problems/`.
            #[must_use]
            $visibility const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The kind of refusal.
            #[must_use]
            $visibility const fn kind(self) -> $kinds {
                match self { $(Self::$variant => $kinds::$kind),* }
            }

            /// The kind of problem in a few words, the same whatever the case.
            #[must_use]
            $visibility const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),* }
            }
        }
    };
}

codes! {
    /// Why, in a word that never changes. Each has a page in `docs/problems/`.
    pub enum ErrorCode: ErrorKind {
        /// Fields of the input are wrong; see [`Error::fields`](crate::Error::fields).
        ValidationFailed = "validation_failed", Invalid, "Validation failed";
        /// The cursor is not one that this list gave out.
        InvalidCursor = "invalid_cursor", Malformed, "Invalid cursor";
        /// The identifier or the password is wrong, or the account is locked: which of them is not told.
        InvalidCredentials = "invalid_credentials", Unauthenticated, "Invalid credentials";
        /// The operation needs somebody signed in.
        AuthenticationRequired = "authentication_required", Unauthenticated, "Authentication required";
        /// The token is malformed, forged, expired, of another type, or its session has ended.
        InvalidToken = "invalid_token", Unauthenticated, "Invalid token";
        /// A spent refresh token was shown; its session has been ended.
        RefreshTokenReused = "refresh_token_reused", Unauthenticated, "Refresh token reused";
        /// There is no such active client, or its secret is not that one: which of them is not told.
        InvalidClient = "invalid_client", Unauthenticated, "Invalid client";
        /// The client is known, and may not have a token in this way.
        UnauthorizedClient = "unauthorized_client", Malformed, "Client not allowed to do this";
        /// The client asks for a scope, and there are none.
        InvalidScope = "invalid_scope", Malformed, "Invalid scope";
        /// The token endpoint knows no grant of this type.
        UnsupportedGrantType = "unsupported_grant_type", Malformed, "Unsupported grant type";
        /// A token of this type can't be revoked.
        UnsupportedTokenType = "unsupported_token_type", Malformed, "Unsupported token type";
        /// The current password is wrong.
        WrongPassword = "wrong_password", Forbidden, "Wrong password";
        /// The caller lacks the permission.
        PermissionDenied = "permission_denied", Forbidden, "Permission denied";
        /// The caller has proved who they are, but too long ago for this.
        ReauthenticationRequired = "reauthentication_required", Forbidden, "Fresh sign-in required";
        /// The account, role or permission exceeds the caller's own permissions.
        ExceedsOwnPermissions = "exceeds_own_permissions", Forbidden, "Beyond one's own permissions";
        /// The account is disabled.
        AccountDisabled = "account_disabled", Forbidden, "Account disabled";
        /// The address must be verified first.
        EmailUnverified = "email_unverified", Forbidden, "E-mail address not verified";
        /// Nobody may register here.
        RegistrationDisabled = "registration_disabled", Forbidden, "Registration disabled";
        /// No such account.
        UserNotFound = "user_not_found", NotFound, "No such user";
        /// No such session.
        SessionNotFound = "session_not_found", NotFound, "No such session";
        /// No such role.
        RoleNotFound = "role_not_found", NotFound, "No such role";
        /// No such permission.
        PermissionNotFound = "permission_not_found", NotFound, "No such permission";
        /// No such client app.
        ClientAppNotFound = "client_app_not_found", NotFound, "No such client app";
        /// No such signing key.
        KeyNotFound = "key_not_found", NotFound, "No such signing key";
        /// Another account has that address.
        EmailTaken = "email_taken", Conflict, "E-mail address taken";
        /// Another account has that username.
        UsernameTaken = "username_taken", Conflict, "Username taken";
        /// There is a role of that name.
        RoleExists = "role_exists", Conflict, "Role exists already";
        /// There is a permission of that name.
        PermissionExists = "permission_exists", Conflict, "Permission exists already";
        /// There are as many permissions as there may be.
        TooManyPermissions = "too_many_permissions", Conflict, "Too many permissions";
        /// The account or client app would hold more roles than a token can list.
        TooManyRoles = "too_many_roles", Conflict, "Too many roles";
        /// There is a client app of that id.
        ClientAppExists = "client_app_exists", Conflict, "Client app exists already";
        /// A public client app has no secret.
        PublicClientApp = "public_client_app", Conflict, "Public client app";
        /// It would leave nobody who administers.
        LastAdmin = "last_admin", Conflict, "Last administrator";
        /// System roles stay as they are.
        SystemRole = "system_role", Conflict, "System role";
        /// System permissions stay.
        SystemPermission = "system_permission", Conflict, "System permission";
        /// No other key could sign in its place.
        OnlySigningKey = "only_signing_key", Conflict, "Only signing key";
        /// The key that signs is given by a setting.
        SigningKeyGiven = "signing_key_given", Conflict, "Signing key given by a setting";
        /// A secret was sealed with another sealing key than the one here.
        SealingKeyMismatch = "sealing_key_mismatch", Conflict, "Another sealing key";
        /// It has changed since the caller read it.
        VersionMismatch = "version_mismatch", Stale, "Changed meanwhile";
        /// Too many attempts.
        RateLimited = "rate_limited", RateLimited, "Too many attempts";
        /// The database does not answer.
        StoreUnavailable = "store_unavailable", Unavailable, "Database unavailable";
        /// Too many passwords are being checked at once.
        HashingOverloaded = "hashing_overloaded", Unavailable, "Too many sign-ins at once";
        /// A fault of ours; the log has it under the correlation id.
        Internal = "internal", Internal, "Internal error";
    }
}

impl ErrorCode {
    /// The status that front ends over HTTP answer.
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
