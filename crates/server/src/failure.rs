//! The failure of a command.

use std::error::Error as StdError;

use doorward_ports::{Causes, Error, ErrorCode, ErrorKind, FieldError};

use doorward_settings::Faults;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The command ran and failed.
    #[error("{problem}\n  {next}")]
    Failed {
        /// What went wrong.
        problem: String,
        /// What to do next.
        next: String,
    },
    /// The settings are not valid.
    #[error(transparent)]
    Settings(#[from] Faults),
    /// The command failed, and the answer on standard output contains the reason.
    #[error("the answer on standard output contains the reason")]
    Told,
    /// The command was typed wrongly; the text is its help.
    #[error("{0}")]
    Usage(String),
    /// The reader of the answer stopped reading, like `head`; this is not a failure.
    #[error("the reader of the answer is gone")]
    ReaderGone,
}

impl Failure {
    /// A failure, and what to do next.
    pub fn failed(problem: impl Into<String>, next: impl Into<String>) -> Self {
        Self::Failed { problem: problem.into(), next: next.into() }
    }

    /// A failure with the chain of its causes, and what to do next.
    pub fn of(error: &(dyn StdError + 'static), next: impl Into<String>) -> Self {
        Self::failed(Causes(error).to_string(), next)
    }
}

/// The refusal of a use case for the terminal. Only here the causes are shown, because only an operator may know them.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let faults: String = error.fields.iter().map(fault).collect();
        let cause = error.source.as_deref().map(|cause| format!(": {}", Causes(cause))).unwrap_or_default();
        let problem = match error.fields.as_slice() {
            [] => format!("{} ({}){cause}", error.detail.trim_end_matches('.'), error.code.as_str()),
            _ => format!("the input is not valid ({}):{faults}", error.code.as_str()),
        };
        Self::failed(problem, cure(&error))
    }
}

fn fault(field: &FieldError) -> String {
    format!("\n  {}: {}", field.pointer.trim_start_matches('/'), field.message)
}

fn cure(error: &Error) -> &'static str {
    match error.code {
        ErrorCode::UserNotFound => "`doorward user list` lists the accounts",
        ErrorCode::RoleNotFound => "`doorward role list` lists the roles, `doorward role create` creates one",
        ErrorCode::PermissionNotFound => {
            "`doorward permission list` lists the permissions, `doorward permission create` creates one"
        }
        ErrorCode::EmailTaken | ErrorCode::UsernameTaken => "`doorward user show` shows the account",
        ErrorCode::RoleExists => "`doorward role show` shows the role",
        ErrorCode::TooManyPermissions => "`doorward permission delete` deletes one",
        ErrorCode::TooManyRoles => "`doorward user revoke WHO ROLE` revokes a role",
        ErrorCode::AuditLogUnsealed => "start the server, which seals lines within a second",
        ErrorCode::AuditLogDamaged => "`doorward audit verify` names the first bad line",
        ErrorCode::LastAdmin => "`doorward user grant WHO admin` makes another administrator",
        _ => match error.kind() {
            ErrorKind::Malformed | ErrorKind::Invalid => "correct the input, and run the command again",
            ErrorKind::Unavailable => "`doorward doctor` searches for the cause",
            ErrorKind::RateLimited | ErrorKind::Stale => "run the command again",
            ErrorKind::Internal => "`doorward doctor` may find the cause",
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
            "the input is not valid (validation_failed):\n  email: It has no @.\n  roles/0: It is empty.\n  \
             correct the input, and run the command again"
        );
    }

    #[test]
    fn a_refusal_is_told_with_its_code_and_a_cure() {
        let said = Failure::from(Error::new(ErrorCode::UserNotFound, "There is no account with this id.")).to_string();
        assert_eq!(
            said,
            "There is no account with this id (user_not_found)\n  `doorward user list` lists the accounts"
        );
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
