//! How a command ends when it could not do what was asked.

use std::error::Error as StdError;

use doorward_ports::{Causes, Error, ErrorCode, ErrorKind, FieldError};

use doorward_settings::Faults;

/// Why a command did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It was tried, and failed.
    #[error("{problem}\n  {next}")]
    Failed {
        /// What went wrong.
        problem: String,
        /// What to do next.
        next: String,
    },
    /// Settings can't be used.
    #[error(transparent)]
    Settings(#[from] Faults),
    /// It failed, and the answer on standard output has said why.
    #[error("the answer on standard output says why")]
    Told,
    /// It was typed wrongly; the text is the help for it.
    #[error("{0}")]
    Usage(String),
    /// Whoever read the answer stopped reading, as `head` does; that is no failure.
    #[error("the reader of the answer has gone")]
    ReaderGone,
}

impl Failure {
    /// A failure, and what to do next.
    pub fn failed(problem: impl Into<String>, next: impl Into<String>) -> Self {
        Self::Failed { problem: problem.into(), next: next.into() }
    }

    /// What went wrong with all that caused it, and what to do next.
    pub fn of(error: &(dyn StdError + 'static), next: impl Into<String>) -> Self {
        Self::failed(Causes(error).to_string(), next)
    }
}

/// A refusal of a use case, as it is told at the terminal, where an operator may know what caused it. This is the one place
/// that does so.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let faults: String = error.fields.iter().map(fault).collect();
        let cause = error.source.as_deref().map(|cause| format!(": {}", Causes(cause))).unwrap_or_default();
        let problem = match error.fields.as_slice() {
            [] => format!("{} ({}){cause}", error.detail.trim_end_matches('.'), error.code.as_str()),
            _ => format!("the input is refused ({}):{faults}", error.code.as_str()),
        };
        Self::failed(problem, cure(&error))
    }
}

fn fault(field: &FieldError) -> String {
    format!("\n  {}: {}", field.pointer.trim_start_matches('/'), field.message)
}

fn cure(error: &Error) -> &'static str {
    match error.code {
        ErrorCode::UserNotFound => "`doorward user list` shows who there is",
        ErrorCode::RoleNotFound => "`doorward role list` shows which there are, `doorward role create` makes one",
        ErrorCode::PermissionNotFound => {
            "`doorward permission list` shows which there are, `doorward permission create` makes one"
        }
        ErrorCode::EmailTaken | ErrorCode::UsernameTaken => "`doorward user show` shows whose it is",
        ErrorCode::RoleExists => "`doorward role show` shows what it allows",
        ErrorCode::TooManyPermissions => "`doorward permission delete` deletes one",
        ErrorCode::TooManyRoles => "`doorward user revoke WHO ROLE` takes one away",
        ErrorCode::LastAdmin => "`doorward user grant WHO admin` makes another one",
        _ => match error.kind() {
            ErrorKind::Malformed | ErrorKind::Invalid => "mend it, and run the command again",
            ErrorKind::Unavailable => "`doorward doctor` looks for the reason",
            ErrorKind::RateLimited | ErrorKind::Stale => "run the command again",
            ErrorKind::Internal => "`doorward doctor` may know more",
            ErrorKind::Unauthenticated | ErrorKind::Forbidden | ErrorKind::NotFound | ErrorKind::Conflict => {
                "nothing was changed"
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorward_ports::outbound::StoreError;

    #[test]
    fn every_faulty_field_is_told_with_its_name() {
        let fault = |pointer: &str, message: &str| FieldError {
            pointer: pointer.to_owned(),
            code: "invalid",
            message: message.to_owned(),
        };
        let error = Error::invalid(vec![fault("/email", "It has no @."), fault("/roles/0", "It is empty.")]);
        assert_eq!(
            Failure::from(error).to_string(),
            "the input is refused (validation_failed):\n  email: It has no @.\n  roles/0: It is empty.\n  \
             mend it, and run the command again"
        );
    }

    #[test]
    fn a_refusal_is_told_with_its_code_and_a_cure() {
        let said = Failure::from(Error::new(ErrorCode::UserNotFound, "There is no such account.")).to_string();
        assert_eq!(said, "There is no such account (user_not_found)\n  `doorward user list` shows who there is");
    }

    #[test]
    fn what_caused_it_is_told_to_an_operator() {
        let error = Error::from(StoreError::Unavailable("password authentication failed".into()));
        let said = Failure::from(error).to_string();
        assert!(said.contains("(store_unavailable): password authentication failed\n"), "{said}");
    }

    #[test]
    fn every_code_has_a_cure() {
        for code in ErrorCode::ALL {
            assert!(!cure(&Error::new(*code, "")).is_empty(), "{}", code.as_str());
        }
    }
}
