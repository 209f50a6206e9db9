use crate::actors::{ANONYMOUS, Actor};
use crate::documented;
use crate::world::{Answer, answer, options};
use actix_web::test::TestRequest;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use doorward_application::{KeyPolicy, Policies, RegistrationPolicy, Services, Tools};
use doorward_crypto::{
    HashingPool, HashingSettings, JwtSettings, JwtSigner, LocalKeyPairs, Sealer, SealingKey, SigningKey,
};
use doorward_domain::{
    AuthenticationEvent, Authentications, Client, CorrelationId, Email, LockoutPolicy, PasswordPolicy, PermissionSet,
    SessionLifetimes, TokenId,
};
use doorward_http::{Answered, App, Readiness, RequestObserver, Rest, known_routes};
use doorward_memory::MemoryLimiter;
use doorward_ports::inbound::{
    Accounts, Authentication, ClientApps, NewAccount, NewClientApp, NewPermission, NewRole, PasswordSignIn, Roles,
    TokenPair,
};
use doorward_ports::outbound::{Clock, Exposition, TokenSigner, TokenSubject};
use doorward_ports::{Actor as Who, Caller, Origin, Secret};
use doorward_sql_testing::TestDatabase;
use doorward_telemetry::metrics::{CountedAuthentication, CountedClientTokens, MeasuredStore, Metrics, Route};
use doorward_testkit::exposition::Samples;
use doorward_testkit::{SeededRandom, VirtualClock};
use serde_json::json;
use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub const PASSWORD: &str = "copper-violin-marsh-42";
pub const OTHER_PASSWORD: &str = "amber-teapot-glacier-17";
pub const WRONG_PASSWORD: &str = "velvet-harbor-onion-99";
pub const MINUTE: Duration = Duration::from_mins(1);
pub const ISSUER: &str = "https://accounts.example.com";
pub const AUDIENCE: &str = "https://api.example.com";

/// The private key of RFC 8037 §A.1, in the form of RFC 8410 §7.
const PUBLISHED_KEY: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
";

/// A service of a test's own.
pub struct World {
    pub metrics: Arc<Metrics>,
    rest: Rest,
    services: Arc<Services>,
    clock: VirtualClock,
    signer: Arc<dyn TokenSigner>,
    _database: TestDatabase,
}

impl World {
    /// By the policies that Doorward has unless an operator sets others.
    pub async fn new() -> Self {
        Self::by(|_| {}).await
    }

    /// By other policies.
    pub async fn by(change: impl FnOnce(&mut Policies)) -> Self {
        let mut policies = policies();
        change(&mut policies);
        let (database, clock) = (TestDatabase::sqlite().await, VirtualClock::default());
        let metrics = metrics();
        let tools = tools(&database, &clock, &metrics);
        let signer = tools.signer.clone();
        let services = Services::new(tools, policies);
        let app = App {
            accounts: services.clone(),
            authentication: Arc::new(CountedAuthentication::new(services.clone(), &metrics)),
            sessions: services.clone(),
            roles: services.clone(),
            client_apps: services.clone(),
            client_tokens: Arc::new(CountedClientTokens::new(services.clone(), &metrics)),
            limits: services.clone(),
            system: services.clone(),
        };
        let figures = Arc::new(RequestFigures(metrics.clone()));
        let rest = Rest::observed(app, options(), Readiness::default(), figures);
        Self { metrics, rest, services, clock, signer, _database: database }
    }

    /// An access token of a person's session, as it would have been issued to an app that is not Doorward's own.
    pub fn token_for_another_app(&self, person: &Person) -> String {
        let now = self.clock.now();
        let subject = TokenSubject {
            user: person.account.id.parse().unwrap(),
            session: person.session.parse().unwrap(),
            client: Client::from_id("calendar".to_owned()),
            authentications: Authentications::begin(AuthenticationEvent::by_password(now)),
            email: Email::parse("somebody@example.com").unwrap(),
            email_verified: true,
            roles: BTreeSet::new(),
            permissions: PermissionSet::new(),
        };
        let issued_at = now.whole_seconds();
        let token = TokenId::mint(now, [9; 10]);
        self.signer.access(&subject, token, issued_at, issued_at.plus(MINUTE)).unwrap()
    }

    /// What was counted so far.
    pub fn samples(&self) -> Samples {
        Samples::read(&self.metrics.text())
    }

    /// The one way to make a request. Whatever refuses it must be documented.
    pub async fn send(&self, request: TestRequest) -> Answer {
        let answer = answer(&self.rest, request).await;
        documented::check(&answer);
        answer
    }

    /// What comes of a request, in short.
    pub async fn outcome(&self, request: TestRequest) -> String {
        self.send(request).await.outcome()
    }

    /// The JSON that a request is answered with, which must not be refused.
    pub async fn json(&self, request: TestRequest) -> serde_json::Value {
        let answer = self.send(request).await;
        assert!(answer.status.is_success(), "{}: {:?}", answer.status, answer.body);
        answer.json()
    }

    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// An account, and where it is. Ids sort by the millisecond, so each comes a millisecond after the one before.
    pub async fn add(&self, account: NewAccount) -> Account {
        self.advance(Duration::from_millis(1));
        let accounts: &dyn Accounts = &*self.services;
        let id = accounts.create(&operator(), account).await.unwrap().id.to_string();
        Account { path: format!("/api/v1/users/{id}"), id }
    }

    /// An account that nobody is signed in to, `NAME@example.com`, with the password of everybody.
    pub async fn account(&self, name: &str) -> Account {
        self.add(account(name)).await
    }

    /// An account that nobody can sign in to yet.
    pub async fn passwordless(&self, name: &str) -> Account {
        self.add(NewAccount { password: None, ..account(name) }).await
    }

    /// One more session of an account that is there.
    pub async fn session_of(&self, name: &str) -> Person {
        self.advance(Duration::from_millis(1));
        let authentication: &dyn Authentication = &*self.services;
        let typed = PasswordSignIn { identifier: name.to_owned(), password: Secret::new(PASSWORD.to_owned()) };
        let caller = Caller { actor: Who::Anonymous, ..operator() };
        Person::of(name, &authentication.sign_in(&caller, typed).await.unwrap())
    }

    /// A new account that holds these roles, signed in.
    pub async fn person(&self, name: &str, roles: &[&str]) -> Person {
        let roles = roles.iter().map(|&role| role.to_owned()).collect();
        self.add(NewAccount { roles, ..account(name) }).await;
        self.session_of(name).await
    }

    /// An ordinary user, signed in.
    pub async fn ann(&self) -> Person {
        self.person("ann", &[]).await
    }

    /// An administrator, signed in.
    pub async fn admin(&self) -> Person {
        self.person("admin", &["admin"]).await
    }

    /// Somebody with a role that allows this and nothing else, signed in.
    pub async fn who_may(&self, permission: &str) -> Person {
        let name = permission.replace(':', "-");
        self.role(&name, &[permission]).await;
        self.person(&name, &[&name]).await
    }

    pub async fn role(&self, name: &str, permissions: &[&str]) {
        let permissions = permissions.iter().map(|&permission| permission.to_owned()).collect();
        let role = NewRole { name: name.to_owned(), description: None, permissions };
        Roles::create(&*self.services, &operator(), role).await.unwrap();
    }

    /// A confidential client app that holds these roles.
    pub async fn client_app(&self, id: &str, roles: &[&str]) -> ClientApp {
        let app = NewClientApp {
            id: Some(id.to_owned()),
            name: "Billing".to_owned(),
            kind: "confidential".to_owned(),
            redirect_uris: Vec::new(),
            origins: Vec::new(),
            roles: roles.iter().map(|&role| role.to_owned()).collect(),
        };
        let made = ClientApps::create(&*self.services, &operator(), app).await.unwrap();
        ClientApp { id: id.to_owned(), secret: made.secret.unwrap().expose().to_owned() }
    }

    pub async fn permission(&self, name: &str) {
        let permission = NewPermission { name: name.to_owned(), description: None };
        self.services.create_permission(&operator(), permission).await.unwrap();
    }
}

/// A client app, and what proves that it is the one.
#[derive(Clone)]
pub struct ClientApp {
    pub id: String,
    pub secret: String,
}

/// Where an account is.
#[derive(Clone)]
pub struct Account {
    pub id: String,
    pub path: String,
}

/// Somebody signed in.
#[derive(Clone)]
pub struct Person {
    pub name: String,
    pub account: Account,
    pub session: String,
    pub access_token: String,
    pub refresh_token: String,
    actor: Actor,
}

impl Person {
    fn of(name: &str, tokens: &TokenPair) -> Self {
        let (id, access_token) = (tokens.user.to_string(), tokens.access_token.expose().to_owned());
        Self {
            name: name.to_owned(),
            account: Account { path: format!("/api/v1/users/{id}"), id },
            session: tokens.session.to_string(),
            refresh_token: tokens.refresh_token.expose().to_owned(),
            actor: Actor::with(&access_token),
            access_token,
        }
    }
}

impl Deref for Person {
    type Target = Actor;

    fn deref(&self) -> &Actor {
        &self.actor
    }
}

/// An attempt to sign in.
pub fn login(identifier: &str, password: &str) -> TestRequest {
    ANONYMOUS.post("/api/v1/auth/login", &json!({"identifier": identifier, "password": password}))
}

/// What a token says of itself.
pub fn claims(token: &str) -> serde_json::Value {
    let said = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(said).unwrap()).unwrap()
}

/// What the operator makes unless a test says otherwise: no role besides `user`.
pub fn account(name: &str) -> NewAccount {
    NewAccount {
        email: format!("{name}@example.com"),
        email_verified: true,
        password: Some(Secret::new(PASSWORD.to_owned())),
        username: Some(name.to_owned()),
        full_name: None,
        locale: None,
        roles: Vec::new(),
        is_active: true,
        external_id: None,
    }
}

fn operator() -> Caller {
    let correlation_id = CorrelationId::parse("the-test-itself").unwrap();
    let address = Some([203, 0, 113, 9].into());
    Caller { actor: Who::Operator, origin: Origin { address, user_agent: Some("curl/8.5".to_owned()), correlation_id } }
}

fn policies() -> Policies {
    Policies {
        lifetimes: SessionLifetimes {
            access_ttl: 15 * MINUTE,
            refresh_ttl: Duration::from_hours(7 * 24),
            refresh_grace: Duration::from_secs(10),
            idle_ttl: None,
            absolute_ttl: Duration::from_hours(90 * 24),
        },
        session_limit: None,
        passwords: PasswordPolicy::default(),
        registration: RegistrationPolicy { enabled: true, hide_existing: false, require_verified_email: false },
        lockout: Some(LockoutPolicy::default()),
        // Every test calls from one address; those about limits set their own.
        limits: None,
        keys: KeyPolicy::default(),
    }
}

struct RequestFigures(Arc<Metrics>);

impl RequestObserver for RequestFigures {
    fn answered(&self, request: Answered<'_>) {
        self.0.answered(request.method, request.route, request.status, request.took);
    }
}

fn metrics() -> Arc<Metrics> {
    let known = known_routes().into_iter();
    let known = known.map(|it| Route { method: it.method, pattern: it.pattern, status: it.status });
    Metrics::new(&known.collect::<Vec<_>>())
}

fn tools(database: &TestDatabase, clock: &VirtualClock, metrics: &Arc<Metrics>) -> Tools {
    let opened = database.open();
    let hashing = HashingSettings {
        cost: 4,
        threads: NonZeroUsize::MIN,
        lanes: NonZeroUsize::new(4),
        queue: NonZeroUsize::new(64).unwrap(),
        patience: MINUTE,
    };
    let tokens = JwtSettings { issuer: ISSUER.to_owned(), audience: AUDIENCE.to_owned() };
    let signer = Arc::new(JwtSigner::new(SigningKey::from_pem(PUBLISHED_KEY).unwrap(), &tokens));
    let sealing_key = SealingKey::from_base64("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
    Tools {
        store: Arc::new(MeasuredStore::new(opened.store, metrics)),
        session_states: opened.session_states,
        sightings: Arc::new(()),
        client_states: opened.client_states,
        users: opened.users,
        roles: opened.roles,
        hasher: Arc::new(HashingPool::start(hashing, Arc::new(SeededRandom::new(1)), Arc::new(())).unwrap()),
        signer: signer.clone(),
        keys: signer,
        key_pairs: Arc::new(LocalKeyPairs::new(Path::new("there is no such folder"))),
        sealer: Arc::new(Sealer::new(&sealing_key, Arc::new(SeededRandom::new(3)))),
        clock: Arc::new(clock.clone()),
        random: Arc::new(SeededRandom::new(2)),
        limiter: Arc::new(MemoryLimiter::of_keys(1_000)),
        observer: Arc::new(()),
        probes: Vec::new(),
        exposition: metrics.clone(),
    }
}
