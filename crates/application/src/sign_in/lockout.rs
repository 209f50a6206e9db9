//! Counts wrong passwords of an account, and locks it for a while after too many.
use crate::services::{Subject, Work};
use doorward_domain::{Attempts, AuditAction, LockoutPolicy, Network, RateClass, Timestamp};
use doorward_ports::Result;
use doorward_ports::outbound::AccountKey;
use std::time::Duration;

/// How long a network is known after the owner has signed in from it.
pub(super) const FAMILIAR_FOR: Duration = Duration::from_secs(30 * 86_400);
/// The factor for the limit of wrong passwords from all unknown networks together, after which the account is locked
/// for all of them.
const EVERYWHERE: u32 = 10;

/// An account, or a name without an account, together with one network.
///
/// Wrong passwords are counted by network, so that nobody can lock an owner out from elsewhere. All unknown networks
/// are also counted together, with a higher limit, against guessing from many networks. Known networks of the owner
/// have only their own count.
pub(crate) struct Lockout {
    account: AccountKey,
    counts: Vec<Count>,
    now: Timestamp,
}

struct Count {
    /// None: all unknown networks together.
    scope: Option<Network>,
    policy: LockoutPolicy,
    attempts: Attempts,
    /// Whether it applies to this network. A count that does not apply is read and written all the same: otherwise the
    /// time would reveal, to neighbours of the owner, that the account exists.
    applies: bool,
}

impl Lockout {
    /// Reads the counts. Other calls from the same network wait until this work has ended.
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

    /// How long the account stays locked for this network, if it is locked.
    pub fn remaining(&self) -> Option<Duration> {
        let applying = self.counts.iter().filter(|count| count.applies);
        applying.filter_map(|count| count.attempts.is_locked(self.now)).max()
    }

    /// For a locked account, appends the refusal to the audit log, and returns how long the account stays locked. No
    /// password is counted then, right or wrong: one network must not be able to keep it locked, or to use up the count
    /// of all unknown networks.
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

    /// Counts a wrong password, and appends the refusal, and a resulting lock, to the audit log.
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

    /// Returns whether this locks the account.
    async fn fail(mut self, work: &mut Work<'_>) -> Result<bool> {
        for count in &mut self.counts {
            if count.applies {
                count.attempts = count.attempts.fail(self.now, &count.policy);
            }
            work.attempts().save(self.account, count.scope, &count.attempts, self.now).await?;
        }
        Ok(self.remaining().is_some())
    }

    /// Deletes the count of wrong passwords from this network, because the owner has signed in.
    pub async fn clear(self, work: &mut Work<'_>) -> Result<()> {
        for count in self.counts.iter().filter(|count| count.scope.is_some()) {
            work.attempts().clear(self.account, count.scope).await?;
        }
        Ok(())
    }
}
