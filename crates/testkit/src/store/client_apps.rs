//! What client apps, and the states of their tokens, promise.
use super::{AT_ONCE, StoreUnderTest};
use crate::{START, a_client_app, a_grant, a_role, a_session, a_user};
use doorward_domain::{
    Client, ClientApp, ClientKind, EndReason, Permission, PermissionSet, Role, RoleName, Session, SessionState,
};
use doorward_ports::Rights;
use doorward_ports::outbound::{KnownClient, LiveClient, Revocation, StoreError, Unique, WriteWork};
use doorward_ports::{Secret, SecretDigest};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

fn digest(text: &str) -> SecretDigest {
    SecretDigest::of(&Secret::new(text.to_owned()))
}

/// With everything that an app may have.
fn billing() -> ClientApp {
    ClientApp {
        redirect_uris: ["https://billing.example.com/cb", "http://127.0.0.1/cb"].map(|uri| uri.parse().unwrap()).into(),
        origins: ["https://billing.example.com".parse().unwrap()].into(),
        roles: [RoleName::user(), "support".parse().unwrap()].into(),
        version: 3,
        ..a_client_app("billing")
    }
}

async fn having_support(it: &StoreUnderTest) {
    let permissions = PermissionSet::from_iter([Permission::users_read(), Permission::sessions_read()]);
    it.having_role(&Role { permissions, ..a_role("support") }).await;
}

async fn insert(work: &mut dyn WriteWork, app: &ClientApp) -> Result<(), StoreError> {
    let secret = (app.kind == ClientKind::Confidential).then(|| digest("secret"));
    work.client_apps().insert(app, secret.as_ref()).await
}

async fn having(it: &StoreUnderTest, app: &ClientApp) {
    let mut work = it.write().await;
    insert(&mut *work, app).await.unwrap();
    work.commit().await.unwrap();
}

async fn known(it: &StoreUnderTest, app: &ClientApp) -> Option<KnownClient> {
    it.store.read().await.unwrap().client_apps().by_id(&app.id).await.unwrap()
}

async fn read(it: &StoreUnderTest, app: &ClientApp) -> Option<ClientApp> {
    known(it, app).await.map(|known| known.app)
}

async fn live(it: &StoreUnderTest, app: &ClientApp) -> Option<LiveClient> {
    it.client_states.find(&app.grant).await.unwrap()
}

/// `insert`, of both kinds.
pub async fn what_is_inserted_is_read_back_to_the_microsecond(it: StoreUnderTest) {
    having_support(&it).await;
    let phone = ClientApp { kind: ClientKind::Public, is_active: false, ..a_client_app("phone") };
    for app in [billing(), phone] {
        having(&it, &app).await;
        let known = known(&it, &app).await.unwrap();
        assert_eq!(known.app, app);
        let secret = known.secret.map(|secret| secret.is_of(&Secret::new("secret".to_owned())));
        assert_eq!(secret, (app.kind == ClientKind::Confidential).then_some(true));
    }
}

/// `by_id`, `permissions_of`, `lock` and `live`.
pub async fn an_unknown_app_is_none(it: StoreUnderTest) {
    let nobody = billing();
    assert_eq!(read(&it, &nobody).await, None);
    assert_eq!(live(&it, &nobody).await, None);
    let mut work = it.write().await;
    assert_eq!(work.client_apps().permissions_of(&nobody.id).await.unwrap(), PermissionSet::new());
    assert_eq!(work.client_apps().lock(&nobody.id).await.unwrap(), None);
    assert!(!work.client_apps().delete(&nobody.id).await.unwrap());
}

/// `insert`.
pub async fn a_second_app_of_an_id_is_a_duplicate(it: StoreUnderTest) {
    having(&it, &a_client_app("billing")).await;
    let mut work = it.write().await;
    let refused = insert(&mut *work, &a_client_app("billing")).await;
    assert!(matches!(refused, Err(StoreError::Duplicate(Unique::ClientApp))), "{refused:?}");
}

/// `list`.
pub async fn lists_go_by_id_after_the_given_one(it: StoreUnderTest) {
    for id in ["c", "a", "b-1", "b"] {
        having(&it, &a_client_app(id)).await;
    }
    let mut work = it.store.read().await.unwrap();
    for (after, limit, expected) in [
        (None, 10, vec!["a", "b", "b-1", "c"]),
        (None, 2, vec!["a", "b"]),
        (Some("b"), 2, vec!["b-1", "c"]),
        (Some("aa"), 1, vec!["b"]),
        (Some("c"), 10, vec![]),
        (Some("b\0"), 1, vec!["b-1"]),
    ] {
        let page = work.client_apps().list(after, limit).await.unwrap();
        assert_eq!(page.iter().map(|app| app.id.as_str()).collect::<Vec<_>>(), expected, "{after:?}");
    }
}

/// `update`.
pub async fn an_update_writes_every_property_and_counts_the_version(it: StoreUnderTest) {
    having_support(&it).await;
    let before = billing();
    having(&it, &before).await;
    let after = ClientApp {
        name: "Accounting".parse().unwrap(),
        redirect_uris: BTreeSet::new(),
        origins: ["https://other.example.com".parse().unwrap()].into(),
        roles: [RoleName::admin()].into(),
        is_active: false,
        grant: a_grant(),
        updated_at: before.updated_at.plus(Duration::from_micros(1)),
        ..before
    };
    let mut work = it.write().await;
    work.client_apps().update(&after).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(read(&it, &after).await, Some(ClientApp { version: 4, ..after }));
}

/// `update` and `set_secret`.
pub async fn a_change_of_nothing_is_an_error(it: StoreUnderTest) {
    let nobody = a_client_app("nobody");
    let mut work = it.write().await;
    assert!(work.client_apps().update(&nobody).await.is_err());
    assert!(work.client_apps().set_secret(&nobody.id, &digest("x"), START).await.is_err());
}

/// `set_secret`.
pub async fn a_secret_is_replaced(it: StoreUnderTest) {
    let app = a_client_app("billing");
    having(&it, &app).await;
    let at = app.updated_at.plus(Duration::from_secs(1));
    let mut work = it.write().await;
    work.client_apps().set_secret(&app.id, &digest("new"), at).await.unwrap();
    work.commit().await.unwrap();
    let known = known(&it, &app).await.unwrap();
    let secret = known.secret.unwrap();
    assert!(secret.is_of(&Secret::new("new".to_owned())) && !secret.is_of(&Secret::new("secret".to_owned())));
    assert_eq!(known.app, ClientApp { updated_at: at, version: 2, ..app });
}

/// `lock`.
pub async fn a_lock_makes_others_wait_and_see_the_change(it: StoreUnderTest) {
    let app = a_client_app("billing");
    having(&it, &app).await;
    let mut first = it.write().await;
    assert_eq!(first.client_apps().lock(&app.id).await.unwrap(), Some(app.clone()));
    let (other, id) = (it.other.clone(), app.id.clone());
    let second = tokio::spawn(async move { other.write().await.unwrap().client_apps().lock(&id).await.unwrap() });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!second.is_finished(), "two hold the lock");
    let changed = ClientApp { roles: [RoleName::user()].into(), ..app };
    first.client_apps().update(&changed).await.unwrap();
    first.commit().await.unwrap();
    let seen = tokio::time::timeout(AT_ONCE, second).await.expect("the lock is free").unwrap().unwrap();
    assert_eq!(seen, ClientApp { version: 2, ..changed });
}

/// `permissions_of`, and what `live` answers.
pub async fn the_permissions_of_an_app_are_those_of_all_its_roles(it: StoreUnderTest) {
    having_support(&it).await;
    let auditor = Role { permissions: [Permission::audit_read()].into_iter().collect(), ..a_role("auditor") };
    it.having_role(&auditor).await;
    let app = ClientApp { roles: [auditor.name.clone(), "support".parse().unwrap()].into(), ..billing() };
    having(&it, &app).await;
    let expected =
        PermissionSet::from_iter([Permission::audit_read(), Permission::users_read(), Permission::sessions_read()]);
    let held = it.store.read().await.unwrap().client_apps().permissions_of(&app.id).await.unwrap();
    assert_eq!(held, expected);
    assert_eq!(live(&it, &app).await.unwrap().rights.permissions, expected);
}

/// `Roles::delete`.
pub async fn a_deleted_role_is_taken_from_the_apps_that_hold_it(it: StoreUnderTest) {
    having_support(&it).await;
    let app = billing();
    having(&it, &app).await;
    let mut work = it.write().await;
    assert!(work.roles().delete(&"support".parse().unwrap()).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(read(&it, &app).await.unwrap().roles, BTreeSet::from([RoleName::user()]));
    assert_eq!(live(&it, &app).await.unwrap().rights.permissions, PermissionSet::new());
}

/// `delete`.
pub async fn a_deleted_app_is_gone_with_its_roles(it: StoreUnderTest) {
    having_support(&it).await;
    let app = billing();
    having(&it, &app).await;
    let mut work = it.write().await;
    assert!(work.client_apps().delete(&app.id).await.unwrap());
    assert!(!work.client_apps().delete(&app.id).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(read(&it, &app).await, None);
    let again = ClientApp { roles: BTreeSet::new(), ..a_client_app("billing") };
    having(&it, &again).await;
    assert_eq!(read(&it, &again).await.unwrap().roles, BTreeSet::new());
    assert_eq!(live(&it, &app).await, None, "tokens of the first one are not the second one's");
}

/// `live`.
pub async fn an_active_app_is_live_by_its_present_grant(it: StoreUnderTest) {
    let app = a_client_app("billing");
    having(&it, &app).await;
    let (id, roles) = (app.id.clone(), app.roles.clone());
    assert_eq!(
        live(&it, &app).await,
        Some(LiveClient { id, rights: Arc::new(Rights { roles, permissions: PermissionSet::new() }) })
    );
    let renewed = ClientApp { grant: a_grant(), ..app.clone() };
    let mut work = it.write().await;
    work.client_apps().update(&renewed).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(live(&it, &app).await, None);
    assert_eq!(live(&it, &renewed).await.unwrap().id, app.id);
}

/// `live`.
pub async fn a_disabled_or_deleted_app_is_not_live(it: StoreUnderTest) {
    let app = a_client_app("billing");
    having(&it, &app).await;
    for is_active in [false, true] {
        let mut work = it.write().await;
        work.client_apps().update(&ClientApp { is_active, ..app.clone() }).await.unwrap();
        work.commit().await.unwrap();
        assert_eq!(live(&it, &app).await.is_some(), is_active);
    }
    let mut work = it.write().await;
    assert!(work.client_apps().delete(&app.id).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(live(&it, &app).await, None);
}

/// `update` and `delete`: whoever remembers the app knows it by the grant that it had.
pub async fn what_becomes_of_an_app_is_written_by_the_grant_it_had(it: StoreUnderTest) {
    let app = a_client_app("billing");
    having(&it, &app).await;
    let renewed = ClientApp { grant: a_grant(), is_active: false, ..app.clone() };
    let place = it.revocations.end().await.unwrap();
    let mut work = it.write().await;
    work.client_apps().update(&renewed).await.unwrap();
    assert!(work.client_apps().delete(&app.id).await.unwrap());
    work.commit().await.unwrap();
    let written = it.revocations.since(place).await.unwrap();
    let written: Vec<Revocation> = written.into_iter().map(|(_, revocation)| revocation).collect();
    assert_eq!(written, [Revocation::Client(app.grant), Revocation::Client(renewed.grant)]);
}

/// `Sessions::end_of_client`.
pub async fn all_sessions_of_a_client_are_ended(it: StoreUnderTest) {
    let (ann, bob, client) = (a_user("ann"), a_user("bob"), Client::from_id("billing".to_owned()));
    it.having(&[&ann, &bob]).await;
    let of_client = [&ann, &ann, &bob].map(|user| Session { client: client.clone(), ..a_session(user) });
    let others = [a_session(&ann), Session { client: Client::from_id("billin".to_owned()), ..a_session(&bob) }];
    it.having_sessions(&of_client.iter().chain(&others).collect::<Vec<_>>()).await;
    for expected in [3, 0] {
        let place = it.revocations.end().await.unwrap();
        let mut work = it.write().await;
        let ended = work.sessions().end_of_client(&client, START, EndReason::ClientDisabled).await.unwrap();
        work.commit().await.unwrap();
        assert_eq!(ended, expected);
        let written = it.revocations.since(place).await.unwrap();
        assert_eq!(
            written.iter().map(|(_, revocation)| *revocation).next(),
            (expected > 0).then_some(Revocation::Everyone)
        );
    }
    let end = SessionState::Ended { at: START, reason: EndReason::ClientDisabled };
    for session in &of_client {
        assert_eq!(it.session(session).await.unwrap().state, end);
    }
    for session in &others {
        assert_eq!(it.session(session).await.unwrap().state, SessionState::Active);
    }
}
