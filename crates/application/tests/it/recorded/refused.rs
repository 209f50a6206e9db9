//! What is refused to somebody who has to prove who they are.
use crate::world::{
    CAFE, HOME, OTHER_PASSWORD, Person, WRONG, World, account, by_password, code, from, operator, origin, registration,
    secret,
};
use doorward_domain::{AuditOutcome, CorrelationId};
use doorward_ports::access::Operation;
use doorward_ports::inbound::{ClientApps, ClientCredentials, Identification, NewClientApp, PasswordChange};
use doorward_ports::{ErrorCode, Secret};
use serde_json::{Value, json};

/// The one line that was written: its action, actor, subject and details.
fn only_line(world: &World) -> (&'static str, String, Option<String>, Value) {
    let events = world.journal.take();
    let [event] = &events[..] else { panic!("not one line: {events:?}") };
    assert_eq!(event.outcome, AuditOutcome::Failure);
    assert_eq!(CorrelationId::parse(&event.correlation_id).unwrap(), origin(HOME).correlation_id);
    assert!(event.personal.address.is_some() && event.personal.user_agent.is_some());
    let subject = event.subject.as_ref().map(ToString::to_string);
    let details = serde_json::from_str(event.details.as_str()).unwrap();
    (event.action.as_str(), event.actor.to_string(), subject, details)
}

fn anonymous(
    action: &'static str,
    subject: Option<String>,
    details: Value,
) -> (&'static str, String, Option<String>, Value) {
    (action, "anonymous".to_owned(), subject, details)
}

fn of(person: &Person, action: &'static str, subject: String) -> (&'static str, String, Option<String>, Value) {
    (action, format!("user:{}", person.id()), Some(subject), json!({ "reason": "wrong_password" }))
}

#[tokio::test]
async fn a_wrong_proof_of_a_person_leaves_a_line_with_the_reason() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let (user, session) = (format!("user:{}", ann.id()), format!("session:{}", ann.tokens.session));
    world.journal.take();

    world.sign_in(HOME, "ann", WRONG).await.unwrap_err();
    let reason = json!({ "reason": "invalid_credentials" });
    assert_eq!(only_line(&world), anonymous("session.sign_in", Some(user.clone()), reason.clone()));
    world.sign_in(HOME, "nobody", WRONG).await.unwrap_err();
    assert_eq!(only_line(&world), anonymous("session.sign_in", None, reason));

    world.auth().reauthenticate(&ann.caller, by_password(WRONG)).await.unwrap_err();
    assert_eq!(only_line(&world), of(&ann, "session.reauthenticated", session.clone()));
    let change = PasswordChange { current: secret(WRONG), new: secret(OTHER_PASSWORD) };
    world.accounts().change_own_password(&ann.caller, change).await.unwrap_err();
    assert_eq!(only_line(&world), of(&ann, "user.password_changed", user));

    world.refresh(&world.refresh(&ann.tokens).await.unwrap()).await.unwrap();
    world.refresh(&ann.tokens).await.unwrap_err();
    let client = json!({ "client": "doorward" });
    assert_eq!(only_line(&world), anonymous("session.refresh_reused", Some(session), client));
}

#[tokio::test]
async fn a_registration_that_hides_that_the_address_is_taken_leaves_a_line_for_its_owner() {
    let world = World::by(|policies| policies.registration.hide_existing = true).await;
    let ann = world.add(account("ann")).await;
    world.journal.take();
    world.accounts().register(&from(CAFE), registration("ann")).await.unwrap();
    let reason = json!({ "reason": "email_taken" });
    assert_eq!(only_line(&world), anonymous("user.registered", Some(format!("user:{}", ann.id)), reason));
}

#[tokio::test]
async fn a_wrong_client_secret_leaves_a_line_which_never_contains_what_was_typed() {
    let world = World::new().await;
    let apps: &dyn ClientApps = &*world.services;
    let app = NewClientApp {
        id: Some("billing".to_owned()),
        name: "Billing".to_owned(),
        kind: "confidential".to_owned(),
        redirect_uris: Vec::new(),
        origins: Vec::new(),
        roles: Vec::new(),
    };
    let right = apps.create(&operator(), app).await.unwrap().secret;
    world.journal.take();
    let shows = async |id: &str, secret: Option<Secret>, operation| {
        let shown = ClientCredentials { id: id.into(), secret };
        world.admit(HOME, Identification::Client(&shown), operation).await
    };
    for operation in [Operation::IssueTokens, Operation::IntrospectToken, Operation::RevokeToken] {
        let details = json!({ "operation": operation.as_str(), "reason": "invalid_client" });
        let line =
            |subject: Option<&str>| anonymous("client_app.authenticated", subject.map(str::to_owned), details.clone());
        for (id, subject) in [("billing", Some("client_app:billing")), ("pasted-secret", None), ("No Id", None)] {
            assert_eq!(code(shows(id, Some(secret(WRONG)), operation).await), ErrorCode::InvalidClient);
            assert_eq!(only_line(&world), line(subject));
        }
        // Without a secret, nothing was guessed.
        assert_eq!(code(shows("billing", None, operation).await), ErrorCode::InvalidClient);
        shows("billing", right.clone(), operation).await.unwrap();
        assert_eq!(world.journal.lines(), []);
    }
}
