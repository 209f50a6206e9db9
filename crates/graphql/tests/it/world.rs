use async_trait::async_trait;
use doorward_application::{Policies, Services};
use doorward_domain::{CorrelationId, Email, MailTokenPurpose};
use doorward_graphql::{Answered, Graphql, Method, Options, Ports, Request, Shown, Visitor};
use doorward_ports::access::Operation;
use doorward_ports::inbound::{
    Accounts, Admission, Authentication, Judged, MailDelivery, NewAccount, Presented, Roles, TokenPair,
};
use doorward_ports::outbound::{AuditEvent, StoreObserver, StoreOperation};
use doorward_ports::{Actor, Caller, Origin, Secret};
use doorward_sql_testing::TestDatabase;
use doorward_testbed::{Bed, account, role, typed};
use doorward_testkit::VirtualClock;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub use doorward_testbed::{OTHER_PASSWORD, PASSWORD, WRONG_PASSWORD};

/// A service of a test's own.
pub struct World {
    pub services: Arc<Services>,
    pub bed: Bed,
    graphql: Graphql,
    store: Arc<Watched>,
    asked: Arc<Asked>,
}

/// Somebody signed in.
#[derive(Clone)]
pub struct Person {
    pub id: String,
    pub session: String,
    pub access_token: String,
    pub refresh_token: String,
}

impl World {
    pub async fn new() -> Self {
        Self::by(|_| {}).await
    }

    /// By other policies.
    pub async fn by(change: impl FnOnce(&mut Policies)) -> Self {
        let store = Arc::new(Watched::default());
        let database = TestDatabase::sqlite().await;
        let bed = Bed::watched(database, store.clone(), VirtualClock::default(), "https://accounts.example.com");
        Self::over(bed.changed(|_, policies| change(policies)), store)
    }

    fn over(bed: Bed, store: Arc<Watched>) -> Self {
        let services = bed.services();
        let asked = Arc::new(Asked { admission: services.clone(), operations: Mutex::default() });
        let ports = Ports {
            accounts: services.clone(),
            authentication: services.clone(),
            sessions: services.clone(),
            roles: services.clone(),
            providers: services.clone(),
            identities: services.clone(),
            second_factors: services.clone(),
            audit_trail: services.clone(),
            owner_mails: services.clone(),
            admission: asked.clone(),
        };
        Self { graphql: Graphql::new(ports, Options { introspection: true }), services, bed, store, asked }
    }

    /// The answer to a document, as this caller.
    pub async fn answer(&self, token: Option<&str>, document: &str, variables: Value) -> Answered {
        let shown = token.map_or(Shown::Nothing, |token| Shown::Token(Secret::new(token.to_owned())));
        self.answer_to(document, variables, Visitor { shown, ..visitor() }).await
    }

    pub async fn answer_to(&self, document: &str, variables: Value, visitor: Visitor) -> Answered {
        let request = json!({"query": document, "variables": variables}).to_string();
        self.graphql.answer(&Request::from_json(request.as_bytes()).unwrap(), visitor, Method::Writes).await
    }

    /// The answer itself, in JSON.
    pub async fn ask(&self, person: Option<&Person>, document: &str) -> Value {
        read(&self.answer(person.map(|person| &*person.access_token), document, json!({})).await)
    }

    /// What a document reads, which must not be refused.
    pub async fn data(&self, person: Option<&Person>, document: &str) -> Value {
        let mut answer = self.ask(person, document).await;
        assert_eq!(answer["errors"], Value::Null, "{document}");
        answer["data"].take()
    }

    /// The operations that admission was asked for since the last call.
    pub fn asked(&self) -> Vec<Operation> {
        std::mem::take(&mut self.asked.operations.lock().unwrap())
    }

    /// What the store was asked for since the last call.
    pub fn store_calls(&self) -> Vec<StoreOperation> {
        std::mem::take(&mut self.store.0.lock().unwrap())
    }

    pub fn advance(&self, by: Duration) {
        self.bed.clock.advance(by);
    }

    /// A new account that holds these roles, signed in.
    pub async fn person(&self, name: &str, roles: &[&str]) -> Person {
        self.advance(Duration::from_millis(1));
        let roles = roles.iter().map(|&role| role.to_owned()).collect();
        Accounts::create(&*self.services, &operator(), NewAccount { roles, ..account(name) }).await.unwrap();
        self.session_of(name).await
    }

    pub async fn session_of(&self, name: &str) -> Person {
        self.advance(Duration::from_millis(1));
        let caller = Caller { actor: Actor::Anonymous, ..operator() };
        let pair = Authentication::sign_in(&*self.services, &caller, typed(name, PASSWORD)).await.unwrap();
        Person::of(&pair)
    }

    pub async fn admin(&self) -> Person {
        self.person("admin", &["admin"]).await
    }

    /// A role with these permissions.
    pub async fn role(&self, name: &str, permissions: &[&str]) {
        Roles::create(&*self.services, &operator(), role(name, permissions)).await.unwrap();
    }

    /// The token in the last mail to this account that has one for this.
    pub async fn mail_token(&self, name: &str, purpose: MailTokenPurpose) -> String {
        MailDelivery::deliver(&*self.services, &operator()).await.unwrap();
        let to = Email::parse(&format!("{name}@example.com")).unwrap();
        self.bed.mailbox.token(&to, purpose).expect("it was sent").expose().to_owned()
    }
}

impl Person {
    fn of(pair: &TokenPair) -> Self {
        Self {
            id: pair.user.to_string(),
            session: pair.session.to_string(),
            access_token: pair.access_token.expose().to_owned(),
            refresh_token: pair.refresh_token.expose().to_owned(),
        }
    }
}

pub fn read(answered: &Answered) -> Value {
    serde_json::from_slice(&answered.body).unwrap()
}

/// The code of the first error of an answer; empty if there is none.
pub fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
}

pub fn visitor() -> Visitor {
    Visitor {
        origin: operator().origin,
        shown: Shown::Nothing,
        refresh_token: None,
        by_header: false,
        hides_tokens: false,
    }
}

pub fn operator() -> Caller {
    let correlation_id = CorrelationId::parse("the-test-itself").unwrap();
    let (address, user_agent) = (Some([203, 0, 113, 9].into()), Some("curl/8.5".to_owned()));
    Caller { actor: Actor::Operator, origin: Origin { address, user_agent, correlation_id, language: None } }
}

/// Notes what a store does.
#[derive(Default)]
struct Watched(Mutex<Vec<StoreOperation>>);

impl StoreObserver for Watched {
    fn took(&self, operation: StoreOperation, _: Duration) {
        self.0.lock().unwrap().push(operation);
    }

    fn committed(&self, _: &[AuditEvent]) {}
}

/// Notes which operations admission is asked for.
struct Asked {
    admission: Arc<Services>,
    operations: Mutex<Vec<Operation>>,
}

#[async_trait]
impl Admission for Asked {
    async fn admit(&self, presented: Presented<'_>, operation: Operation) -> Judged {
        self.operations.lock().unwrap().push(operation);
        self.admission.admit(presented, operation).await
    }

    async fn admit_known(&self, caller: &Caller, operation: Operation) -> Judged<()> {
        self.operations.lock().unwrap().push(operation);
        self.admission.admit_known(caller, operation).await
    }
}
