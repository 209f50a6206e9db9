//! A service of a test's own: the real parts over a database of its own, with a clock that the test moves.
mod gate;
mod journal;
mod people;
mod refusals;

pub use gate::Gate;
pub use journal::{Journal, Line};
pub use people::{Person, account, permission, permissions, registration, role, typed};
pub use refusals::Refusals;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_application::{KeyPolicy, Policies, RegistrationPolicy, Services, Tools};
use doorward_crypto::{
    HashingPool, HashingSettings, JwtSettings, JwtSigner, LocalKeyPairs, Sealer, SealingKey, SigningKey,
};
use doorward_domain::{CorrelationId, KeyId, LockoutPolicy, PasswordPolicy, SessionLifetimes, Timestamp};
use doorward_memory::{Forgetting, Freshness, MemoryLimiter, Remembering, SessionMemory, SightingMemory};
use doorward_ports::inbound::{Accounts, Authentication, Keys, Roles, Sessions, System};
use doorward_ports::outbound::{PasswordHasher, RevocationLog, Sightings, Store};
use doorward_ports::{Actor, Caller, Error, ErrorCode, Origin, Result, Secret};
use doorward_sql_testing::TestDatabase;
use doorward_testkit::{SeededRandom, VirtualClock};

use std::fmt::Debug;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub const PASSWORD: &str = "copper-violin-marsh-42";
pub const OTHER_PASSWORD: &str = "amber-teapot-glacier-17";
pub const WRONG: &str = "velvet-harbor-onion-99";
/// Where people sign in from unless a test says otherwise, and two places far from there.
pub const HOME: &str = "203.0.113.7";
pub const CAFE: &str = "198.51.100.20";
pub const ABROAD: &str = "192.0.2.99";
pub const CORRELATION: &str = "test:correlation-1";

pub const MICROSECOND: Duration = Duration::from_micros(1);
pub const SECOND: Duration = Duration::from_secs(1);
pub const MINUTE: Duration = Duration::from_secs(60);
pub const DAY: Duration = Duration::from_secs(86_400);

pub const SEALING_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// The private key of RFC 8037 §A.1, in the form of RFC 8410 §7.
pub const PUBLISHED_KEY: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
";

#[derive(Clone)]
pub struct World {
    pub services: Arc<Services>,
    pub clock: VirtualClock,
    pub pool: Arc<HashingPool>,
    pub journal: Arc<Journal>,
    tools: Tools,
    policies: Policies,
    revocations: Arc<dyn RevocationLog>,
    _database: Arc<TestDatabase>,
}

impl World {
    /// By the policies that Doorward has unless an operator sets others.
    pub async fn new() -> Self {
        Self::by(|_| {}).await
    }

    /// By other policies.
    pub async fn by(change: impl FnOnce(&mut Policies)) -> Self {
        Self::on(TestDatabase::sqlite().await, change)
    }

    /// On the database that locks rows, and not the whole file: for what must hold also when two units of work overlap.
    pub async fn on_postgres(change: impl FnOnce(&mut Policies)) -> Self {
        Self::on(TestDatabase::postgres().await, change)
    }

    pub fn on(database: TestDatabase, change: impl FnOnce(&mut Policies)) -> Self {
        let mut policies = policies();
        change(&mut policies);
        let opened = database.open();
        let journal = Arc::new(Journal::of(opened.store));
        let clock = VirtualClock::at(Timestamp::from_micros(1_800_000_000_123_456));
        let random = Arc::new(SeededRandom::new(1));
        let signer = Arc::new(signer());
        let pool = pool(4);
        let tools = Tools {
            store: journal.clone(),
            session_states: opened.session_states,
            sightings: Arc::new(SightingMemory::new(1000)),
            client_states: opened.client_states,
            users: opened.users,
            roles: opened.roles,
            hasher: pool.clone(),
            signer: signer.clone(),
            keys: signer,
            key_pairs: Arc::new(LocalKeyPairs::new(Path::new("there is no such folder"))),
            sealer: Arc::new(sealer(SEALING_KEY)),
            clock: Arc::new(clock.clone()),
            random,
            limiter: Arc::new(MemoryLimiter::of_keys(1_000)),
            observer: Arc::new(()),
            probes: Vec::new(),
            exposition: Arc::new(()),
        };
        let services = Services::new(tools.clone(), policies);
        let revocations = opened.revocations;
        Self { services, clock, pool, journal, tools, policies, revocations, _database: Arc::new(database) }
    }

    /// The same service with a part or a policy changed, over the same database.
    pub fn changed(&self, change: impl FnOnce(&mut Tools, &mut Policies)) -> Self {
        let (mut tools, mut policies) = (self.tools.clone(), self.policies);
        change(&mut tools, &mut policies);
        Self { services: Services::new(tools.clone(), policies), tools, policies, ..self.clone() }
    }

    /// Where it notes which sessions are used.
    pub fn noting(&self) -> &dyn Sightings {
        &*self.tools.sightings
    }

    /// Another node of the same service: it has seen nothing of what was used here.
    pub fn neighbour(&self) -> Self {
        self.changed(|tools, _| tools.sightings = Arc::new(SightingMemory::new(1000)))
    }

    /// The same service, that remembers which sessions hold.
    pub async fn remembering(&self) -> Self {
        let (freshness, forgetting) = (Freshness::stale(), Arc::new(Forgetting::default()));
        let common = Remembering {
            forgetting: forgetting.clone(),
            freshness: freshness.clone(),
            shared: None,
            rights: Arc::default(),
            observer: Arc::new(()),
        };
        let memory = Arc::new(SessionMemory::new(self.tools.session_states.clone(), common, 1000));
        tokio::spawn(doorward_memory::watch(self.revocations.clone(), forgetting, freshness.clone(), MINUTE));
        while !freshness.lasts() {
            tokio::task::yield_now().await;
        }
        self.changed(|tools, _| tools.session_states = memory)
    }

    /// The same service, whose passwords are compared behind a gate.
    pub fn gated(&self) -> (Self, Arc<Gate>) {
        let gate = Arc::new(Gate::before(self.pool.clone()));
        let hasher: Arc<dyn PasswordHasher> = gate.clone();
        (self.changed(|tools, _| tools.hasher = hasher), gate)
    }

    /// The same service whose digests cost more.
    pub fn costlier(&self, cost: u32) -> Self {
        let pool = pool(cost);
        Self { pool: pool.clone(), ..self.changed(|tools, _| tools.hasher = pool) }
    }

    pub fn auth(&self) -> &dyn Authentication {
        &*self.services
    }

    pub fn accounts(&self) -> &dyn Accounts {
        &*self.services
    }

    pub fn sessions(&self) -> &dyn Sessions {
        &*self.services
    }

    pub fn keys(&self) -> &dyn Keys {
        &*self.services
    }

    pub fn roles(&self) -> &dyn Roles {
        &*self.services
    }

    pub fn system(&self) -> &dyn System {
        &*self.services
    }

    pub fn store(&self) -> &dyn Store {
        &*self.tools.store
    }

    /// The key that its settings give.
    pub fn given_key(&self) -> Option<KeyId> {
        self.tools.keys.given()
    }

    pub fn now(&self) -> Timestamp {
        self.tools.clock.now()
    }

    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }
}

pub fn policies() -> Policies {
    Policies {
        lifetimes: SessionLifetimes {
            access_ttl: 15 * MINUTE,
            refresh_ttl: 7 * DAY,
            refresh_grace: Duration::from_secs(10),
            idle_ttl: None,
            absolute_ttl: 90 * DAY,
        },
        session_limit: None,
        passwords: PasswordPolicy::default(),
        registration: RegistrationPolicy { enabled: true, hide_existing: false, require_verified_email: false },
        lockout: Some(LockoutPolicy::default()),
        limits: None,
        keys: KeyPolicy::default(),
    }
}

fn pool(cost: u32) -> Arc<HashingPool> {
    let settings = HashingSettings {
        cost,
        threads: NonZeroUsize::new(2).unwrap(),
        lanes: NonZeroUsize::new(4),
        queue: NonZeroUsize::new(256).unwrap(),
        patience: MINUTE,
    };
    Arc::new(HashingPool::start(settings, Arc::new(SeededRandom::new(2)), Arc::new(())).unwrap())
}

pub fn signer() -> JwtSigner {
    JwtSigner::new(SigningKey::from_pem(PUBLISHED_KEY).unwrap(), &token_settings())
}

pub fn token_settings() -> JwtSettings {
    JwtSettings { issuer: "https://id.example.com".to_owned(), audience: "https://api.example.com".to_owned() }
}

/// What seals with that key.
pub fn sealer(key: &str) -> Sealer {
    Sealer::new(&SealingKey::from_base64(key).unwrap(), Arc::new(SeededRandom::new(3)))
}

pub fn origin(address: &str) -> Origin {
    Origin {
        address: Some(address.parse().unwrap()),
        user_agent: Some("curl/8.5.0".to_owned()),
        correlation_id: CorrelationId::parse(CORRELATION).unwrap(),
    }
}

/// Nobody known, from an address.
pub fn from(address: &str) -> Caller {
    Caller { actor: Actor::Anonymous, origin: origin(address) }
}

/// Whoever runs the binary on the machine itself.
pub fn operator() -> Caller {
    let correlation_id = CorrelationId::parse(CORRELATION).unwrap();
    Caller { actor: Actor::Operator, origin: Origin { address: None, user_agent: None, correlation_id } }
}

pub fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

/// What a token says of itself.
pub fn claims(token: &Secret) -> serde_json::Value {
    part(token, 1)
}

/// How a token is signed.
pub fn header(token: &Secret) -> serde_json::Value {
    part(token, 0)
}

fn part(token: &Secret, index: usize) -> serde_json::Value {
    let part = token.expose().split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// Everything of a refusal that a caller is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub code: ErrorCode,
    pub detail: String,
    pub fields: Vec<(String, &'static str)>,
    pub retry_after: Option<Duration>,
}

pub fn refusal<T: Debug>(answer: Result<T>) -> Refusal {
    let Error { code, detail, fields, retry_after, .. } = answer.unwrap_err();
    Refusal { code, detail, fields: fields.into_iter().map(|f| (f.pointer, f.code)).collect(), retry_after }
}

/// The code of a refusal whose words are told elsewhere.
pub fn code<T: Debug>(answer: Result<T>) -> ErrorCode {
    answer.unwrap_err().code
}

/// The faulty fields, and that nothing else was wrong.
pub fn faults<T: Debug>(answer: Result<T>) -> Vec<(String, &'static str)> {
    let refusal = refusal(answer);
    assert_eq!(refusal.code, ErrorCode::ValidationFailed, "{}", refusal.detail);
    refusal.fields
}

/// Fields as a test writes them.
pub fn fields(faults: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
    faults.iter().map(|&(pointer, code)| (pointer.to_owned(), code)).collect()
}
