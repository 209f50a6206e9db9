mod codes;

use crate::outbound::{HashingError, StoreError, Unique};
use std::time::Duration;

pub use codes::{ErrorCode, ErrorKind};

/// What a use case answers.
pub type Result<T> = std::result::Result<T, Error>;

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
    fn a_stores_own_words_stay_out_of_what_is_told() {
        let error = Error::from(StoreError::Unavailable("password authentication failed for user x".into()));
        assert!(!error.to_string().contains("password"));
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(error.retry_after.is_some());
    }
}
