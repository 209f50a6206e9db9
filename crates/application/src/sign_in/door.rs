//! The door to an account: counts wrong passwords, and is shut for a while after too many.
use crate::Services;
use doorward_domain::{Attempts, LockoutPolicy, Network, RateClass, Timestamp};
use doorward_ports::outbound::{AccountKey, WriteWork};
use doorward_ports::{Caller, Result};
use std::time::Duration;

/// For how long a network that the owner signed in from counts as his.
const FAMILIAR_FOR: Duration = Duration::from_secs(30 * 86_400);
/// How many times as many wrong passwords, from all unfamiliar networks together, shut the door to all of them.
const EVERYWHERE: u32 = 10;

/// One account, or a name that no account has, as seen from one network.
///
/// Wrong passwords are counted by network, so that nobody locks an owner out from elsewhere; and all unfamiliar networks
/// are counted together as well, at a higher limit, so that guessing from many of them is stopped too. Networks that the
/// owner signed in from have their own count only.
pub(crate) struct Door {
    account: AccountKey,
    counts: Vec<Count>,
    now: Timestamp,
}

struct Count {
    /// None: all unfamiliar networks together.
    scope: Option<Network>,
    policy: LockoutPolicy,
    attempts: Attempts,
    /// Whether it holds for this network. One that does not is read and written all the same: to pass it over would tell by
    /// time, to the owner's neighbours, that there is such an account.
    applies: bool,
}

impl Door {
    /// Walks up to the door. Others who come from the same network wait until this work has ended.
    pub async fn approach(
        services: &Services,
        work: &mut dyn WriteWork,
        caller: &Caller,
        account: AccountKey,
        now: Timestamp,
    ) -> Result<Self> {
        let mut door = Self { account, counts: Vec::new(), now };
        let Some(policy) = services.policies.lockout else { return Ok(door) };
        let network = caller.origin.address.map(Network::of);
        let mut familiar = false;
        if let Some(network) = network {
            familiar = work.attempts().knows_network(account, network, now.minus(FAMILIAR_FOR)).await?;
            door.count(work, Some(network), policy, true).await?;
        }
        let policy = LockoutPolicy { limit: policy.limit.saturating_mul(EVERYWHERE), ..policy };
        door.count(work, None, policy, !familiar).await?;
        Ok(door)
    }

    async fn count(
        &mut self,
        work: &mut dyn WriteWork,
        scope: Option<Network>,
        policy: LockoutPolicy,
        applies: bool,
    ) -> Result<()> {
        let attempts = work.attempts().lock(self.account, scope, self.now).await?;
        self.counts.push(Count { scope, policy, attempts, applies });
        Ok(())
    }

    /// How long the door stays shut, if it is.
    pub fn shut_for(&self) -> Option<Duration> {
        let applying = self.counts.iter().filter(|count| count.applies);
        applying.filter_map(|count| count.attempts.is_locked(self.now)).max()
    }

    /// Counts a wrong password; answers whether that shut the door. At a shut door no password is counted, right or wrong:
    /// one network must not be able to keep it shut, nor to use up what all unfamiliar networks have together. That
    /// somebody came to a shut one is told to the metrics.
    pub async fn knock_in_vain(mut self, services: &Services, work: &mut dyn WriteWork) -> Result<bool> {
        if self.shut_for().is_some() {
            services.tools.observer.rate_limited(RateClass::Account);
            return Ok(false);
        }
        for count in &mut self.counts {
            if count.applies {
                count.attempts = count.attempts.fail(self.now, &count.policy);
            }
            work.attempts().save(self.account, count.scope, &count.attempts, self.now).await?;
        }
        Ok(self.shut_for().is_some())
    }

    /// Forgets the wrong passwords from this network: the owner has come in.
    pub async fn enter(self, work: &mut dyn WriteWork) -> Result<()> {
        for count in self.counts.iter().filter(|count| count.scope.is_some()) {
            work.attempts().clear(self.account, count.scope).await?;
        }
        Ok(())
    }
}
