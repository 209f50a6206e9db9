use super::{Operation, Requirement, Who};
use crate::ErrorCode;
use doorward_domain::RateClass;

/// Every operation that needs the store can answer these.
const ALWAYS: &[ErrorCode] = &[ErrorCode::StoreUnavailable, ErrorCode::Internal];
/// And what is public, these.
const WITHOUT_STORE: &[ErrorCode] = &[ErrorCode::Internal];

impl Operation {
    /// All error codes of an operation, each once: those of its requirement, of its row, of its rate limit, and of the
    /// store.
    pub fn refusals(self) -> impl Iterator<Item = ErrorCode> {
        let limited: &[ErrorCode] = if self.limit().is_some() { &[ErrorCode::RateLimited] } else { &[] };
        let always = if matches!(self.limit(), Some((RateClass::Public, _))) { WITHOUT_STORE } else { ALWAYS };
        let parts = [
            self.requirement().refusals(),
            enrolling(self.requirement()),
            changing_password(self.requirement()),
            fresh(self.requirement()),
            self.own_refusals(),
            limited,
            always,
        ];
        parts.into_iter().flatten().copied()
    }
}

impl Requirement {
    /// The error codes of the requirement.
    const fn refusals(self) -> &'static [ErrorCode] {
        use ErrorCode::{AuthenticationRequired, InvalidClient, InvalidToken, PermissionDenied};
        match self.who {
            // A caller without a token or without the permission is served all the same; a token that is present is
            // checked.
            _ if self.token_optional => &[InvalidToken],
            Who::Anybody => &[],
            Who::Client => &[InvalidClient],
            Who::AccountOrClientApp => &[AuthenticationRequired, InvalidToken],
            Who::Account | Who::Permission(_) => &[AuthenticationRequired, InvalidToken, PermissionDenied],
            Who::ClientAppOr(_) => &[AuthenticationRequired, InvalidToken, InvalidClient, PermissionDenied],
            Who::Operator => &[PermissionDenied],
        }
    }
}

/// A caller with an account may have to enrol a second factor first.
const fn enrolling(requirement: Requirement) -> &'static [ErrorCode] {
    let nobody = matches!(requirement.who, Who::Anybody | Who::Client | Who::Operator);
    if nobody || requirement.token_optional || requirement.while_enrolling {
        &[]
    } else {
        &[ErrorCode::MfaEnrolmentRequired]
    }
}

/// Or change their password.
const fn changing_password(requirement: Requirement) -> &'static [ErrorCode] {
    let nobody = matches!(requirement.who, Who::Anybody | Who::Client | Who::Operator);
    if nobody || requirement.token_optional || requirement.while_changing_password {
        &[]
    } else {
        &[ErrorCode::PasswordChangeRequired]
    }
}

const fn fresh(requirement: Requirement) -> &'static [ErrorCode] {
    if requirement.fresh.is_some() { &[ErrorCode::ReauthenticationRequired] } else { &[] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_names_nothing_twice_and_nothing_that_follows_from_its_other_columns() {
        for operation in Operation::ALL {
            let refusals: Vec<_> = operation.refusals().collect();
            let different: std::collections::HashSet<_> = refusals.iter().collect();
            assert_eq!(different.len(), refusals.len(), "{operation:?}: {refusals:?}");
        }
    }

    #[test]
    fn every_code_stands_in_a_row_or_follows_from_one() {
        for code in ErrorCode::ALL {
            assert!(Operation::ALL.iter().any(|operation| operation.refusals().any(|it| it == *code)), "{code:?}");
        }
    }
}
