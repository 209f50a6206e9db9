//! Counts requests, by the table of operations.
use crate::{Policies, Services, Tools};
use doorward_domain::{Network, Quota, RateClass, UserId};
use doorward_ports::access::Operation;
use doorward_ports::inbound::RateLimitState;
use doorward_ports::limits::CountedBy;
use doorward_ports::outbound::{AccessClaims, AccessHolder};
use doorward_ports::{Actor, Result};
use std::net::IpAddr;

/// The quota of each class that is counted here. The lockout counts the failures of the class `account`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimits {
    /// Operations that take a password or a code, by IP address.
    pub login: Quota,
    /// Exchanges of tokens, by IP address or confidential client.
    pub auth: Quota,
    /// All other operations, by account or IP address.
    pub api: Quota,
    /// Operations that need a permission, by account.
    pub admin: Quota,
    /// Reads of what is public, by IP address.
    pub public: Quota,
}

impl RateLimits {
    /// None for a class that is counted elsewhere.
    const fn of(&self, class: RateClass) -> Option<Quota> {
        match class {
            RateClass::Login => Some(self.login),
            RateClass::Auth => Some(self.auth),
            RateClass::Api => Some(self.api),
            RateClass::Admin => Some(self.admin),
            RateClass::Public => Some(self.public),
            RateClass::Account => None,
        }
    }
}

#[derive(Clone, Copy)]
struct Limit {
    class: RateClass,
    by: CountedBy,
    quota: Quota,
}

/// None for an operation without a limit, and if rate limits are off.
fn limit(policies: &Policies, operation: Operation) -> Option<Limit> {
    let (class, by) = operation.limit()?;
    let quota = policies.limits?.of(class)?;
    Some(Limit { class, by, quota })
}

/// Counts one request, whose IP address is known from the start.
pub(super) struct Counter<'a> {
    tools: &'a Tools,
    limit: Option<Limit>,
    address: Option<IpAddr>,
    last: Option<Counted>,
}

/// The last count.
struct Counted {
    key: String,
    rate_limit: RateLimitState,
}

/// By what a request is counted if the table does not say the IP address.
#[derive(Clone, Copy)]
pub(super) enum CountedAs<'a> {
    /// The caller is unknown: the IP address is counted.
    Nobody,
    User(UserId),
    Client(&'a str),
}

impl<'a> Counter<'a> {
    pub fn of(services: &'a Services, operation: Operation, address: Option<IpAddr>) -> Self {
        let (tools, policies) = (services.tools_without_authorization(), services.policies());
        Self { tools, limit: limit(policies, operation), address, last: None }
    }

    /// The rate-limit state after the last count.
    pub fn rate_limit(&self) -> Option<RateLimitState> {
        self.last.as_ref().map(|last| last.rate_limit)
    }

    /// Counts before anything else is known: only operations that the table counts by IP address.
    pub async fn count_address(&mut self) -> Result<()> {
        match self.limit {
            Some(limit @ Limit { by: CountedBy::Address, .. }) => self.take(limit, by_address(self.address)).await,
            _ => Ok(()),
        }
    }

    /// Counts when the request has named its caller: only operations that the table does not count by IP address.
    pub async fn count(&mut self, who: CountedAs<'_>) -> Result<()> {
        match self.limit {
            Some(limit @ Limit { by: CountedBy::Caller | CountedBy::Client, .. }) => {
                self.take(limit, who.key(self.address)).await
            }
            _ => Ok(()),
        }
    }

    /// An attempt with a secret. It is counted separately from other requests of the IP address: a client with a
    /// verified secret has its own quota, even if the IP address has used up its quota.
    pub async fn count_attempt(&mut self) -> Result<()> {
        match self.limit {
            Some(limit) => self.take(limit, format!("attempts:{}", by_address(self.address))).await,
            None => Ok(()),
        }
    }

    /// Gives back the last count, but not what the table counts by IP address.
    pub async fn give_back(&self) {
        if let (Some(Counted { key, .. }), Some(limit)) = (&self.last, self.limit)
            && limit.by != CountedBy::Address
        {
            self.tools.limiter.give_back(limit.class, key, limit.quota).await;
        }
    }

    async fn take(&mut self, Limit { class, quota, .. }: Limit, key: String) -> Result<()> {
        let taken = self.tools.limiter.take(class, &key, quota).await;
        if !taken.is_allowed() {
            self.tools.observer.rate_limited(class);
        }
        self.last.insert(Counted { key, rate_limit: RateLimitState { class, quota, taken } }).rate_limit.judge()
    }
}

impl CountedAs<'_> {
    fn key(self, address: Option<IpAddr>) -> String {
        match self {
            Self::Nobody => by_address(address),
            Self::User(id) => format!("user:{id}"),
            Self::Client(id) => format!("client:{id}"),
        }
    }
}

impl<'a> From<&'a Actor> for CountedAs<'a> {
    fn from(actor: &'a Actor) -> Self {
        match actor {
            Actor::User(signed_in) => Self::User(signed_in.user),
            Actor::Client(service) => Self::Client(service.id.as_ref()),
            Actor::Anonymous | Actor::Operator => Self::Nobody,
        }
    }
}

impl<'a> From<&'a AccessClaims> for CountedAs<'a> {
    fn from(claims: &'a AccessClaims) -> Self {
        match claims.holder {
            AccessHolder::User { user, .. } => Self::User(user),
            AccessHolder::Client { .. } => Self::Client(claims.client.as_str()),
        }
    }
}

/// Gives back to an IP address the count of an operation that was not a guess.
pub(super) async fn give_address_back(
    tools: &Tools,
    policies: &Policies,
    address: Option<IpAddr>,
    operation: Operation,
) {
    if let Some(Limit { class, by: CountedBy::Address, quota }) = limit(policies, operation) {
        tools.limiter.give_back(class, &by_address(address), quota).await;
    }
}

/// One household, or one attacker, has a whole /64 of IPv6.
fn by_address(address: Option<IpAddr>) -> String {
    match address.map(|address| address.to_canonical()) {
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(address @ IpAddr::V6(_)) => Network::of(address).to_string(),
        None => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv4_address_is_counted_alone_and_one_of_ipv6_with_its_neighbours() {
        let key = |address: &str| by_address(Some(address.parse().unwrap()));
        assert_eq!(key("203.0.113.7"), "203.0.113.7");
        assert_eq!(key("::ffff:203.0.113.7"), "203.0.113.7");
        assert_eq!(key("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
    }
}
