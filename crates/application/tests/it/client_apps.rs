//! Client apps, and the sessions that are made for them.
use crate::world::{CAFE, HOME, World, code, faults, fields, from, operator, secret};
use doorward_domain::{Client, PermissionSet, Session, SessionId, SessionState, User};
use doorward_ports::access::Operation;
use doorward_ports::inbound::{
    Admitted, ClientAppChange, ClientApps, ClientCredentials, ClientTokens, Identification, NewClientApp, RefreshGrant,
    ServiceToken, TokenPair, WithSecret,
};
use doorward_ports::outbound::{Store, TokenSigner, TokenSubject};
use doorward_ports::{Caller, ErrorCode, Result, Secret};
use doorward_testkit::a_session;
use std::sync::Arc;

fn app(id: &str, roles: &[&str]) -> NewClientApp {
    NewClientApp {
        id: Some(id.to_owned()),
        name: "Billing".to_owned(),
        kind: "confidential".to_owned(),
        redirect_uris: vec!["https://billing.example.com/cb".to_owned()],
        origins: Vec::new(),
        roles: roles.iter().map(|&role| role.to_owned()).collect(),
    }
}

fn apps(world: &World) -> &dyn ClientApps {
    &*world.services
}

async fn refresh_as(world: &World, shown: &ClientCredentials, grant: impl Into<RefreshGrant>) -> Result<TokenPair> {
    let Admitted { caller, client } = world.admit(HOME, Identification::Client(shown), Operation::IssueTokens).await?;
    let tokens: &dyn ClientTokens = &*world.services;
    tokens.refresh_as(&caller, &client.unwrap().client(), grant.into()).await
}

async fn issue_to(world: &World, address: &str, shown: &ClientCredentials) -> Result<ServiceToken> {
    let Admitted { caller, client } =
        world.admit(address, Identification::Client(shown), Operation::IssueTokens).await?;
    let tokens: &dyn ClientTokens = &*world.services;
    tokens.issue_to_client(&caller, client.unwrap(), None).await
}

async fn made(world: &World, id: &str, roles: &[&str]) -> WithSecret {
    apps(world).create(&operator(), app(id, roles)).await.unwrap()
}

fn credentials(made: &WithSecret) -> ClientCredentials {
    ClientCredentials { id: made.app.id.as_str().into(), secret: made.secret.clone() }
}

fn parts(world: &World) -> (Arc<dyn Store>, Arc<dyn TokenSigner>) {
    let mut parts = None;
    world.changed(|tools, _| parts = Some((tools.store.clone(), tools.signer.clone())));
    parts.unwrap()
}

/// A session that was made for a client, as the authorization endpoint will make them, and its refresh token.
async fn session_for(world: &World, user: &User, client: &str) -> (Session, Secret) {
    let (store, signer) = parts(world);
    let client = Client::from_id(client.to_owned());
    let made = a_session(user);
    let chance = made.id.as_uuid().as_bytes()[6..].try_into().unwrap();
    let id = SessionId::mint(world.now(), chance);
    let mut session = Session { id, client: client.clone(), created_at: world.now(), ..made };
    session.family =
        doorward_domain::RefreshFamily::begin(session.family.current.token, world.now(), crate::world::DAY);
    let mut work = store.write().await.unwrap();
    work.sessions().insert(&session).await.unwrap();
    work.commit().await.unwrap();
    let subject = TokenSubject {
        user: user.id,
        session: session.id,
        client,
        authentications: session.authentications.clone(),
        email: user.email.clone(),
        email_verified: true,
        roles: user.roles.clone(),
        permissions: PermissionSet::new(),
    };
    let current = session.family.current;
    let token = signer.refresh(&subject, current.token, current.issued_at, current.expires_at).unwrap();
    (session, Secret::new(token))
}

async fn state_of(world: &World, session: &Session) -> SessionState {
    let mut read = parts(world).0.read().await.unwrap();
    read.sessions().by_id(session.id).await.unwrap().unwrap().state
}

#[tokio::test]
async fn ghsa_pw9m_5jxm_xr6h_a_confidential_clients_refresh_needs_its_secret() {
    let world = World::new().await;
    let (billing, other) = (made(&world, "billing", &[]).await, made(&world, "other", &[]).await);
    let ann = world.account("ann").await;
    let (session, token) = session_for(&world, &ann, "billing").await;
    let bare = ClientCredentials { id: "billing".into(), secret: None };
    assert_eq!(code(refresh_as(&world, &bare, token.clone()).await), ErrorCode::InvalidClient);
    assert_eq!(code(world.auth().refresh(&from(HOME), token.clone()).await), ErrorCode::InvalidToken);
    let built_in = ClientCredentials::built_in();
    assert_eq!(code(refresh_as(&world, &built_in, token.clone()).await), ErrorCode::InvalidToken);
    let foreign = refresh_as(&world, &credentials(&other), token.clone()).await;
    assert_eq!(code(foreign), ErrorCode::InvalidToken);
    let asking = RefreshGrant { token: token.clone(), scope: Some("users:read".to_owned()) };
    let asking = refresh_as(&world, &credentials(&billing), asking).await;
    assert_eq!(code(asking), ErrorCode::InvalidScope);
    assert_eq!(state_of(&world, &session).await, SessionState::Active);
    let own = refresh_as(&world, &credentials(&billing), token).await.unwrap();
    assert_eq!(own.session, session.id);
}

#[tokio::test]
async fn disabling_or_deleting_an_app_ends_the_sessions_made_for_it_and_no_other() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    for delete in [false, true] {
        let id = format!("app-{delete}");
        let made = made(&world, &id, &[]).await;
        let (session, token) = session_for(&world, &ann.user, &id).await;
        if delete {
            apps(&world).delete(&operator(), &id).await.unwrap();
        } else {
            let change = ClientAppChange { is_active: Some(false), ..ClientAppChange::default() };
            apps(&world).change(&operator(), &id, change, None).await.unwrap();
        }
        assert!(matches!(state_of(&world, &session).await, SessionState::Ended { .. }));
        let refused = refresh_as(&world, &credentials(&made), token).await;
        assert_eq!(code(refused), ErrorCode::InvalidClient);
    }
    assert!(world.identify(&ann.tokens).await.is_ok());
}

#[tokio::test]
async fn a_role_that_there_is_not_is_refused_by_its_place_and_nothing_is_made_or_changed() {
    let world = World::new().await;
    let refused = apps(&world).create(&operator(), app("billing", &["user", "support"])).await;
    assert_eq!(faults(refused), fields(&[("/roles/1", "role_not_found")]));
    assert_eq!(code(apps(&world).get(&operator(), "billing").await), ErrorCode::ClientAppNotFound);
    made(&world, "billing", &["user"]).await;
    let roles = Some(["support", "user", "sales"].map(str::to_owned).into());
    let change = ClientAppChange { roles, ..ClientAppChange::default() };
    let refused = apps(&world).change(&operator(), "billing", change, None).await;
    assert_eq!(faults(refused), fields(&[("/roles/2", "role_not_found"), ("/roles/0", "role_not_found")]));
    let roles = apps(&world).get(&operator(), "billing").await.unwrap().roles;
    assert_eq!(roles, ["user".parse().unwrap()].into());
}

#[tokio::test]
async fn nobody_gives_an_app_more_than_he_holds_or_takes_over_one_that_holds_more() {
    let world = World::new().await;
    let clerk = world.person_who_may("clerk", &["client_apps:read", "client_apps:write"]).await.caller;
    let refused = |answer| assert_eq!(answer, ErrorCode::ExceedsOwnPermissions);
    refused(code(apps(&world).create(&clerk, app("mine", &["admin"])).await));
    made(&world, "chief", &["admin"]).await;
    let change = |change| apps(&world).change(&clerk, "chief", change, None);
    refused(code(change(ClientAppChange { name: Some("x".to_owned()), ..ClientAppChange::default() }).await));
    refused(code(change(ClientAppChange { roles: Some(Vec::new()), ..ClientAppChange::default() }).await));
    refused(code(apps(&world).rotate_secret(&clerk, "chief").await));
    refused(code(apps(&world).delete(&clerk, "chief").await));
    apps(&world).create(&clerk, app("mine", &["user"])).await.unwrap();
    let roles = Some(vec!["admin".to_owned()]);
    let widened =
        apps(&world).change(&clerk, "mine", ClientAppChange { roles, ..ClientAppChange::default() }, None).await;
    refused(code(widened));
}

#[tokio::test]
async fn every_fault_of_a_new_app_is_named_by_its_place() {
    let world = World::new().await;
    let bad = NewClientApp {
        id: Some("0190a5c4-7e1b-7c3d-8f00-1234567890ab".to_owned()),
        name: " ".to_owned(),
        kind: "secret".to_owned(),
        redirect_uris: vec!["https://a.example/cb".to_owned(), "https://a.example/*".to_owned()],
        origins: vec!["https://a.example/".to_owned()],
        roles: vec!["No".to_owned()],
    };
    assert_eq!(
        faults(apps(&world).create(&operator(), bad).await),
        fields(&[
            ("/id", "invalid_client_id"),
            ("/name", "invalid_name"),
            ("/kind", "invalid_kind"),
            ("/redirect_uris/1", "invalid_redirect_uri"),
            ("/origins/0", "invalid_origin"),
            ("/roles/0", "invalid_role_name"),
        ])
    );
    let public = NewClientApp { kind: "public".to_owned(), ..app("phone", &["user"]) };
    assert_eq!(faults(apps(&world).create(&operator(), public).await), fields(&[("/roles", "roles_need_a_secret")]));
    let many = NewClientApp { origins: vec!["https://a.example".to_owned(); 51], ..app("many", &[]) };
    assert_eq!(faults(apps(&world).create(&operator(), many).await), fields(&[("/origins", "too_many")]));
}

#[tokio::test]
async fn what_is_done_to_an_app_and_by_it_is_told_to_the_audit_log_without_its_secret() {
    let world = World::new().await;
    let billing = made(&world, "billing", &["admin"]).await;
    issue_to(&world, CAFE, &credentials(&billing)).await.unwrap();
    apps(&world).rotate_secret(&operator(), "billing").await.unwrap();
    for is_active in [false, true] {
        let change = ClientAppChange { is_active: Some(is_active), ..ClientAppChange::default() };
        apps(&world).change(&operator(), "billing", change.clone(), None).await.unwrap();
        apps(&world).change(&operator(), "billing", change, None).await.unwrap();
    }
    apps(&world).delete(&operator(), "billing").await.unwrap();
    let lines = world.journal.lines();
    let actions: Vec<_> = lines.iter().map(|line| line.action).collect();
    let expected = ["created", "token_issued", "secret_rotated", "disabled", "enabled", "deleted"]
        .map(|verb| format!("client_app.{verb}"));
    assert_eq!(actions, expected, "a change of nothing is told to nobody");
    assert_eq!(lines[1].actor, "client:billing");
    assert!(lines.iter().all(|line| line.subject.as_deref() == Some("client_app:billing")));
    assert!(!format!("{lines:?}").contains("dws_"), "{lines:?}");
}

#[tokio::test]
async fn the_built_in_client_can_be_neither_made_nor_found_nor_changed() {
    let world = World::new().await;
    assert_eq!(code(apps(&world).create(&operator(), app("doorward", &[])).await), ErrorCode::ClientAppExists);
    assert_eq!(code(apps(&world).get(&operator(), "doorward").await), ErrorCode::ClientAppNotFound);
    assert_eq!(code(apps(&world).delete(&operator(), "doorward").await), ErrorCode::ClientAppNotFound);
    let proven = ClientCredentials { secret: Some(secret("x")), ..ClientCredentials::built_in() };
    assert_eq!(code(issue_to(&world, HOME, &proven).await), ErrorCode::InvalidClient);
}

#[tokio::test]
async fn of_32_who_make_an_app_of_one_id_one_does() {
    let world = World::new().await;
    let one = |_| {
        let world = world.clone();
        let caller: Caller = operator();
        tokio::spawn(async move { apps(&world).create(&caller, app("billing", &[])).await.map(drop) })
    };
    let crowd: Vec<_> = (0..32).map(one).collect();
    let mut won = 0;
    for member in crowd {
        match member.await.unwrap() {
            Ok(()) => won += 1,
            Err(error) => assert_eq!(error.code, ErrorCode::ClientAppExists),
        }
    }
    assert_eq!(won, 1);
}

#[tokio::test]
async fn an_app_holds_no_more_roles_than_its_tokens_can_list() {
    let world = World::new().await;
    let names: Vec<_> = (0..32).map(|n| format!("{n:063}")).collect();
    for name in &names {
        world.roles().create(&operator(), crate::world::role(name, &[])).await.unwrap();
    }
    let many: Vec<_> = names.iter().map(String::as_str).collect();
    assert_eq!(code(apps(&world).create(&operator(), app("billing", &many)).await), ErrorCode::TooManyRoles);
    let made = made(&world, "billing", &many[..31]).await;
    let change = ClientAppChange { roles: Some(names), ..ClientAppChange::default() };
    assert_eq!(code(apps(&world).change(&operator(), "billing", change, None).await), ErrorCode::TooManyRoles);
    assert!(issue_to(&world, HOME, &credentials(&made)).await.is_ok());
}
