use super::matrix::examples::new_provider;
use super::providers::providers;
use crate::actors::{ANONYMOUS, Actor};
use crate::documented;
use crate::world::{Answer, answer, options};
use actix_web::test::TestRequest;
use doorward_application::{Policies, Services, Tools};
use doorward_domain::{
    AuthenticationEvent, Authentications, Client, CorrelationId, Email, MailTokenPurpose, PermissionSet, TokenId,
};
use doorward_http::{Answered, App, Readiness, RequestObserver, Rest, known_routes};
use doorward_ports::inbound::{
    AccountChange, Accounts, AuditLog, Authentication, ClientApps, MailDelivery, NewAccount, NewClientApp,
    ProviderRegistry, Roles, TokenPair,
};
use doorward_ports::outbound::{AuditSigner, Exposition, TokenSubject};
use doorward_ports::{Actor as Who, Caller, Origin};
use doorward_sql_testing::TestDatabase;
use doorward_telemetry::metrics::{CountedAuthentication, CountedClientTokens, Metrics, Route};
use doorward_testbed::{Bed, permission, role, sealer, secret, typed};
use doorward_testkit::VirtualClock;
use doorward_testkit::exposition::Samples;
use doorward_testkit::scripted_provider::ScriptedProvider;
use serde_json::json;
use std::collections::BTreeSet;
use std::future::poll_fn;
use std::ops::Deref;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

pub use doorward_testbed::{AUDIENCE, OTHER_PASSWORD, PASSWORD, WRONG_PASSWORD, account, claims};

pub const MINUTE: Duration = Duration::from_mins(1);
pub const ISSUER: &str = "https://accounts.example.com";

/// A service of a test's own.
pub struct World {
    pub metrics: Arc<Metrics>,
    pub provider: Arc<ScriptedProvider>,
    rest: Rest,
    pub services: Arc<Services>,
    bed: Bed,
}

impl World {
    /// By the policies that Doorward has unless an operator sets others.
    pub async fn new() -> Self {
        Self::by(|_| {}).await
    }

    /// By other policies.
    pub async fn by(change: impl FnOnce(&mut Policies)) -> Self {
        let metrics = metrics();
        let bed = Bed::watched(TestDatabase::sqlite().await, metrics.clone(), VirtualClock::default(), ISSUER);
        let provider = Arc::new(ScriptedProvider::default());
        let bed = bed.changed(|tools, policies| {
            tools.exposition = metrics.clone();
            tools.providers = Arc::new(providers(provider.clone()));
            change(policies);
        });
        Self::over(bed, metrics, provider)
    }

    fn over(bed: Bed, metrics: Arc<Metrics>, provider: Arc<ScriptedProvider>) -> Self {
        let services = bed.services();
        let app = App {
            accounts: services.clone(),
            authentication: Arc::new(CountedAuthentication::new(services.clone(), &metrics)),
            sessions: services.clone(),
            roles: services.clone(),
            client_apps: services.clone(),
            client_tokens: Arc::new(CountedClientTokens::new(services.clone(), &metrics)),
            providers: services.clone(),
            provider_registry: services.clone(),
            identities: services.clone(),
            second_factors: services.clone(),
            audit_log: services.clone(),
            audit_trail: services.clone(),
            admission: services.clone(),
            owner_mails: services.clone(),
            system: services.clone(),
        };
        let figures = Arc::new(RequestFigures(metrics.clone()));
        let rest = Rest::observed(app, options(), Readiness::default(), figures);
        Self { metrics, provider, rest, services, bed }
    }

    /// The same, with all lines of its audit log sealed.
    pub async fn sealed(self) -> Self {
        self.seal_audit_log().await;
        self
    }

    pub async fn seal_audit_log(&self) {
        self.services.seal(&operator()).await.unwrap();
    }

    /// The same service, which takes no signature of an audit key for genuine.
    pub fn suspicious(&self) -> Self {
        let doubt = |tools: &mut Tools| tools.audit_signer = Arc::new(Suspicious(tools.audit_signer.clone()));
        self.over_another(self.bed.changed(|tools, _| doubt(tools)))
    }

    /// The same service, which sends no mails.
    pub fn without_mails(&self) -> Self {
        self.over_another(self.bed.changed(|tools, _| tools.mailer = None))
    }

    /// The same service with another sealing key.
    pub fn with_another_sealing_key(&self) -> Self {
        let key = "//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=";
        self.over_another(self.bed.changed(|tools, _| tools.sealer = Arc::new(sealer(key))))
    }

    fn over_another(&self, bed: Bed) -> Self {
        Self::over(bed, self.metrics.clone(), self.provider.clone())
    }

    pub fn tools(&self) -> &Tools {
        &self.bed.tools
    }

    /// Does this after a verification of the audit log has begun, and before it has ended.
    pub async fn while_verifying<T>(&self, does: impl Future<Output = T>) -> T {
        let operator = operator();
        let mut verifying = AuditLog::verify(&*self.services, &operator, None, &|_| ());
        let begun = poll_fn(|context| Poll::Ready(verifying.as_mut().poll(context))).await;
        assert!(begun.is_pending(), "a verification reads the database first");
        does.await
    }

    /// An access token of a person's session, as it would have been issued to an app that is not Doorward's own.
    pub fn token_for_another_app(&self, person: &Person) -> String {
        let now = self.bed.tools.clock.now();
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
        self.bed.tools.signer.access(&subject, token, issued_at, issued_at.plus(MINUTE)).unwrap()
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

    /// All are under way before any is waited for to its end.
    pub async fn at_once(&self, requests: impl Iterator<Item = TestRequest>) -> Vec<Answer> {
        let mut crowd: Vec<_> = requests.map(|request| Box::pin(self.send(request))).collect();
        let mut answers = Vec::new();
        poll_fn(|context| {
            crowd.retain_mut(|one| match one.as_mut().poll(context) {
                Poll::Ready(answer) => {
                    answers.push(answer);
                    false
                }
                Poll::Pending => true,
            });
            if crowd.is_empty() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        answers
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
        self.bed.clock.advance(by);
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

    /// Sends the mails that are due.
    pub async fn deliver(&self) {
        MailDelivery::deliver(&*self.services, &operator()).await.unwrap();
    }

    /// The token in the last mail to this account that has one for this.
    pub async fn mail_token(&self, name: &str, purpose: MailTokenPurpose) -> String {
        self.deliver().await;
        let to = Email::parse(&format!("{name}@example.com")).unwrap();
        self.bed.mailbox.token(&to, purpose).expect("it was sent").expose().to_owned()
    }

    /// One that sets a new password.
    pub async fn reset_token(&self, name: &str) -> String {
        let email = format!("{name}@example.com");
        assert_eq!(self.outcome(ANONYMOUS.post("/api/v1/auth/password/forgot", &json!({"email": email}))).await, "202");
        self.mail_token(name, MailTokenPurpose::ResetPassword).await
    }

    /// One that verifies an address.
    pub async fn verification_token(&self, name: &str) -> String {
        let email = format!("{name}@example.com");
        let accounts: &dyn Accounts = &*self.services;
        let id = accounts.find(&operator(), &email).await.unwrap().id;
        let unproved = AccountChange { email_verified: Some(false), ..AccountChange::default() };
        accounts.change(&operator(), id, unproved, None).await.unwrap();
        assert_eq!(self.outcome(ANONYMOUS.post("/api/v1/auth/email/resend", &json!({"email": email}))).await, "202");
        self.mail_token(name, MailTokenPurpose::VerifyEmail).await
    }

    /// One that reports a takeover, after the password was changed.
    pub async fn report_token(&self, name: &str) -> String {
        let accounts: &dyn Accounts = &*self.services;
        let id = accounts.find(&operator(), &format!("{name}@example.com")).await.unwrap().id;
        accounts.set_password(&operator(), id, secret(OTHER_PASSWORD)).await.unwrap();
        self.mail_token(name, MailTokenPurpose::ReportTakeover).await
    }

    /// One that gives an account this address.
    pub async fn change_token(&self, person: &Person, new: &str) -> String {
        let asked = person.post("/api/v1/users/me/email", &json!({"email": format!("{new}@example.com")}));
        assert_eq!(self.outcome(asked).await, "202");
        self.mail_token(new, MailTokenPurpose::ChangeEmail).await
    }

    /// One more session of an account that is there.
    pub async fn session_of(&self, name: &str) -> Person {
        self.advance(Duration::from_millis(1));
        let authentication: &dyn Authentication = &*self.services;
        let caller = Caller { actor: Who::Anonymous, ..operator() };
        Person::of(name, &authentication.sign_in(&caller, typed(name, PASSWORD)).await.unwrap())
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
        Roles::create(&*self.services, &operator(), role(name, permissions)).await.unwrap();
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

    /// A provider in the database.
    pub async fn provider(&self, name: &str) {
        let new = serde_json::from_value(new_provider(name)).unwrap();
        ProviderRegistry::create(&*self.services, &operator(), new).await.unwrap();
    }

    pub async fn permission(&self, name: &str) {
        self.services.create_permission(&operator(), permission(name)).await.unwrap();
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

pub fn operator() -> Caller {
    let correlation_id = CorrelationId::parse("the-test-itself").unwrap();
    let address = Some([203, 0, 113, 9].into());
    let user_agent = Some("curl/8.5".to_owned());
    Caller { actor: Who::Operator, origin: Origin { address, user_agent, correlation_id, language: None } }
}

/// Signs as ever, and believes no signature.
struct Suspicious(Arc<dyn AuditSigner>);

impl AuditSigner for Suspicious {
    fn public_half(&self, private: &[u8]) -> Option<(String, Vec<u8>)> {
        self.0.public_half(private)
    }

    fn sign(&self, private: &[u8], statement: &[u8]) -> Option<Vec<u8>> {
        self.0.sign(private, statement)
    }

    fn has_signed(&self, _: &[u8], _: &[u8], _: &[u8]) -> bool {
        false
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
