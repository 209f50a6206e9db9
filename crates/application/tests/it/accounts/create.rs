use crate::world::{HOME, PASSWORD, World, account, code, faults, fields, operator, role, secret};
use doorward_domain::{RoleName, User};
use doorward_ports::inbound::NewAccount;
use doorward_ports::{ErrorCode, Personal};

#[tokio::test]
async fn an_administrator_makes_an_account_with_everything_it_may_have() {
    let world = World::new().await;
    let admin = world.admin("eve").await;
    world.roles().create(&operator(), role("support", &["users:read"])).await.unwrap();
    let new = NewAccount {
        full_name: Some("Ann Smith".into()),
        locale: Some("de".to_owned()),
        roles: vec!["support".to_owned(), "user".to_owned(), "support".to_owned()],
        external_id: Some("hr-4711".into()),
        ..account("ann")
    };
    let made = world.accounts().create(&admin.caller, new).await.unwrap();
    let User { id, email, email_verified, username, full_name, locale, is_active, roles, external_id, .. } =
        made.clone();
    assert_eq!((email.as_str(), email_verified, is_active), ("ann@example.com", true, true));
    assert_eq!((username.unwrap().as_str(), full_name.unwrap().as_str()), ("ann", "Ann Smith"));
    assert_eq!(
        (locale.unwrap().as_str(), external_id.as_ref().map(doorward_domain::ExternalId::as_str)),
        ("de", Some("hr-4711"))
    );
    assert_eq!(roles.iter().map(RoleName::as_str).collect::<Vec<_>>(), ["support", "user"]);
    assert_eq!((made.created_at, made.updated_at, made.version), (world.now(), world.now(), 1));
    assert_eq!(world.user(id).await, made);
    world.sign_in(HOME, "ann", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn an_account_may_be_made_disabled() {
    let world = World::new().await;
    world.add(NewAccount { is_active: false, ..account("ann") }).await;
    assert_eq!(code(world.sign_in(HOME, "ann", PASSWORD).await), ErrorCode::AccountDisabled);
}

#[tokio::test]
async fn an_account_without_a_password_gets_one_set() {
    let world = World::new().await;
    let ann = world.add(NewAccount { password: None, ..account("ann") }).await;
    assert_eq!(code(world.sign_in(HOME, "ann", PASSWORD).await), ErrorCode::InvalidCredentials);
    world.accounts().set_password(&operator(), ann.id, secret(PASSWORD)).await.unwrap();
    world.sign_in(HOME, "ann", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn every_fault_is_told_at_once_with_its_field() {
    let world = World::new().await;
    let wrong = NewAccount {
        email: Personal::default(),
        password: Some(secret("password1234")),
        username: Some("a@b".into()),
        full_name: Some(Personal::default()),
        locale: Some("klingonisch".to_owned()),
        roles: vec!["support".to_owned(), "No Role".to_owned(), "-".to_owned()],
        external_id: Some("a\0b".into()),
        ..account("ann")
    };
    let told = faults(world.accounts().create(&operator(), wrong).await);
    let expected = [
        ("/roles/1", "invalid_role_name"),
        ("/roles/2", "invalid_role_name"),
        ("/external_id", "invalid_external_id"),
        ("/email", "invalid_email"),
        ("/username", "invalid_username"),
        ("/full_name", "invalid_full_name"),
        ("/locale", "invalid_locale"),
        ("/password", "password_too_common"),
        ("/password", "password_guessable"),
    ];
    assert_eq!(told, fields(&expected));
}

#[tokio::test]
async fn a_taken_address_or_username_is_refused() {
    let world = World::new().await;
    world.account("ann").await;
    let same_address = NewAccount { username: None, ..account("ann") };
    assert_eq!(code(world.accounts().create(&operator(), same_address).await), ErrorCode::EmailTaken);
    let same_name = NewAccount { username: Some("ANN".into()), ..account("bob") };
    assert_eq!(code(world.accounts().create(&operator(), same_name).await), ErrorCode::UsernameTaken);
}

#[tokio::test]
async fn a_role_that_there_is_not_is_refused_and_no_account_is_made() {
    let world = World::new().await;
    let new = NewAccount { roles: vec!["support".to_owned()], ..account("ann") };
    let refused = world.accounts().create(&operator(), new).await;
    assert_eq!(faults(refused), fields(&[("/roles/0", "role_not_found")]));
    assert_eq!(code(world.accounts().find(&operator(), "ann").await), ErrorCode::UserNotFound);
}
