//! How often each operation may be asked for, and by whom it is counted: the second table beside [`access`](crate::access).
//! The page `docs/features/rate-limits.md` is made from it.
use crate::access::Operation;
use doorward_domain::RateClass;

/// Whose requests are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountedBy {
    /// All from one address, whoever they are: before a token or a body is looked at.
    Address,
    /// The account, or the client app; an address, while nobody is known.
    Caller,
    /// A confidential client app that has proved who it is; for anybody else the address.
    Client,
}

use CountedBy::{Address as ByAddress, Caller as ByCaller, Client as ByClient};
use RateClass::{Admin, Api, Auth, Login};

/// The class of an operation and by whom it is counted; none: it is not limited.
///
/// Login is whatever takes a password or a code. Every operation has its row: a new one does not compile without.
#[must_use]
pub const fn limit_of(operation: Operation) -> Option<(RateClass, CountedBy)> {
    match operation {
        Operation::Register | Operation::SignIn | Operation::ChangeOwnPassword => Some((Login, ByAddress)),
        Operation::Refresh => Some((Auth, ByAddress)),
        Operation::IssueTokens | Operation::RevokeToken => Some((Auth, ByClient)),
        Operation::IntrospectToken => Some((Api, ByClient)),
        Operation::SignOut
        | Operation::ReadOwnAccount
        | Operation::ChangeOwnAccount
        | Operation::DeleteOwnAccount
        | Operation::ListOwnSessions
        | Operation::EndOwnSession
        | Operation::EndOwnOtherSessions => Some((Api, ByCaller)),
        Operation::ListUsers
        | Operation::ReadUser
        | Operation::CreateUser
        | Operation::ChangeUser
        | Operation::DeleteUser
        | Operation::SetUserPassword
        | Operation::UnlockUser
        | Operation::GrantRole
        | Operation::RevokeRole
        | Operation::ListUserSessions
        | Operation::EndUserSessions
        | Operation::ListRoles
        | Operation::ReadRole
        | Operation::CreateRole
        | Operation::ChangeRole
        | Operation::DeleteRole
        | Operation::GrantPermission
        | Operation::RevokePermission
        | Operation::ListPermissions
        | Operation::CreatePermission
        | Operation::DeletePermission
        | Operation::ListClientApps
        | Operation::ReadClientApp
        | Operation::CreateClientApp
        | Operation::ChangeClientApp
        | Operation::DeleteClientApp
        | Operation::RotateClientSecret => Some((Admin, ByCaller)),
        // The proxy of an app asks for each of its requests, pictures too; it has limits of its own, and takes a refusal for
        // a fault.
        Operation::CheckAccess => None,
        // Monitoring must hear of trouble also in the midst of it.
        Operation::ReadHealth | Operation::ReadMetrics => None,
        // Whoever sits at the machine itself.
        Operation::Bootstrap
        | Operation::Tidy
        | Operation::RecordSightings
        | Operation::ListKeys
        | Operation::RotateKeys
        | Operation::RetireKey
        | Operation::RevokeKey => None,
    }
}

/// The page `docs/features/rate-limits.md`.
#[must_use]
pub fn render() -> String {
    let mut page = String::from(PAGE);
    for operation in Operation::ALL {
        let row = match limit_of(*operation) {
            Some((class, by)) => format!("`{}` | {} |", class.as_str(), who(by)),
            None if operation.requirement() == crate::access::Requirement::Operator => continue,
            None => "none | |".to_owned(),
        };
        page.push_str(&format!("| `{}` | {} | {row}\n", operation.as_str(), operation.summary().trim()));
    }
    page
}

const fn who(by: CountedBy) -> &'static str {
    match by {
        ByAddress => "address",
        ByCaller => "account or client app; an address while nobody is known",
        ByClient => "confidential client app that has proved it; else as above",
    }
}

const PAGE: &str = include_str!("limits.md");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Requirement;

    #[test]
    fn what_needs_a_permission_is_what_administrators_do() {
        for operation in Operation::ALL {
            let is_admins = matches!(limit_of(*operation), Some((Admin, _)));
            let needs = matches!(operation.requirement(), Requirement::Permission(_));
            assert_eq!(
                is_admins,
                needs && !matches!(operation, Operation::ReadHealth | Operation::ReadMetrics),
                "{operation:?}"
            );
        }
    }
}
