//! The audit log: one line for each thing done, none for what was refused, and nothing that tells of a person.
use crate::world::{
    CORRELATION, HOME, Line, OTHER_PASSWORD, PASSWORD, Person, WRONG, World, account, from, operator, permission,
    registration, role, secret,
};
use doorward_domain::{AuditAction, AuditOutcome, UserId};
use doorward_ports::inbound::{AccountChange, Change, PasswordChange, ProfileChange, Registered, RoleChange};
use doorward_ports::{Caller, Result};
use serde_json::{Value, json};
use std::collections::HashSet;

fn line(action: &'static str, actor: &str, subject: String, details: Value) -> Line {
    Line { action, actor: actor.to_owned(), subject: Some(subject), outcome: AuditOutcome::Success, details }
}

/// A new or deleted account that is enabled.
fn described(email_verified: bool, roles: &[&str]) -> Value {
    json!({ "email_verified": email_verified, "is_active": true, "roles": roles })
}

fn renamed(name: &str) -> AccountChange {
    let profile = ProfileChange { full_name: Change::Set(name.into()), ..ProfileChange::default() };
    AccountChange { email: Some(format!("{name}@example.org").into()), profile, ..AccountChange::default() }
}

fn active(is_active: bool) -> AccountChange {
    AccountChange { is_active: Some(is_active), ..AccountChange::default() }
}

#[tokio::test]
async fn a_life_of_an_account_is_told_line_by_line() {
    let world = World::new().await;
    let Registered::Created(ann) = world.accounts().register(&from(HOME), registration("ann")).await.unwrap() else {
        panic!("it hides nothing")
    };
    let accounts = world.accounts();
    let verified = AccountChange { email_verified: Some(true), ..renamed("anna") };
    accounts.change(&operator(), ann.id, verified, None).await.unwrap();
    accounts.grant_role(&operator(), ann.id, "admin").await.unwrap();
    accounts
        .grant_role(&operator(), accounts.create(&operator(), account("eve")).await.unwrap().id, "admin")
        .await
        .unwrap();
    accounts.revoke_role(&operator(), ann.id, "admin").await.unwrap();
    accounts.set_password(&operator(), ann.id, secret(OTHER_PASSWORD)).await.unwrap();
    accounts.change(&operator(), ann.id, active(false), None).await.unwrap();
    accounts.change(&operator(), ann.id, active(true), None).await.unwrap();
    accounts.delete(&operator(), ann.id).await.unwrap();
    let subject = format!("user:{}", ann.id);
    let told: Vec<_> =
        world.journal.lines().into_iter().filter(|line| line.subject.as_deref() == Some(&subject)).collect();
    let by_operator = |action, details| line(action, "operator", subject.clone(), details);
    let expected = [
        line("user.registered", "anonymous", subject.clone(), described(false, &["user"])),
        by_operator(
            "user.updated",
            json!({ "changes": {
                "email": "changed", "full_name": "changed", "email_verified": { "before": false, "after": true },
            } }),
        ),
        by_operator("role.granted", json!({ "role": "admin" })),
        by_operator("role.revoked", json!({ "role": "admin" })),
        by_operator("user.password_changed", json!({ "changes": { "password": "changed" } })),
        by_operator("user.disabled", json!({ "changes": { "is_active": { "before": true, "after": false } } })),
        by_operator("user.enabled", json!({ "changes": { "is_active": { "before": false, "after": true } } })),
        by_operator("user.deleted", described(true, &["user"])),
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn an_account_made_by_an_administrator_is_told_with_its_roles() {
    let world = World::new().await;
    let admin = world.admin("eve").await;
    world.journal.take();
    let ann = world.accounts().create(&admin.caller, account("ann")).await.unwrap();
    let actor = format!("user:{}", admin.id());
    let expected = line("user.created", &actor, format!("user:{}", ann.id), described(true, &["user"]));
    assert_eq!(world.journal.lines(), [expected]);
}

#[tokio::test]
async fn a_sign_in_is_told_with_where_from_under_the_requests_name() {
    let world = World::new().await;
    let ann = world.account("ann").await;
    world.journal.take();
    let tokens = world.sign_in(HOME, "ann", PASSWORD).await.unwrap();
    let events = world.journal.take();
    assert_eq!(events.len(), 1);
    let details = json!({ "provider": "local", "session": tokens.session, "amr": ["pwd"] });
    let expected = line("session.sign_in", "anonymous", format!("user:{}", ann.id), details);
    assert_eq!(Line::from(&events[0]), expected);
    assert_eq!((events[0].correlation_id.as_str(), events[0].occurred_at), (CORRELATION, world.now()));
    assert_eq!((events[0].account, events[0].personal.address), (Some(ann.id), Some(HOME.parse().unwrap())));
    assert_eq!(events[0].personal.user_agent.as_deref(), Some("curl/8.5.0"));
    assert!(world.stored(ann.id).await.contains(&events[0]));
}

#[tokio::test]
async fn refused_sign_ins_are_told_with_the_reason_and_the_lock_once() {
    let world = World::new().await;
    let ann = world.account("ann").await;
    world.journal.take();
    world.fail(6, HOME, "ann").await;
    world.sign_in(HOME, "ann", PASSWORD).await.unwrap_err();
    let subject = Some(format!("user:{}", ann.id));
    let refused = |reason: &str| Line {
        action: "session.sign_in",
        actor: "anonymous".to_owned(),
        subject: subject.clone(),
        outcome: AuditOutcome::Failure,
        details: json!({ "reason": reason }),
    };
    let wrong = refused("invalid_credentials");
    let mut expected = vec![wrong; 5];
    expected.push(line("session.sign_in_locked", "anonymous", format!("user:{}", ann.id), json!({})));
    expected.extend([refused("locked"), refused("locked")]);
    assert_eq!(world.journal.lines(), expected);
    world.fail(1, HOME, "nobody").await;
    assert_eq!(world.journal.lines(), [Line { subject: None, ..refused("invalid_credentials") }]);
    world.set_active(ann.id, false).await;
    world.journal.take();
    world.sign_in("192.0.2.1", "ann", PASSWORD).await.unwrap_err();
    assert_eq!(world.journal.lines(), [refused("account_disabled")]);
}

#[tokio::test]
async fn guessing_the_present_password_is_told_like_guessing_at_the_sign_in() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    world.journal.take();
    for _ in 0..6 {
        let change = PasswordChange { current: secret(WRONG), new: secret(OTHER_PASSWORD) };
        world.accounts().change_own_password(&ann.caller, change).await.unwrap_err();
    }
    let told: Vec<_> =
        world.journal.lines().into_iter().map(|line| (line.action, line.outcome, line.details)).collect();
    let refused = |reason: &str| ("user.password_changed", AuditOutcome::Failure, json!({ "reason": reason }));
    let mut expected = vec![refused("wrong_password"); 5];
    expected.push(("session.sign_in_locked", AuditOutcome::Success, json!({})));
    expected.push(refused("locked"));
    assert_eq!(told, expected);
}

#[tokio::test]
async fn the_end_of_a_session_is_told_with_the_reason() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let ended = |session: &Person, reason: &str| {
        let actor = format!("user:{}", ann.id());
        line("session.ended", &actor, format!("session:{}", session.tokens.session), json!({ "reason": reason }))
    };
    let (second, third) = (world.session_of("ann").await, world.session_of("ann").await);
    world.journal.take();
    world.sessions().end_own(&ann.caller, second.tokens.session).await.unwrap();
    assert_eq!(world.journal.lines(), [ended(&second, "ended_by_owner")]);
    world.sessions().end_own_others(&ann.caller).await.unwrap();
    assert_eq!(world.journal.lines(), [ended(&third, "ended_by_owner")]);
    let fourth = world.session_of("ann").await;
    world.journal.take();
    let change = PasswordChange { current: secret(PASSWORD), new: secret(OTHER_PASSWORD) };
    world.accounts().change_own_password(&ann.caller, change).await.unwrap();
    let actor = format!("user:{}", ann.id());
    let details = json!({ "changes": { "password": "changed" } });
    let changed = line("user.password_changed", &actor, format!("user:{}", ann.id()), details);
    assert_eq!(world.journal.lines(), [ended(&fourth, "password_changed"), changed]);
    world.sessions().end_of_user(&operator(), ann.id()).await.unwrap();
    assert_eq!(world.journal.lines(), [Line { actor: "operator".to_owned(), ..ended(&ann, "ended_by_admin") }]);
}

#[tokio::test]
async fn a_reused_refresh_token_is_told_as_a_failure_and_a_refresh_not_at_all() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    world.journal.take();
    world.refresh(&world.refresh(&ann.tokens).await.unwrap()).await.unwrap();
    assert_eq!(world.journal.lines(), []);
    world.refresh(&ann.tokens).await.unwrap_err();
    let (subject, client) = (format!("session:{}", ann.tokens.session), json!({ "client": "doorward" }));
    let expected =
        Line { outcome: AuditOutcome::Failure, ..line("session.refresh_reused", "anonymous", subject, client) };
    assert_eq!(world.journal.lines(), [expected]);
    world.refresh(&ann.tokens).await.unwrap_err();
    assert_eq!(world.journal.lines(), []);
}

#[tokio::test]
async fn roles_and_permissions_are_told_by_name() {
    let world = World::new().await;
    let roles = world.roles();
    roles.create_permission(&operator(), permission("reports:read")).await.unwrap();
    roles.create(&operator(), role("support", &["users:read"])).await.unwrap();
    let described = RoleChange { description: Change::Set("Helps.".to_owned()) };
    roles.change(&operator(), "support", described, None).await.unwrap();
    roles.grant_permission(&operator(), "support", "reports:read").await.unwrap();
    roles.revoke_permission(&operator(), "support", "reports:read").await.unwrap();
    roles.delete(&operator(), "support").await.unwrap();
    roles.delete_permission(&operator(), "reports:read").await.unwrap();
    let of_role = |action, details| line(action, "operator", "role:support".to_owned(), details);
    let of_permission =
        |action| line(action, "operator", "permission:reports:read".to_owned(), json!({ "description": null }));
    let description = json!({ "description": { "before": null, "after": "Helps." } });
    let expected = [
        of_permission("permission.created"),
        of_role("role.created", json!({ "description": null, "permissions": ["users:read"] })),
        of_role("role.updated", json!({ "changes": description })),
        of_role("permission.granted", json!({ "permission": "reports:read" })),
        of_role("permission.revoked", json!({ "permission": "reports:read" })),
        of_role("role.deleted", json!({ "description": "Helps.", "permissions": ["users:read"] })),
        of_permission("permission.deleted"),
    ];
    assert_eq!(world.journal.lines(), expected);
}

#[tokio::test]
async fn a_lock_that_was_lifted_is_told_and_one_that_was_not_there_is_not() {
    let world = World::new().await;
    let ann = world.account("ann").await;
    world.fail(1, HOME, "ann").await;
    world.journal.take();
    for _ in 0..2 {
        world.accounts().unlock(&operator(), ann.id).await.unwrap();
    }
    let expected = line("user.unlocked", "operator", format!("user:{}", ann.id), json!({}));
    assert_eq!(world.journal.lines(), [expected]);
}

#[tokio::test]
async fn the_first_administrator_is_told() {
    let world = World::new().await;
    world.system().bootstrap(&operator(), "root@example.com", None).await.unwrap();
    let root = world.accounts().find(&operator(), "root@example.com").await.unwrap();
    let details = described(true, &["admin", "user"]);
    assert_eq!(world.journal.lines(), [line("user.created", "operator", format!("user:{}", root.id), details)]);
}

/// Calls that are all refused, each after something has been read or written.
async fn refused(world: &World, by: &Caller, ann: UserId, admin: UserId) -> Vec<Result<()>> {
    let (accounts, roles) = (world.accounts(), world.roles());
    vec![
        accounts.register(&from(HOME), registration("ann")).await.map(drop),
        accounts.create(by, account("ann")).await.map(drop),
        accounts.change(by, ann, renamed("eve"), None).await.map(drop),
        accounts.change(by, ann, active(false), Some(99.into())).await.map(drop),
        accounts.revoke_role(by, admin, "admin").await.map(drop),
        accounts.delete(by, admin).await,
        accounts.set_password(by, ann, secret("short")).await,
        roles.create(by, role("admin", &[])).await.map(drop),
        roles.delete(by, "user").await,
        roles.create_permission(by, permission("users:read")).await.map(drop),
        roles.delete_permission(by, "users:read").await,
    ]
}

#[tokio::test]
async fn what_is_refused_leaves_no_line() {
    let world = World::new().await;
    let (ann, admin) = (world.account("ann").await, world.admin("eve").await);
    world.accounts().change(&operator(), admin.id(), renamed("admin"), None).await.unwrap();
    let taken = AccountChange { email: Some("eve@example.org".into()), ..AccountChange::default() };
    world.accounts().change(&operator(), admin.id(), taken, None).await.unwrap();
    world.journal.take();
    let stored = (world.stored(ann.id).await, world.stored(admin.id()).await);
    for (index, answer) in refused(&world, &operator(), ann.id, admin.id()).await.into_iter().enumerate() {
        assert!(answer.is_err(), "call {index} was not refused");
    }
    assert_eq!(world.journal.lines(), []);
    assert_eq!((world.stored(ann.id).await, world.stored(admin.id()).await), stored);
}

/// Does one of everything, as ann and to her; answers every line that came of it.
async fn everything_once(world: &World) -> Vec<doorward_ports::outbound::AuditEvent> {
    let accounts = world.accounts();
    accounts.register(&from(HOME), registration("ann")).await.unwrap();
    let ann = accounts.find(&operator(), "ann@example.com").await.unwrap();
    accounts.change(&operator(), ann.id, renamed("anna"), None).await.unwrap();
    accounts
        .change(
            &operator(),
            ann.id,
            AccountChange { external_id: Change::Set("hr-4711".into()), ..renamed("anna") },
            None,
        )
        .await
        .unwrap();
    world.fail(6, HOME, "anna@example.org").await;
    world.fail(1, HOME, "somebody.else@example.com").await;
    accounts.unlock(&operator(), ann.id).await.unwrap();
    let tokens = world.sign_in(HOME, "anna@example.org", PASSWORD).await.unwrap();
    let caller = Caller { origin: crate::world::origin(HOME), ..world.identify(&tokens).await.unwrap() };
    let change = |current: &str| PasswordChange { current: secret(current), new: secret(OTHER_PASSWORD) };
    accounts.change_own_password(&caller, change(WRONG)).await.unwrap_err();
    accounts.change_own_password(&caller, change(PASSWORD)).await.unwrap();
    world.refresh(&world.refresh(&tokens).await.unwrap()).await.unwrap();
    world.refresh(&tokens).await.unwrap_err();
    accounts.set_password(&operator(), ann.id, secret(PASSWORD)).await.unwrap();
    accounts.change(&operator(), ann.id, active(false), None).await.unwrap();
    accounts.change(&operator(), ann.id, active(true), None).await.unwrap();
    world.roles().create(&operator(), role("support", &[])).await.unwrap();
    accounts.grant_role(&operator(), ann.id, "support").await.unwrap();
    accounts.revoke_role(&operator(), ann.id, "support").await.unwrap();
    accounts.delete(&operator(), ann.id).await.unwrap();
    world.journal.take()
}

#[tokio::test]
async fn no_line_holds_a_secret_or_what_tells_of_a_person() {
    let world = World::new().await;
    let events = everything_once(&world).await;
    let mut actions: HashSet<AuditAction> = events.iter().map(|event| event.action).collect();
    assert_eq!(actions.len(), 13, "{actions:?}");
    actions.retain(|action| action.as_str().starts_with("user."));
    assert_eq!(actions.len(), 7, "{actions:?}");
    let private =
        ["ann", "example", "somebody", "hr-4711", PASSWORD, OTHER_PASSWORD, WRONG, HOME, "curl", "$2b$", "eyJ"];
    for event in &events {
        let told = format!("{} {:?} {} {}", event.actor, event.subject, event.correlation_id, event.details);
        for word in private {
            assert!(!told.contains(word), "{word}: {told}");
        }
        assert_eq!((event.correlation_id.as_str(), event.occurred_at), (CORRELATION, world.now()));
    }
}
