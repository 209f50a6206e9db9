//! How often each operation may be asked for, and by whom it is counted: the second table beside [`access`](crate::access).
//! The page `docs/features/rate-limits.md` is made from it.
use crate::access::Operation;
use crate::client_tokens::confidential;
use crate::ports::inbound::{ClientCredentials, Limits, Standing};
use crate::{Actor, Caller, Services};
use async_trait::async_trait;
use doorward_domain::{Network, Quota, RateClass};
use std::net::IpAddr;

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

/// How often, for each class that is counted here. The class `account` is counted by failures, in the lockout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimits {
    /// Whatever takes a password or a code, by address.
    pub login: Quota,
    /// Tokens, by address or confidential client.
    pub auth: Quota,
    /// Everything else, by account or address.
    pub api: Quota,
    /// What administrators do, by account.
    pub admin: Quota,
}

impl RateLimits {
    /// None for a class that is counted elsewhere.
    const fn of(&self, class: RateClass) -> Option<Quota> {
        match class {
            Login => Some(self.login),
            Auth => Some(self.auth),
            Api => Some(self.api),
            Admin => Some(self.admin),
            RateClass::Account => None,
        }
    }
}

#[async_trait]
impl Limits for Services {
    async fn admit_address(&self, caller: &Caller, operation: Operation) -> Option<Standing> {
        match limit_of(operation)? {
            (class, ByAddress) => count(self, class, &address(caller)).await,
            (_, ByCaller | ByClient) => None,
        }
    }

    async fn admit_caller(&self, caller: &Caller, operation: Operation) -> Option<Standing> {
        match limit_of(operation)? {
            (class, ByCaller) => count(self, class, &known(caller)).await,
            (_, ByAddress | ByClient) => None,
        }
    }

    async fn admit_client(
        &self,
        caller: &Caller,
        operation: Operation,
        shown: Option<&ClientCredentials>,
    ) -> Option<Standing> {
        let (class, ByClient) = limit_of(operation)? else { return None };
        count(self, class, &client(self, caller, shown).await).await
    }
}

async fn count(services: &Services, class: RateClass, key: &str) -> Option<Standing> {
    let quota = services.policies.limits?.of(class)?;
    let taken = services.tools.limiter.take(class, key, quota).await;
    if !taken.is_allowed() {
        services.tools.observer.rate_limited(class);
    }
    Some(Standing { class, quota, taken })
}

/// Whoever is known, else his address.
fn known(caller: &Caller) -> String {
    match &caller.actor {
        Actor::User(signed_in) => format!("user:{}", signed_in.user),
        Actor::Client(service) => format!("client:{}", service.id),
        Actor::Anonymous | Actor::Operator => address(caller),
    }
}

/// A household, or an attacker, has a whole /64 of IPv6.
fn address(caller: &Caller) -> String {
    match caller.origin.address.map(|address| address.to_canonical()) {
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(address @ IpAddr::V6(_)) => Network::of(address).to_string(),
        None => "unknown".to_owned(),
    }
}

/// Only who has shown the secret is counted as that client: else anybody could use up the quota of another, and a wrong
/// secret would cost nothing.
async fn client(services: &Services, caller: &Caller, shown: Option<&ClientCredentials>) -> String {
    match shown.filter(|shown| shown.secret.is_some()) {
        Some(shown) => match confidential(services, shown).await {
            Some(id) => format!("client:{id}"),
            None => address(caller),
        },
        None => known(caller),
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
    use crate::Origin;
    use crate::access::Requirement;
    use doorward_domain::CorrelationId;

    fn from(address: &str) -> Caller {
        let correlation_id = CorrelationId::parse("a-correlation-id").unwrap();
        let origin = Origin { address: Some(address.parse().unwrap()), user_agent: None, correlation_id };
        Caller { actor: Actor::Anonymous, origin }
    }

    #[test]
    fn an_ipv4_address_is_counted_alone_and_one_of_ipv6_with_its_neighbours() {
        assert_eq!(address(&from("203.0.113.7")), "203.0.113.7");
        assert_eq!(address(&from("::ffff:203.0.113.7")), "203.0.113.7");
        assert_eq!(address(&from("2001:db8:1:2:3:4:5:6")), "2001:db8:1:2::/64");
    }

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
