//! Counts wrong passwords of an account, and locks it for a while after too many.
use crate::services::{Subject, Work};
use doorward_domain::{Attempts, AuditAction, LockoutPolicy, Network, RateClass, Timestamp};
use doorward_ports::Result;
use doorward_ports::outbound::AccountKey;
use std::time::Duration;

/// For how long a network that the owner signed in from counts as the owner's.
const FAMILIAR_FOR: Duration = Duration::from_secs(30 * 86_400);
/// How many times as many wrong passwords, from all unfamiliar networks together, lock the account for all of them.
const EVERYWHERE: u32 = 10;

/// One account, or a name that no account has, as seen from one network.
///
/// Wrong passwords are counted by network, so that nobody locks an owner out from elsewhere; and all unfamiliar networks
/// are counted together as well, at a higher limit, so that guessing from many of them is stopped too. Networks that the
/// owner signed in from have their own count only.
pub(crate) struct Lockout {
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

impl Lockout {
    /// Reads the counts. Others who come from the same network wait until this work has ended.
    pub async fn lock(work: &mut Work<'_>, account: AccountKey) -> Result<Self> {
        let mut lockout = Self { account, counts: Vec::new(), now: work.now };
        let Some(policy) = work.policies.lockout else { return Ok(lockout) };
        let network = work.caller.origin.address.map(Network::of);
        let mut familiar = false;
        if let Some(network) = network {
            let since = lockout.now.minus(FAMILIAR_FOR);
            familiar = work.attempts().knows_network(account, network, since).await?;
            lockout.count(work, Some(network), policy, true).await?;
        }
        let policy = LockoutPolicy { limit: policy.limit.saturating_mul(EVERYWHERE), ..policy };
        lockout.count(work, None, policy, !familiar).await?;
        Ok(lockout)
    }

    async fn count(
        &mut self,
        work: &mut Work<'_>,
        scope: Option<Network>,
        policy: LockoutPolicy,
        applies: bool,
    ) -> Result<()> {
        let attempts = work.attempts().lock(self.account, scope, self.now).await?;
        self.counts.push(Count { scope, policy, attempts, applies });
        Ok(())
    }

    /// How long the account stays locked for this network, if it is.
    pub fn remaining(&self) -> Option<Duration> {
        let applying = self.counts.iter().filter(|count| count.applies);
        applying.filter_map(|count| count.attempts.is_locked(self.now)).max()
    }

    /// At a locked account, tells the audit log of the refusal, and answers how long the account stays locked. No password is
    /// counted there, right or wrong: one network must not be able to keep it locked, nor to use up what all unfamiliar
    /// networks have together.
    pub async fn refuse_if_locked(
        &self,
        work: &mut Work<'_>,
        action: AuditAction,
        subject: Subject<'_>,
    ) -> Result<Option<Duration>> {
        let remaining = self.remaining();
        if remaining.is_some() {
            work.observer().rate_limited(RateClass::Account);
            work.audit_refusal(action, subject, "locked").await?;
        }
        Ok(remaining)
    }

    /// Counts a wrong password, and tells the audit log of the refusal and of a lock that comes of it.
    pub async fn refuse(
        self,
        work: &mut Work<'_>,
        action: AuditAction,
        subject: Subject<'_>,
        reason: &str,
    ) -> Result<()> {
        if self.refuse_if_locked(work, action, subject).await?.is_some() {
            return Ok(());
        }
        let locks = self.fail(work).await?;
        work.audit_refusal(action, subject, reason).await?;
        if locks {
            work.audit(AuditAction::SignInLocked, subject).await?;
        }
        Ok(())
    }

    /// Answers whether the account is locked by it.
    async fn fail(mut self, work: &mut Work<'_>) -> Result<bool> {
        for count in &mut self.counts {
            if count.applies {
                count.attempts = count.attempts.fail(self.now, &count.policy);
            }
            work.attempts().save(self.account, count.scope, &count.attempts, self.now).await?;
        }
        Ok(self.remaining().is_some())
    }

    /// Forgets the wrong passwords from this network: the owner has come in.
    pub async fn clear(self, work: &mut Work<'_>) -> Result<()> {
        for count in self.counts.iter().filter(|count| count.scope.is_some()) {
            work.attempts().clear(self.account, count.scope).await?;
        }
        Ok(())
    }
}
