//! Counts requests before they are served, by the table [`doorward_ports::limits`].
use crate::Services;
use crate::client_tokens::confidential;
use async_trait::async_trait;
use doorward_domain::{AuditActor, Network, Quota, RateClass};
use doorward_ports::access::Operation;
use doorward_ports::inbound::{ClientCredentials, Limits, Standing};
use doorward_ports::limits::CountedBy;
use doorward_ports::{Actor, Caller};
use std::net::IpAddr;

use CountedBy::{Address as ByAddress, Caller as ByCaller, Client as ByClient};
use RateClass::{Admin, Api, Auth, Login};

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
        match operation.limit()? {
            (class, ByAddress) => count(self, class, &address(caller)).await,
            (_, ByCaller | ByClient) => None,
        }
    }

    async fn admit_caller(&self, caller: &Caller, operation: Operation) -> Option<Standing> {
        match operation.limit()? {
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
        let (class, ByClient) = operation.limit()? else { return None };
        count(self, class, &client(self, caller, shown).await).await
    }
}

async fn count(services: &Services, class: RateClass, key: &str) -> Option<Standing> {
    let quota = services.policies().limits?.of(class)?;
    let taken = services.tools_without_authorization().limiter.take(class, key, quota).await;
    if !taken.is_allowed() {
        services.tools_without_authorization().observer.rate_limited(class);
    }
    Some(Standing { class, quota, taken })
}

/// Whoever is known, else his address.
fn known(caller: &Caller) -> String {
    match &caller.actor {
        known @ (Actor::User(_) | Actor::Client(_)) => known.audited().to_string(),
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
            Some(id) => AuditActor::Client(id).to_string(),
            None => address(caller),
        },
        None => known(caller),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorward_domain::CorrelationId;
    use doorward_ports::Origin;

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
}
