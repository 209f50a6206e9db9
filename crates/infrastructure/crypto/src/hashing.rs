use crate::bulkhead::{Bulkhead, Limits, NotDone};
use crate::digest::{COSTS, Digest, Recipe, Salt, Scheme, Sum};
use crate::self_test::{HashTogether, lanes_agree};
use crate::stretching::{Stretcher, Stretching};
use async_trait::async_trait;
use doorward_domain::Password;
use doorward_ports::outbound::{AccountKey, HashingError, Observer, PasswordHash, PasswordHasher, Random, Verdict};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// The sizes of hashing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashingSettings {
    /// The cost of new hashes: each step doubles the work. From 4 to 18.
    pub cost: u32,
    /// The threads that hash; each uses one core at low priority.
    pub threads: NonZeroUsize,
    /// How many hashes a thread advances together, from 1 to 4; a larger number counts as 4. None: the fastest number
    /// on this processor, which the first thread measures for some milliseconds before its first hash.
    pub lanes: Option<NonZeroUsize>,
    /// How many passwords may wait for a thread; one more is refused at once.
    pub queue: NonZeroUsize,
    /// How long a password may wait for a thread before it is refused.
    pub patience: Duration,
}

/// Why hashing can't be started.
#[derive(Debug, thiserror::Error)]
pub enum HashingSettingsError {
    /// A cost that bcrypt does not define, or that would take minutes.
    #[error("a bcrypt cost of {0} is not possible: use 4 to 18; 12 is good for most machines")]
    Cost(u32),
    /// The system provides no threads.
    #[error("the threads that hash passwords can't be started: use fewer, or raise the limit of threads of the system")]
    Threads(#[source] std::io::Error),
    /// A fault of the machine or of the compiler.
    #[error(
        "the lanes that hash passwords and the bcrypt crate do not compute the same hash: passwords would be stored that \
         nothing else can verify"
    )]
    LanesDiffer,
}

/// Hashes passwords with bcrypt on its own threads, at low priority, so that many sign-ins slow down only sign-ins. A
/// thread advances several hashes together, which takes little more time than one; a single hash begins at once.
/// Waiting passwords get their turns by account, so that no account blocks another.
///
/// A stored hash names its scheme. `nfkc-bcrypt:$2b$…` is Doorward's. `nfkc-hmac-bcrypt:$2b$…` is Doorward's for a
/// password with more than 72 bytes or with a NUL, which bcrypt would not read completely. `bcrypt:$2a$…` (or `$2b$`,
/// `$2y$`) comes from another system, and is compared as in that system.
pub struct HashingPool {
    bulkhead: Bulkhead<AccountKey, Stretcher>,
    random: Arc<dyn Random>,
    settings: HashingSettings,
    /// A substitute if there is no hash, only for the work: nothing is compared with its sum. It has the stored form,
    /// so that reading it costs the same.
    nobody: PasswordHash,
    rounds: AtomicU64,
    observer: Arc<dyn Observer>,
}

impl HashingPool {
    /// Starts the threads, once the lanes have been compared with another implementation of bcrypt. The observer hears of
    /// each hash, and how many wait.
    ///
    /// # Errors
    /// [`HashingSettingsError`], whose text says what to do.
    pub fn start(
        settings: HashingSettings,
        random: Arc<dyn Random>,
        observer: Arc<dyn Observer>,
    ) -> Result<Self, HashingSettingsError> {
        Self::start_tested(settings, random, observer, bcrypt_lanes::hash_together)
    }

    fn start_tested(
        settings: HashingSettings,
        random: Arc<dyn Random>,
        observer: Arc<dyn Observer>,
        lanes: HashTogether,
    ) -> Result<Self, HashingSettingsError> {
        if !COSTS.contains(&settings.cost) {
            return Err(HashingSettingsError::Cost(settings.cost));
        }
        if !lanes_agree(lanes) {
            return Err(HashingSettingsError::LanesDiffer);
        }
        let limits = Limits { threads: settings.threads, waiting: settings.queue, patience: settings.patience };
        observer.passwords_fit(settings.queue.get());
        let (hears_of_hashes, hears_of_waiting) = (Arc::clone(&observer), Arc::clone(&observer));
        let quickest = OnceLock::new();
        let lanes =
            move || settings.lanes.map_or_else(|| *quickest.get_or_init(bcrypt_lanes::quickest), NonZeroUsize::get);
        let workbench = move || Stretcher::new(lanes(), Arc::clone(&hears_of_hashes));
        let on_waiting = move |count| hears_of_waiting.passwords_waiting(count);
        let bulkhead =
            Bulkhead::start("doorward-hash", limits, workbench, on_waiting).map_err(HashingSettingsError::Threads)?;
        let nobody = nobody(settings.cost, &*random);
        Ok(Self { bulkhead, random, settings, nobody, rounds: AtomicU64::new(0), observer })
    }

    /// How many passwords wait for a thread now.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.bulkhead.waiting()
    }

    /// How many rounds of bcrypt were answered since the start: a hash with cost 12 takes 4096.
    #[must_use]
    pub fn rounds(&self) -> u64 {
        self.rounds.load(Ordering::Relaxed)
    }

    async fn stretch(&self, account: AccountKey, task: Stretching) -> Result<Sum, HashingError> {
        let stretched = self.bulkhead.run(account, task).await.map_err(|reason| self.refusal(reason))?;
        self.rounds.fetch_add(stretched.rounds.into(), Ordering::Relaxed);
        Ok(stretched.sum)
    }

    fn refusal(&self, reason: NotDone) -> HashingError {
        match reason {
            // By then, every waiting caller has been served or refused.
            NotDone::Full | NotDone::Late => {
                self.observer.password_refused();
                HashingError::Overloaded { retry_after: self.settings.patience.max(Duration::from_secs(1)) }
            }
            NotDone::Failed => HashingError::Failed(Box::new(reason)),
        }
    }
}

#[async_trait]
impl PasswordHasher for HashingPool {
    async fn hash(&self, account: AccountKey, password: &Password) -> Result<PasswordHash, HashingError> {
        let Recipe { scheme, key, .. } = Recipe::of_new(password.expose());
        let (cost, salt) = (self.settings.cost, fresh_salt(&*self.random));
        let sum = self.stretch(account, Stretching { key, salt, cost, no_less_than: cost }).await?;
        Ok(Digest::new(scheme, cost, salt, sum).to_stored())
    }

    async fn verify(
        &self,
        account: AccountKey,
        password: &Password,
        stored: Option<&PasswordHash>,
    ) -> Result<Verdict, HashingError> {
        let digest = Digest::parse(stored.unwrap_or(&self.nobody));
        let digest = digest.map_err(|error| HashingError::Failed(Box::new(error)))?;
        let Recipe { key, never_matches, .. } = Recipe::for_comparing(password.expose(), digest.scheme);
        let (cost, salt, present) = (digest.cost(), digest.salt(), self.settings.cost);
        let reached = self.stretch(account, Stretching { key, salt, cost, no_less_than: present }).await?;
        let matches = stored.is_some() && !never_matches && digest.holds(&reached);
        Ok(Verdict { matches, outdated: digest.scheme == Scheme::Imported || cost != present })
    }
}

fn fresh_salt(random: &dyn Random) -> Salt {
    let mut salt = Salt::default();
    random.fill(&mut salt);
    salt
}

fn nobody(cost: u32, random: &dyn Random) -> PasswordHash {
    Digest::new(Scheme::Whole, cost, fresh_salt(random), [0; 23]).to_stored()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ambient::OsRandom;

    #[test]
    fn lanes_that_compute_another_hash_are_refused_at_the_start() {
        let one = NonZeroUsize::MIN;
        let settings =
            HashingSettings { cost: 4, threads: one, lanes: None, queue: one, patience: Duration::from_secs(1) };
        let start = |lanes: HashTogether| HashingPool::start_tested(settings, Arc::new(OsRandom), Arc::new(()), lanes);
        let lying: HashTogether = |cost, jobs| {
            let mut outputs = bcrypt_lanes::hash_together(cost, jobs);
            outputs[0][0] ^= 1;
            outputs
        };
        assert!(start(bcrypt_lanes::hash_together).is_ok());
        assert!(matches!(start(lying), Err(HashingSettingsError::LanesDiffer)));
    }
}
