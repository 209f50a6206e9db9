//! The environment of the use cases: adapters for the outbound ports, the policies of the operator, and the objects to
//! act with.
mod act;
mod denials;
mod work;

pub(crate) use act::{Act, OwnAct};
pub(crate) use work::{Subject, Work};

use crate::admission::RateLimits;
use crate::providers::SignInProviders;
use crate::sealing::Announced;
use denials::Denials;
use doorward_domain::{
    FactorRequirement, KeyAlgorithm, LockoutPolicy, MailTokenLifetimes, PasswordPolicy, Quota, SessionLifetimes,
    Timestamp,
};
use doorward_ports::access::{self, Operation};
use doorward_ports::outbound::{
    AuditDestination, AuditReaders, AuditSigner, ClientStates, Clock, Exposition, HealthProbe, KeyPairs, KeysAtHand,
    MailObserver, Mailer, Observer, PasswordHasher, ProviderCatalogue, Random, RateLimiter, RoleCatalogue, SealingRing,
    SecretSealer, SessionStates, Sightings, Store, TokenSigner, UserDirectory,
};
use doorward_ports::{Caller, Result};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// The tools of the use cases: an adapter for each outbound port.
#[derive(Clone)]
pub struct Tools {
    /// The database.
    pub store: Arc<dyn Store>,
    /// The states of sessions.
    pub session_states: Arc<SessionStates>,
    /// The uses of sessions.
    pub sightings: Arc<dyn Sightings>,
    /// The states of client apps' own tokens.
    pub client_states: Arc<ClientStates>,
    /// Accounts for reading.
    pub users: Arc<UserDirectory>,
    /// Roles for reading.
    pub roles: Arc<RoleCatalogue>,
    /// Hashing of passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Signing and verifying of tokens.
    pub signer: Arc<dyn TokenSigner>,
    /// The keys of the signer.
    pub keys: Arc<dyn KeysAtHand>,
    /// Creation of keys.
    pub key_pairs: Arc<dyn KeyPairs>,
    /// The places of the readers of the audit log.
    pub audit_readers: Arc<dyn AuditReaders>,
    /// Where the audit log is shipped; none: nowhere.
    pub audit_destination: Option<Arc<dyn AuditDestination>>,
    /// Signing of the audit log.
    pub audit_signer: Arc<dyn AuditSigner>,
    /// How people sign in with providers, and the providers of the settings.
    pub providers: Arc<SignInProviders>,
    /// The providers in the database, for reading.
    pub stored_providers: Arc<ProviderCatalogue>,
    /// Sending of mails; none: Doorward sends none.
    pub mailer: Option<Arc<dyn Mailer>>,
    /// The receiver of what becomes of mails.
    pub mail_observer: Arc<dyn MailObserver>,
    /// Encryption of secrets at rest.
    pub sealer: Arc<dyn SecretSealer>,
    /// The keys of the sealer.
    pub sealing_ring: Arc<dyn SealingRing>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Rate limits.
    pub limiter: Arc<dyn RateLimiter>,
    /// The receiver of events for metrics.
    pub observer: Arc<dyn Observer>,
    /// The components that the health report shows besides the database.
    pub probes: Vec<Arc<dyn HealthProbe>>,
    /// The text of the metrics.
    pub exposition: Arc<dyn Exposition>,
}

/// The rules of registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegistrationPolicy {
    /// Whether people may register themselves.
    pub enabled: bool,
    /// Whether the answer hides that an address is taken.
    pub hide_existing: bool,
    /// Whether an e-mail address must be verified before the owner can sign in.
    pub require_verified_email: bool,
}

/// The rules of second factors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MfaPolicy {
    /// The name of this service in authenticators.
    pub issuer: String,
    /// Which accounts must have a second factor.
    pub required: FactorRequirement,
}

impl Default for MfaPolicy {
    fn default() -> Self {
        Self { issuer: "Doorward".to_owned(), required: FactorRequirement::Optional }
    }
}

/// The algorithm and the rotation of signing keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyPolicy {
    /// The algorithm of new keys.
    pub algorithm: KeyAlgorithm,
    /// The age of the newest key at which the next one is created; none: only on request.
    pub rotate_every: Option<Duration>,
    /// How long a key is published before it signs: longer than applications keep a copy of the key set.
    pub publish_ahead: Duration,
}

impl Default for KeyPolicy {
    fn default() -> Self {
        Self { algorithm: KeyAlgorithm::EdDsa, rotate_every: None, publish_ahead: Duration::from_mins(10) }
    }
}

/// The rules of mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailPolicy {
    /// How long the links of mails work.
    pub lifetimes: MailTokenLifetimes,
    /// How long Doorward tries to send a mail.
    pub give_up_after: Duration,
    /// How many mails of a kind an address, or an account, can have sent; none: no limit.
    pub requests: Option<Quota>,
}

/// The policies that the operator can set.
#[derive(Debug, Clone)]
pub struct Policies {
    /// The lifetimes of sessions and tokens.
    pub lifetimes: SessionLifetimes,
    /// The largest number of sessions of an account; none: no limit.
    pub session_limit: Option<NonZeroUsize>,
    /// The rules for passwords.
    pub passwords: PasswordPolicy,
    /// The rules of registration.
    pub registration: RegistrationPolicy,
    /// The rules of second factors.
    pub mfa: MfaPolicy,
    /// Keys that sign tokens.
    pub keys: KeyPolicy,
    /// How long sealed audit lines are kept; none: for ever.
    pub audit_retention: Option<Duration>,
    /// The rules of mails.
    pub mail: MailPolicy,
    /// How many wrong passwords lock an account; none: no lockout.
    pub lockout: Option<LockoutPolicy>,
    /// The rate limits; none: no limits.
    pub limits: Option<RateLimits>,
}

/// All inbound ports over one set of tools.
///
/// Its fields are private to this module: a use case can reach them only with `authorize`.
pub struct Services {
    tools: Tools,
    policies: Policies,
    /// Whether the audit log is being verified.
    verifying: AtomicBool,
    /// Who was denied what a moment ago.
    denials: Denials,
    /// What this node has said about its sealing keys.
    announced: Announced,
}

impl Services {
    /// The use cases with these tools and policies.
    #[must_use]
    pub fn new(tools: Tools, policies: Policies) -> Arc<Self> {
        Arc::new(Self {
            tools,
            policies,
            verifying: AtomicBool::new(false),
            denials: Denials::default(),
            announced: Announced::default(),
        })
    }

    /// The only way to act: an operation that the caller is authorized for.
    ///
    /// # Errors
    /// As [`access::authorize`].
    pub(crate) fn authorize<'a>(&'a self, caller: &'a Caller, operation: Operation) -> Result<Act<'a>> {
        access::authorize(caller, operation)?;
        Ok(Act::new(self, caller, operation))
    }

    /// [`Self::authorize`] for an operation on the caller's own account.
    ///
    /// # Errors
    /// As [`access::authorize_own`].
    pub(crate) fn authorize_own<'a>(&'a self, caller: &'a Caller, operation: Operation) -> Result<OwnAct<'a>> {
        let owner = access::authorize_own(caller, operation)?;
        Ok(OwnAct { act: Act::new(self, caller, operation), owner })
    }

    /// The tools for work before the caller is known: reading tokens, counting requests, checking health.
    pub(crate) const fn tools_without_authorization(&self) -> &Tools {
        &self.tools
    }

    /// Whether the audit log is being verified.
    pub(crate) const fn verifying(&self) -> &AtomicBool {
        &self.verifying
    }

    /// What this node has said about its sealing keys.
    pub(crate) const fn announced(&self) -> &Announced {
        &self.announced
    }

    /// The policies, which are not secret.
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
