//! What the use cases stand on: adapters for the outbound ports, the operator's rules, and the objects to act with.
mod act;
mod work;

pub(crate) use act::{Act, OwnAct};
pub(crate) use work::{Subject, Work};

use crate::admission::RateLimits;
use doorward_domain::{KeyAlgorithm, LockoutPolicy, PasswordPolicy, SessionLifetimes, Timestamp};
use doorward_ports::access::{self, Operation};
use doorward_ports::outbound::{
    ClientStates, Clock, Exposition, HealthProbe, KeyPairs, KeysAtHand, Observer, PasswordHasher, Random, RateLimiter,
    RoleCatalogue, SecretSealer, SessionStates, Sightings, Store, TokenSigner, UserDirectory,
};
use doorward_ports::{Caller, Result};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

/// What the use cases work with: an adapter for each outbound port.
#[derive(Clone)]
pub struct Tools {
    /// The truth.
    pub store: Arc<dyn Store>,
    /// Whether sessions hold.
    pub session_states: Arc<SessionStates>,
    /// Which sessions were used.
    pub sightings: Arc<dyn Sightings>,
    /// Whether client apps' own tokens hold.
    pub client_states: Arc<ClientStates>,
    /// Accounts to look at.
    pub users: Arc<UserDirectory>,
    /// Roles to look at.
    pub roles: Arc<RoleCatalogue>,
    /// Passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Tokens.
    pub signer: Arc<dyn TokenSigner>,
    /// The keys that the signer uses.
    pub keys: Arc<dyn KeysAtHand>,
    /// New keys.
    pub key_pairs: Arc<dyn KeyPairs>,
    /// Secrets at rest.
    pub sealer: Arc<dyn SecretSealer>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// How often things are done.
    pub limiter: Arc<dyn RateLimiter>,
    /// Who hears what metrics tell of.
    pub observer: Arc<dyn Observer>,
    /// The parts that health shows beside the database.
    pub probes: Vec<Arc<dyn HealthProbe>>,
    /// What metrics show.
    pub exposition: Arc<dyn Exposition>,
}

/// Who may make an account for himself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegistrationPolicy {
    /// Whether anybody may.
    pub enabled: bool,
    /// Whether the answer hides that an address is taken.
    pub hide_existing: bool,
    /// Whether an address must be verified before its owner may sign in.
    pub require_verified_email: bool,
}

/// Which keys tokens are signed with, and how they follow one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyPolicy {
    /// How new keys sign.
    pub algorithm: KeyAlgorithm,
    /// How old the newest key may become; none: until somebody makes the next.
    pub rotate_every: Option<Duration>,
    /// How long a key is published before it signs: longer than others keep a copy of the key set.
    pub publish_ahead: Duration,
}

impl Default for KeyPolicy {
    fn default() -> Self {
        Self { algorithm: KeyAlgorithm::EdDsa, rotate_every: None, publish_ahead: Duration::from_mins(10) }
    }
}

/// The rules that an operator may set.
#[derive(Debug, Clone, Copy)]
pub struct Policies {
    /// How long sessions and tokens live.
    pub lifetimes: SessionLifetimes,
    /// How many sessions an account may have; none: any number.
    pub session_limit: Option<NonZeroUsize>,
    /// What a good password is.
    pub passwords: PasswordPolicy,
    /// Who may register.
    pub registration: RegistrationPolicy,
    /// Keys that sign tokens.
    pub keys: KeyPolicy,
    /// How many wrong passwords lock; none: they never do.
    pub lockout: Option<LockoutPolicy>,
    /// How often things may be done; none: as often as anybody likes.
    pub limits: Option<RateLimits>,
}

/// Every inbound port, over one set of tools.
///
/// Its fields are private to this module: a use case reaches them by `authorize` alone.
pub struct Services {
    tools: Tools,
    policies: Policies,
}

impl Services {
    /// The use cases over these tools, by these rules.
    #[must_use]
    pub fn new(tools: Tools, policies: Policies) -> Arc<Self> {
        Arc::new(Self { tools, policies })
    }

    /// The only way to act: an operation that the caller may do.
    ///
    /// # Errors
    /// As [`access::authorize`].
    pub(crate) fn authorize<'a>(&'a self, caller: &'a Caller, operation: Operation) -> Result<Act<'a>> {
        access::authorize(caller, operation)?;
        Ok(Act::new(&self.tools, &self.policies, caller))
    }

    /// [`Self::authorize`] for an operation on what is the caller's own.
    ///
    /// # Errors
    /// As [`access::authorize_own`].
    pub(crate) fn authorize_own<'a>(&'a self, caller: &'a Caller, operation: Operation) -> Result<OwnAct<'a>> {
        let owner = access::authorize_own(caller, operation)?;
        Ok(OwnAct { act: Act::new(&self.tools, &self.policies, caller), owner })
    }

    /// The tools for what is done before anybody is known: tokens are read, requests are counted, health is asked.
    pub(crate) const fn tools_without_authorization(&self) -> &Tools {
        &self.tools
    }

    /// The rules, which anybody may know.
    pub(crate) const fn policies(&self) -> &Policies {
        &self.policies
    }
}

impl Tools {
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Fresh randomness, for an id or a secret.
    pub(crate) fn draw<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes);
        bytes
    }
}
