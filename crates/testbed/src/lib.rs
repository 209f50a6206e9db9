//! The use cases over real adapters, connected once for the tests of all crates: a database for each test, cheap
//! hashes, a clock that the test moves, and the accounts that are needed.
//!
//! * [`Bed`] contains the parts. A test replaces one with [`Bed::changed`] and creates the use cases with
//!   [`Bed::services`].
//! * The functions beside it are for what tests need most often: an account, a role, the claims of a token.
//!
//! It knows no front end and no settings: what `serve` wires is tested from outside, on the program.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod asked;

pub use asked::{account, claims, header, permission, registration, role, secret, typed};

use doorward_application::{
    KeyPolicy, MailPolicy, MfaPolicy, Policies, RegistrationPolicy, Services, SignInProviders, Tools,
};
use doorward_crypto::{
    Ed25519Statements, HashingPool, HashingSettings, JwtSettings, JwtSigner, LocalKeyPairs, OsRandom, Sealer,
    SealingKey, SealingSources, SigningKey,
};
use doorward_domain::{LockoutPolicy, MailTokenLifetimes, PasswordPolicy, SessionLifetimes};
use doorward_memory::{MemoryLimiter, RevocationWatch, SightingMemory};
use doorward_ports::outbound::{RevocationLog, StoreObserver};
use doorward_sql_testing::{Opening, TestDatabase, opening};
use doorward_testkit::mailbox::Mailbox;
use doorward_testkit::scripted_provider::ScriptedProvider;
use doorward_testkit::{SeededRandom, VirtualClock};
use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The password of all accounts, unless a test says otherwise.
pub const PASSWORD: &str = "copper-violin-marsh-42";
/// A password that no account has yet.
pub const OTHER_PASSWORD: &str = "amber-teapot-glacier-17";
/// A password that no account ever has.
pub const WRONG_PASSWORD: &str = "velvet-harbor-onion-99";
/// The audience of access tokens.
pub const AUDIENCE: &str = "https://api.example.com";
/// The key that seals secrets in the database.
pub const SEALING_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// The key that a rotation of the sealing key takes next.
pub const NEXT_SEALING_KEY: &str = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";
/// The private key of RFC 8037 §A.1, in the form of RFC 8410 §7.
pub const PUBLISHED_KEY: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
";

const NO_FOLDER: &str = "there is no such folder";
const DAY: Duration = Duration::from_hours(24);

/// The parts of a service.
#[derive(Clone)]
pub struct Bed {
    /// The tools of the use cases.
    pub tools: Tools,
    /// The policies of the operator.
    pub policies: Policies,
    /// The clock among the tools, which tests can move.
    pub clock: VirtualClock,
    /// The hasher among the tools, which counts its rounds.
    pub pool: Arc<HashingPool>,
    /// The mailer among the tools, which keeps what is sent.
    pub mailbox: Arc<Mailbox>,
    /// The log of revocations, for caches.
    pub revocations: Arc<dyn RevocationLog>,
    _database: Arc<TestDatabase>,
}

impl Bed {
    /// Over this database, with this observer and this clock, and tokens of this issuer.
    #[must_use]
    pub fn watched(
        database: TestDatabase,
        observer: Arc<dyn StoreObserver>,
        clock: VirtualClock,
        issuer: &str,
    ) -> Self {
        let opened = database.open_by(Opening { observer, ..opening() });
        let (signer, pool, sealer) = (
            Arc::new(signer(issuer)),
            hashing_pool(4),
            Arc::new(sealer_of(&[SEALING_KEY, NEXT_SEALING_KEY], Path::new(NO_FOLDER))),
        );
        let mailbox = Arc::new(Mailbox::default());
        let tools = Tools {
            store: opened.store,
            session_states: opened.session_states,
            sightings: Arc::new(SightingMemory::new(1_000)),
            client_states: opened.client_states,
            users: opened.users,
            roles: opened.roles,
            hasher: pool.clone(),
            signer: signer.clone(),
            keys: signer,
            key_pairs: Arc::new(LocalKeyPairs::new(Path::new(NO_FOLDER))),
            audit_readers: opened.audit_readers,
            audit_destination: None,
            audit_signer: Arc::new(Ed25519Statements),
            providers: Arc::new(no_providers()),
            sealer: sealer.clone(),
            sealing_ring: sealer,
            stored_providers: opened.providers,
            mailer: Some(mailbox.clone()),
            mail_observer: Arc::new(()),
            clock: Arc::new(clock.clone()),
            random: Arc::new(SeededRandom::new(1)),
            limiter: Arc::new(MemoryLimiter::of_keys(1_000)),
            observer: Arc::new(()),
            probes: Vec::new(),
            exposition: Arc::new(()),
        };
        let revocations = opened.revocations;
        Self { tools, policies: policies(), clock, pool, mailbox, revocations, _database: Arc::new(database) }
    }

    /// The same with another part or policy, over the same database.
    #[must_use]
    pub fn changed(&self, change: impl FnOnce(&mut Tools, &mut Policies)) -> Self {
        let mut changed = self.clone();
        change(&mut changed.tools, &mut changed.policies);
        changed
    }

    /// The same with hashes of this cost.
    #[must_use]
    pub fn hashing_at(&self, cost: u32) -> Self {
        let pool = hashing_pool(cost);
        Self { pool: pool.clone(), ..self.changed(|tools, _| tools.hasher = pool) }
    }

    /// The use cases over these parts.
    #[must_use]
    pub fn services(&self) -> Arc<Services> {
        Services::new(self.tools.clone(), self.policies.clone())
    }
}

/// The defaults of Doorward, but without rate limits, because all tests call from a few addresses.
#[must_use]
pub fn policies() -> Policies {
    Policies {
        lifetimes: SessionLifetimes {
            access_ttl: Duration::from_mins(15),
            refresh_ttl: 7 * DAY,
            refresh_grace: Duration::from_secs(10),
            idle_ttl: None,
            absolute_ttl: 90 * DAY,
        },
        session_limit: None,
        passwords: PasswordPolicy::default(),
        registration: RegistrationPolicy { enabled: true, hide_existing: false, require_verified_email: false },
        mfa: MfaPolicy::default(),
        lockout: Some(LockoutPolicy::default()),
        limits: None,
        keys: KeyPolicy::default(),
        mail: MailPolicy {
            lifetimes: MailTokenLifetimes {
                verify: 3 * DAY,
                reset: DAY / 24,
                invite: 7 * DAY,
                change: DAY,
                report: 7 * DAY,
            },
            give_up_after: DAY,
            requests: None,
        },
        audit_retention: None,
    }
}

/// No providers, so that none is called.
fn no_providers() -> SignInProviders {
    let callback = "https://id.example.com/api/v1/auth/callback/".to_owned();
    let protocol = Arc::new(ScriptedProvider::default());
    SignInProviders { configured: Vec::new(), protocol, callback, redirect_uris: BTreeSet::new(), loopback: false }
}

fn hashing_pool(cost: u32) -> Arc<HashingPool> {
    let settings = HashingSettings {
        cost,
        threads: NonZeroUsize::new(2).unwrap(),
        lanes: NonZeroUsize::new(4),
        queue: NonZeroUsize::new(256).unwrap(),
        patience: Duration::from_mins(1),
    };
    Arc::new(HashingPool::start(settings, Arc::new(SeededRandom::new(2)), Arc::new(())).unwrap())
}

/// What tokens of this issuer state about the service.
#[must_use]
pub fn token_settings(issuer: &str) -> JwtSettings {
    JwtSettings { issuer: issuer.to_owned(), audience: AUDIENCE.to_owned() }
}

/// The signer with [`PUBLISHED_KEY`].
#[must_use]
pub fn signer(issuer: &str) -> JwtSigner {
    JwtSigner::new(SigningKey::from_pem(PUBLISHED_KEY).unwrap(), &token_settings(issuer))
}

/// The sealer with that key.
#[must_use]
pub fn sealer(key: &str) -> Sealer {
    Sealer::new(&SealingKey::from_base64(key).unwrap(), Arc::new(SeededRandom::new(3)))
}

/// A sealer with these keys, and those in the files of a folder. Without keys, it may create some there.
#[must_use]
pub fn sealer_of(keys: &[&str], folder: &Path) -> Sealer {
    let given = keys.iter().map(|key| SealingKey::from_base64(key).unwrap()).collect();
    let sources = SealingSources { given, folder: folder.to_owned(), wrapper: None };
    Sealer::of(sources, Arc::new(OsRandom)).unwrap()
}

/// Reads what was revoked again and again, as a server does, for as long as the test runs.
pub fn keep_reading(watch: RevocationWatch) {
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(RevocationWatch::EVERY);
        loop {
            ticks.tick().await;
            // One that fails is followed by another.
            let _ = watch.read().await;
        }
    });
}
