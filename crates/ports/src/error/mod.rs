mod codes;

use crate::inbound::{LinkRequired, MfaRequired};
use crate::outbound::{HashingError, StoreError, Unique};
use std::time::Duration;

pub use codes::{ErrorCode, ErrorKind};

/// The result of a use case.
pub type Result<T> = std::result::Result<T, Error>;

/// An error in one field of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field: a JSON pointer (RFC 6901), such as `/email`.
    pub pointer: String,
    /// The reason, as a name that never changes.
    pub code: &'static str,
    /// The reason and what to do, for people.
    pub message: String,
}

/// A refusal: what the caller may know, and separately what the log may know.
#[derive(Debug, thiserror::Error)]
#[error("{}: {detail}", code.as_str())]
pub struct Error {
    /// The reason, as a name that never changes.
    pub code: ErrorCode,
    /// The reason and what to do, for people. Never contains a secret or the text of an external system.
    pub detail: String,
    /// The faulty fields, if the code is [`ErrorCode::ValidationFailed`].
    pub fields: Vec<FieldError>,
    /// When to try again, if that helps.
    pub retry_after: Option<Duration>,
    /// How to link the identity, if the code is [`ErrorCode::LinkRequired`].
    pub link: Option<Box<LinkRequired>>,
    /// How the sign-in continues, if the code is [`ErrorCode::MfaRequired`].
    pub mfa: Option<Box<MfaRequired>>,
    /// The cause: for the log, never for the caller.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// A refusal with its reason for people.
    #[must_use]
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), fields: Vec::new(), retry_after: None, link: None, mfa: None, source: None }
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

    /// An internal error.
    #[must_use]
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            source: Some(source.into()),
            ..Self::new(
                ErrorCode::Internal,
                "An internal error occurred. The log contains the cause under the correlation id.",
            )
        }
    }

    /// The same refusal, with the time after which to try again.
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
                    "The database is not available at the moment. Try again later.",
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
                Self::new(ErrorCode::UsernameTaken, "Another account has this username. Choose another username.")
            }
            Unique::Role => Self::new(ErrorCode::RoleExists, "There is already a role with this name."),
            Unique::Permission => {
                Self::new(ErrorCode::PermissionExists, "There is already a permission with this name.")
            }
            Unique::ClientApp => {
                Self::new(ErrorCode::ClientAppExists, "There is already a client app with this id. Choose another id.")
            }
            Unique::Provider => {
                Self::new(ErrorCode::ProviderExists, "There is already a provider with this name. Choose another name.")
            }
            Unique::Identity => Self::new(
                ErrorCode::IdentityInUse,
                "This identity is linked to an account already. Unlink it there first.",
            ),
        }
    }
}

impl From<HashingError> for Error {
    fn from(error: HashingError) -> Self {
        match error {
            HashingError::Overloaded { retry_after } => Self::new(
                ErrorCode::HashingOverloaded,
                "Too many passwords are being checked at once. Try again later.",
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
    fn a_stores_own_words_stay_out_of_what_is_told() {
        let error = Error::from(StoreError::Unavailable("password authentication failed for user x".into()));
        assert!(!error.to_string().contains("password"));
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(error.retry_after.is_some());
    }
}
