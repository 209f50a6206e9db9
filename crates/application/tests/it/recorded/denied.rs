//! What is refused to somebody who is known, because they may not.
use super::stage::Stage;
use crate::world::{HOME, MINUTE, Person, World, account, operator, origin, role, secret};
use doorward_domain::{AuditOutcome, Client};
use doorward_ports::access::{Operation, Who};
use doorward_ports::inbound::{
    AccountChange, Admission, ClientAppChange, ClientApps, Identification, NewAccount, NewClientApp, NewProvider,
    Presented, ProviderChange, ProviderRegistry, RoleChange, SecondFactors,
};
use doorward_ports::{Actor, Caller, ErrorCode, Result, ShownToken};
use serde_json::{Value, json};

/// The lines since the last time: their subject and details, after what all have in common.
fn denials(world: &World, actor: &str) -> Vec<(Option<String>, Value)> {
    let line = |line: crate::world::Line| {
        assert_eq!((line.action, line.actor.as_str(), line.outcome), ("access.denied", actor, AuditOutcome::Failure));
        (line.subject, line.details)
    };
    world.journal.lines().into_iter().map(line).collect()
}

fn of(person: &Person) -> String {
    format!("user:{}", person.id())
}

fn denied(operation: Operation) -> Value {
    json!({ "operation": operation.as_str(), "reason": "permission_denied" })
}

/// Whether a person without any permission lacks one.
fn needs_more(operation: Operation) -> bool {
    let requirement = operation.requirement();
    let who = matches!(requirement.who, Who::Permission(_) | Who::ClientAppOr(_) | Who::Operator);
    who && !requirement.token_optional
}

#[tokio::test]
async fn who_is_known_and_lacks_the_permission_leaves_a_line_and_nobody_else_does() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    world.journal.take();
    for &operation in Operation::ALL {
        world.admit(HOME, Identification::Nothing, operation).await.ok();
        world.admit(HOME, Identification::Token(ShownToken::new("forged")), operation).await.ok();
        assert_eq!(world.journal.lines(), [], "{operation:?}");
        let token = Identification::Token(ShownToken::new(ann.tokens.access_token.expose()));
        let admitted = world.admit(HOME, token, operation).await;
        let expected = if needs_more(operation) { vec![(None, denied(operation))] } else { vec![] };
        assert_eq!(denials(&world, &of(&ann)), expected, "{operation:?}");
        assert_eq!(admitted.is_err(), needs_more(operation), "{operation:?}");
    }
}

/// Front ends that serve several operations in one request ask once for each.
#[tokio::test]
async fn a_known_caller_who_asks_for_more_leaves_a_line_too() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    world.journal.take();
    let judged = Admission::admit_known(&*world.services, &ann.caller, Operation::ListUsers).await;
    assert_eq!(judged.result.unwrap_err().code, ErrorCode::PermissionDenied);
    assert_eq!(denials(&world, &of(&ann)), [(None, denied(Operation::ListUsers))]);
}

#[tokio::test]
async fn an_app_that_manages_the_account_of_somebody_is_named() {
    let world = World::new().await;
    let mut ann = world.admin("ann").await;
    let Actor::User(signed_in) = &mut ann.caller.actor else { panic!("she is signed in") };
    signed_in.client = Client::from_id("calendar".to_owned());
    world.journal.take();
    Admission::admit_known(&*world.services, &ann.caller, Operation::ListUsers).await.result.unwrap_err();
    let mut details = denied(Operation::ListUsers);
    details["client"] = json!("calendar");
    assert_eq!(denials(&world, &of(&ann)), [(None, details)]);
}

#[tokio::test]
async fn who_only_has_to_authenticate_again_lacks_nothing() {
    let world = World::new().await;
    let mut ann = world.person("ann").await;
    let Actor::User(signed_in) = &mut ann.caller.actor else { panic!("she is signed in") };
    signed_in.authenticated_ago = 60 * MINUTE;
    world.journal.take();
    let judged = Admission::admit_known(&*world.services, &ann.caller, Operation::DeleteOwnAccount).await;
    assert_eq!(judged.result.unwrap_err().code, ErrorCode::ReauthenticationRequired);
    assert_eq!(world.journal.lines(), []);
}

/// A proxy that asks for each image must not fill the log, and it has no rate limit.
#[tokio::test]
async fn the_same_denial_leaves_one_line_a_minute_with_the_number_of_those_without() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    world.journal.take();
    let asks = async || world.auth().check_access(&ann.caller, &["reports:read".to_owned()]).await.unwrap_err();
    for _ in 0..100 {
        assert_eq!(asks().await.code, ErrorCode::PermissionDenied);
    }
    assert_eq!(denials(&world, &of(&ann)), [(None, denied(Operation::CheckAccess))]);
    world.advance(MINUTE);
    asks().await;
    let mut again = denied(Operation::CheckAccess);
    again["repeated"] = json!(99);
    assert_eq!(denials(&world, &of(&ann)), [(None, again)]);
}

#[tokio::test]
async fn of_a_crowd_of_the_same_denials_one_leaves_a_line() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    world.journal.take();
    let one = || {
        let (services, caller) = (world.services.clone(), ann.caller.clone());
        tokio::spawn(async move { Admission::admit_known(&*services, &caller, Operation::Tidy).await.result })
    };
    let crowd: Vec<_> = (0..32).map(|_| one()).collect();
    for member in crowd {
        assert_eq!(member.await.unwrap().unwrap_err().code, ErrorCode::PermissionDenied);
    }
    assert_eq!(denials(&world, &of(&ann)).len(), 1);
}

#[tokio::test]
async fn a_denial_that_can_not_be_recorded_is_a_failure_of_the_store_and_the_next_one_is_recorded() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    world.journal.take();
    let without_log = super::unrecording::unrecording(&world);
    let refused = Admission::admit_known(&*without_log.services, &ann.caller, Operation::Tidy).await.result;
    assert_eq!(refused.unwrap_err().code, ErrorCode::Internal);
    for _ in 0..2 {
        Admission::admit_known(&*without_log.services, &ann.caller, Operation::Tidy).await.result.unwrap_err();
    }
    assert_eq!(world.journal.lines(), []);
    Admission::admit_known(&*world.services, &ann.caller, Operation::Tidy).await.result.unwrap_err();
    assert_eq!(denials(&world, &of(&ann)).len(), 1);
}

/// Somebody who may change accounts, roles, client apps and providers, and has no other permission. So they may touch nothing that has
/// one.
const LIMITED: &[&str] = &["users:write", "roles:write", "client_apps:write", "providers:write", "sessions:revoke"];

fn exceeds(operation: Operation) -> bool {
    operation.refusals().any(|code| code == ErrorCode::ExceedsOwnPermissions)
}

/// Tries what the caller may do only with more permissions; returns the subject of the line.
async fn overreach(stage: &Stage, by: &Caller, operation: Operation) -> (Result<()>, Option<String>) {
    use Operation as O;
    let world = &stage.world;
    let (accounts, roles) = (world.accounts(), world.roles());
    let apps: &dyn ClientApps = &*world.services;
    let registry: &dyn ProviderRegistry = &*world.services;
    let (admin, user) = (stage.admin.id(), Some(of(&stage.admin)));
    let named = |name: &str| Some(name.to_owned());
    match operation {
        O::DeleteOwnAccount => {
            // They have become an administrator since they were identified.
            let own = by.user().expect("they are signed in");
            accounts.grant_role(&operator(), own, "admin").await.unwrap();
            world.journal.take();
            (accounts.delete_own(by).await, Some(format!("user:{own}")))
        }
        O::CreateUser => {
            let account = NewAccount { roles: vec!["admin".to_owned()], ..account("bob") };
            (accounts.create(by, account).await.map(drop), None)
        }
        O::ChangeUser => (accounts.change(by, admin, AccountChange::default(), None).await.map(drop), user),
        O::DeleteUser => (accounts.delete(by, admin).await, user),
        O::SetUserPassword => (accounts.set_password(by, admin, secret("amber-teapot-glacier-17")).await, user),
        O::InviteUser => (accounts.invite(by, admin).await, user),
        O::UnlockUser => (accounts.unlock(by, admin).await, user),
        O::GrantRole => (accounts.grant_role(by, stage.ann.id(), "support").await.map(drop), Some(of(&stage.ann))),
        O::RevokeRole => (accounts.revoke_role(by, admin, "admin").await.map(drop), user),
        O::EndUserSessions => (world.sessions().end_of_user(by, admin).await, user),
        O::CreateRole => (roles.create(by, role("readers", &["users:read"])).await.map(drop), None),
        O::ChangeRole => {
            (roles.change(by, "support", RoleChange::default(), None).await.map(drop), named("role:support"))
        }
        O::DeleteRole => (roles.delete(by, "support").await, named("role:support")),
        O::GrantPermission => (roles.grant_permission(by, "sales", "users:read").await.map(drop), named("role:sales")),
        O::RevokePermission => {
            (roles.revoke_permission(by, "support", "reports:read").await.map(drop), named("role:support"))
        }
        O::DeletePermission => (roles.delete_permission(by, "reports:read").await, named("permission:reports:read")),
        O::CreateClientApp => {
            let app = NewClientApp { roles: vec!["support".to_owned()], ..super::stage::app("reporting") };
            (apps.create(by, app).await.map(drop), None)
        }
        O::ChangeClientApp => {
            (apps.change(by, "reports", ClientAppChange::default(), None).await.map(drop), named("client_app:reports"))
        }
        O::DeleteClientApp => (apps.delete(by, "reports").await, named("client_app:reports")),
        O::CreateProvider => {
            let trusted = NewProvider {
                linking: Some("verified_email".to_owned()),
                ..crate::provider_registry::new_provider("home")
            };
            (registry.create(by, trusted).await.map(drop), named("provider:home"))
        }
        O::ChangeProvider => {
            let linking = Some("verified_email".to_owned());
            let change = ProviderChange { linking, ..ProviderChange::default() };
            (registry.change(by, "work", change, None).await.map(drop), named("provider:work"))
        }
        O::RotateClientSecret => (apps.rotate_secret(by, "reports").await.map(drop), named("client_app:reports")),
        O::ResetUserFactors => (SecondFactors::reset(&*world.services, by, admin).await, user),
        _ => panic!("{operation:?} exceeds permissions now: try it here"),
    }
}

#[tokio::test]
async fn who_exceeds_their_own_permissions_leaves_a_line_about_what_they_meant_to_touch() {
    for &operation in Operation::ALL.iter().filter(|operation| exceeds(**operation)) {
        let stage = Stage::set(operation).await;
        let world = &stage.world;
        let apps: &dyn ClientApps = &*world.services;
        let reports = NewClientApp { roles: vec!["support".to_owned()], ..super::stage::app("reports") };
        apps.create(&operator(), reports).await.unwrap();
        let limited = world.person_who_may("limited", LIMITED).await;
        world.journal.take();
        let (result, subject) = overreach(&stage, &limited.caller, operation).await;
        assert_eq!(result.unwrap_err().code, ErrorCode::ExceedsOwnPermissions, "{operation:?}");
        let details = json!({ "operation": operation.as_str(), "reason": "exceeds_own_permissions" });
        assert_eq!(denials(world, &of(&limited)), [(subject, details)], "{operation:?}");
    }
}

/// By its token or by its secret, an app is known.
#[tokio::test]
async fn a_client_app_that_lacks_the_permission_leaves_a_line() {
    let stage = Stage::set(Operation::IssueTokens).await;
    let (caller, world) = (stage.as_app().await, &stage.world);
    world.journal.take();
    for operation in [Operation::ListUsers, Operation::ReadOwnAccount] {
        Admission::admit_known(&*world.services, &caller, operation).await.result.unwrap_err();
        assert_eq!(denials(world, "client:billing"), [(None, denied(operation))]);
    }
    let token = Identification::Token(ShownToken::new("unreadable"));
    let presented = Presented { origin: origin(HOME), identification: token };
    Admission::admit(&*world.services, presented, Operation::ListUsers).await.result.unwrap_err();
    assert_eq!(world.journal.lines(), []);
}
