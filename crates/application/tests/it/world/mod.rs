//! A service of a test's own: the real parts over a database of its own, with a clock that the test moves.
mod down;
mod gate;
mod journal;
mod people;
mod refusals;
mod suspicious;

pub use doorward_testbed::{
    Bed, OTHER_PASSWORD, PASSWORD, PUBLISHED_KEY, WRONG_PASSWORD as WRONG, account, keep_reading, permission,
    registration, role, sealer, sealer_of, secret, typed,
};
pub use down::Down;
pub use gate::Gate;
pub use journal::{Journal, Line};
pub use people::{Person, permissions};
pub use refusals::Refusals;
pub use suspicious::suspicious;

use doorward_application::{Policies, Services, Tools};
use doorward_crypto::{JwtSettings, JwtSigner};
use doorward_domain::{CorrelationId, KeyId, Timestamp, UserId};
use doorward_memory::{CachedLookup, Caching, Freshness, Invalidations, RevocationWatch, SightingMemory};
use doorward_ports::inbound::{
    Accounts, AuditLog, AuditTrail, Authentication, Keys, Reauthentication, Roles, Sealing, Sessions, System,
};
use doorward_ports::outbound::{AuditEvent, AuditFilter, PasswordHasher, Sightings, Store};
use doorward_ports::{Actor, Caller, Error, ErrorCode, Origin, Result, Secret};
use doorward_sql_testing::TestDatabase;
use doorward_testkit::VirtualClock;

use std::fmt::Debug;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

const ISSUER: &str = "https://id.example.com";
/// Where people sign in from unless a test says otherwise, and two places far from there.
pub const HOME: &str = "203.0.113.7";
pub const CAFE: &str = "198.51.100.20";
pub const ABROAD: &str = "192.0.2.99";
pub const CORRELATION: &str = "test:correlation-1";

pub const MICROSECOND: Duration = Duration::from_micros(1);
pub const SECOND: Duration = Duration::from_secs(1);
pub const MINUTE: Duration = Duration::from_secs(60);
pub const DAY: Duration = Duration::from_secs(86_400);

#[derive(Clone)]
pub struct World {
    pub services: Arc<Services>,
    pub journal: Arc<Journal>,
    bed: Bed,
}

/// Its clock, its hasher, its tools.
impl Deref for World {
    type Target = Bed;

    fn deref(&self) -> &Bed {
        &self.bed
    }
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
        let clock = VirtualClock::at(Timestamp::from_micros(1_800_000_000_123_456));
        let journal = Arc::new(Journal::default());
        let bed = Bed::watched(database, journal.clone(), clock, ISSUER).changed(|_, policies| change(policies));
        Self { services: bed.services(), journal, bed }
    }

    /// The same service with a part or a policy changed, over the same database.
    pub fn changed(&self, change: impl FnOnce(&mut Tools, &mut Policies)) -> Self {
        self.over(self.bed.changed(change))
    }

    fn over(&self, bed: Bed) -> Self {
        Self { services: bed.services(), journal: self.journal.clone(), bed }
    }

    /// What the audit log holds about an account, newest first.
    pub async fn stored(&self, account: UserId) -> Vec<AuditEvent> {
        let filter = AuditFilter { account: Some(account), ..AuditFilter::default() };
        let lines = self.tools.store.read().await.unwrap().audit().list(&filter, None, 1000).await.unwrap();
        lines.into_iter().map(|line| line.event).collect()
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
        let (freshness, invalidations) = (Freshness::stale(), Arc::new(Invalidations::default()));
        let caching = Caching {
            invalidations: invalidations.clone(),
            freshness: freshness.clone(),
            shared: None,
            rights: Arc::default(),
            clock: self.tools.clock.clone(),
            observer: Arc::new(()),
        };
        let memory = Arc::new(CachedLookup::new(self.tools.session_states.clone(), caching, 1000));
        keep_reading(RevocationWatch::new(self.revocations.clone(), invalidations, freshness.clone(), MINUTE));
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
        self.over(self.bed.hashing_at(cost))
    }

    pub fn auth(&self) -> &dyn Authentication {
        &*self.services
    }

    pub fn sealing(&self) -> &dyn Sealing {
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

    pub fn audit_log(&self) -> &dyn AuditLog {
        &*self.services
    }

    pub fn roles(&self) -> &dyn Roles {
        &*self.services
    }

    pub fn trail(&self) -> &dyn AuditTrail {
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

pub fn signer() -> JwtSigner {
    doorward_testbed::signer(ISSUER)
}

pub fn token_settings() -> JwtSettings {
    doorward_testbed::token_settings(ISSUER)
}

pub fn origin(address: &str) -> Origin {
    Origin {
        address: Some(address.parse().unwrap()),
        user_agent: Some("curl/8.5.0".to_owned()),
        correlation_id: CorrelationId::parse(CORRELATION).unwrap(),
        language: None,
    }
}

/// Authenticates again with this password.
pub fn by_password(password: &str) -> Reauthentication {
    Reauthentication::Password(secret(password))
}

/// Nobody known, from an address.
pub fn from(address: &str) -> Caller {
    Caller { actor: Actor::Anonymous, origin: origin(address) }
}

/// Whoever runs the binary on the machine itself.
pub fn operator() -> Caller {
    let correlation_id = CorrelationId::parse(CORRELATION).unwrap();
    Caller {
        actor: Actor::Operator,
        origin: Origin { address: None, user_agent: None, correlation_id, language: None },
    }
}

/// What a token says of itself.
pub fn claims(token: &Secret) -> serde_json::Value {
    doorward_testbed::claims(token.expose())
}

/// How a token is signed.
pub fn header(token: &Secret) -> serde_json::Value {
    doorward_testbed::header(token.expose())
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
