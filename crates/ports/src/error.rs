use crate::outbound::{HashingError, StoreError, Unique};
use std::time::Duration;

/// What a use case answers.
pub type Result<T> = std::result::Result<T, Error>;

/// What kind of refusal an error is; front ends derive their status from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The input is wrong.
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

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $kind:ident;)*) => {
        /// Why, in a word that never changes. Each has a page in `docs/problems/`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ErrorCode {
            $($(#[$doc])* $variant),*
        }

        impl ErrorCode {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The kind of refusal.
            #[must_use]
            pub const fn kind(self) -> ErrorKind {
                match self { $(Self::$variant => ErrorKind::$kind),* }
            }
        }
    };
}

codes! {
    /// Fields of the input are wrong; see [`Error::fields`].
    ValidationFailed = "validation_failed", Invalid;
    /// The cursor is not one that this list gave out.
    InvalidCursor = "invalid_cursor", Invalid;
    /// The identifier or the password is wrong, or the account is locked: which of them is not told.
    InvalidCredentials = "invalid_credentials", Unauthenticated;
    /// The operation needs somebody signed in.
    AuthenticationRequired = "authentication_required", Unauthenticated;
    /// The token is malformed, forged, expired, of another type, or its session has ended.
    InvalidToken = "invalid_token", Unauthenticated;
    /// There is no such active client, or its secret is not that one: which of them is not told.
    InvalidClient = "invalid_client", Unauthenticated;
    /// A spent refresh token was shown; its session has been ended.
    RefreshTokenReused = "refresh_token_reused", Unauthenticated;
    /// The current password is wrong.
    WrongPassword = "wrong_password", Forbidden;
    /// The caller lacks the permission.
    PermissionDenied = "permission_denied", Forbidden;
    /// The caller proved who he is, but too long ago for this.
    ReauthenticationRequired = "reauthentication_required", Forbidden;
    /// The account, role or permission exceeds the caller's own permissions.
    ExceedsOwnPermissions = "exceeds_own_permissions", Forbidden;
    /// The account is disabled.
    AccountDisabled = "account_disabled", Forbidden;
    /// The address must be verified first.
    EmailUnverified = "email_unverified", Forbidden;
    /// Nobody may register here.
    RegistrationDisabled = "registration_disabled", Forbidden;
    /// The client is known, and may not have a token in this way.
    UnauthorizedClient = "unauthorized_client", Forbidden;
    /// A token of this type can't be given back.
    UnsupportedTokenType = "unsupported_token_type", Invalid;
    /// No such account.
    UserNotFound = "user_not_found", NotFound;
    /// No such session.
    SessionNotFound = "session_not_found", NotFound;
    /// No such role.
    RoleNotFound = "role_not_found", NotFound;
    /// No such permission.
    PermissionNotFound = "permission_not_found", NotFound;
    /// No such client app.
    ClientAppNotFound = "client_app_not_found", NotFound;
    /// No such signing key.
    KeyNotFound = "key_not_found", NotFound;
    /// Another account has that address.
    EmailTaken = "email_taken", Conflict;
    /// Another account has that username.
    UsernameTaken = "username_taken", Conflict;
    /// There is a role of that name.
    RoleExists = "role_exists", Conflict;
    /// There is a permission of that name.
    PermissionExists = "permission_exists", Conflict;
    /// There is a client app of that id.
    ClientAppExists = "client_app_exists", Conflict;
    /// A public client app has no secret.
    PublicClientApp = "public_client_app", Conflict;
    /// It would leave nobody who administers.
    LastAdmin = "last_admin", Conflict;
    /// System roles stay as they are.
    SystemRole = "system_role", Conflict;
    /// System permissions stay.
    SystemPermission = "system_permission", Conflict;
    /// No other key could sign in its place.
    OnlySigningKey = "only_signing_key", Conflict;
    /// The key that signs is given by a setting.
    SigningKeyGiven = "signing_key_given", Conflict;
    /// A secret was sealed with another sealing key than the one here.
    SealingKeyMismatch = "sealing_key_mismatch", Conflict;
    /// It has changed since the caller read it.
    VersionMismatch = "version_mismatch", Stale;
    /// Too many attempts.
    RateLimited = "rate_limited", RateLimited;
    /// The database does not answer.
    StoreUnavailable = "store_unavailable", Unavailable;
    /// Too many passwords are being checked at once.
    HashingOverloaded = "hashing_overloaded", Unavailable;
    /// A fault of ours; the log has it under the correlation id.
    Internal = "internal", Internal;
}

/// What is wrong with one field of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Where: a JSON pointer (RFC 6901), such as `/email`.
    pub pointer: String,
    /// Why, in a word that never changes.
    pub code: &'static str,
    /// Why and what to do, for people.
    pub message: String,
}

/// A refusal: what to tell the caller, and apart from it, what to tell the log.
#[derive(Debug, thiserror::Error)]
#[error("{}: {detail}", code.as_str())]
pub struct Error {
    /// Why, in a word that never changes.
    pub code: ErrorCode,
    /// Why and what to do, for people. Never holds a secret or an outside system's words.
    pub detail: String,
    /// The faulty fields, when the code is [`ErrorCode::ValidationFailed`].
    pub fields: Vec<FieldError>,
    /// When to try again, when that helps.
    pub retry_after: Option<Duration>,
    /// What went wrong underneath: for the log, never for the caller.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// A refusal with its reason for people.
    #[must_use]
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), fields: Vec::new(), retry_after: None, source: None }
    }

    /// A refusal of the input, field by field.
    #[must_use]
    pub fn invalid(fields: Vec<FieldError>) -> Self {
        let detail = match fields.as_slice() {
            [one] if one.pointer.is_empty() => one.message.clone(),
            [one] => format!("{}: {}", one.pointer, one.message),
            many => format!("{} fields are wrong.", many.len()),
        };
        Self { fields, ..Self::new(ErrorCode::ValidationFailed, detail) }
    }

    /// A fault of ours.
    #[must_use]
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            source: Some(source.into()),
            ..Self::new(
                ErrorCode::Internal,
                "Something went wrong on our side; the log has it under the correlation id.",
            )
        }
    }

    /// The same refusal, with the time after which trying again helps.
    #[must_use]
    pub const fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// The kind of refusal.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.code.kind()
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(source) => Self {
                source: Some(source),
                ..Self::new(
                    ErrorCode::StoreUnavailable,
                    "The database does not answer at the moment. Try again shortly.",
                )
                .retry_after(Duration::from_secs(2))
            },
            StoreError::Duplicate(unique) => unique.into(),
            other => Self::internal(other),
        }
    }
}

impl From<Unique> for Error {
    fn from(unique: Unique) -> Self {
        match unique {
            Unique::UserEmail => Self::new(ErrorCode::EmailTaken, "Another account has this e-mail address."),
            Unique::Username => {
                Self::new(ErrorCode::UsernameTaken, "Another account has this username; choose another.")
            }
            Unique::Role => Self::new(ErrorCode::RoleExists, "There is a role of this name already."),
            Unique::Permission => Self::new(ErrorCode::PermissionExists, "There is a permission of this name already."),
            Unique::ClientApp => {
                Self::new(ErrorCode::ClientAppExists, "There is a client app of this id already; choose another.")
            }
        }
    }
}

impl From<HashingError> for Error {
    fn from(error: HashingError) -> Self {
        match error {
            HashingError::Overloaded { retry_after } => Self::new(
                ErrorCode::HashingOverloaded,
                "Too many passwords are being checked at once. Try again shortly.",
            )
            .retry_after(retry_after),
            HashingError::Failed(source) => Self::internal(source),
        }
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

    #[test]
    fn a_stores_own_words_stay_out_of_what_is_told() {
        let error = Error::from(StoreError::Unavailable("password authentication failed for user x".into()));
        assert!(!error.to_string().contains("password"));
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(error.retry_after.is_some());
    }
}
