use crate::world::{HOME, MINUTE, World, code, faults, fields, from, operator};
use doorward_domain::User;
use doorward_ports::ErrorCode;
use doorward_ports::inbound::{Change, ProfileChange};

fn set<'a, T: From<&'a str>>(text: &'a str) -> Change<T> {
    Change::Set(text.into())
}

#[tokio::test]
async fn a_person_reads_his_own_account_as_the_administrator_does() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    assert_eq!(*world.accounts().own(&ann.caller).await.unwrap(), world.user(ann.id()).await);
}

#[tokio::test]
async fn a_person_changes_his_profile_property_by_property() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    world.advance(MINUTE);
    let change = ProfileChange { username: Change::Keep, full_name: set("Ann Smith"), locale: set("fr-ch") };
    let after = world.accounts().change_own(&ann.caller, change, Some(1.into())).await.unwrap();
    assert_eq!(after.username, ann.user.username);
    assert_eq!(
        (after.full_name.as_ref().unwrap().as_str(), after.locale.as_ref().unwrap().as_str()),
        ("Ann Smith", "fr-CH")
    );
    assert_eq!((after.version, after.updated_at), (2, world.now()));
    let clear = ProfileChange { username: Change::Clear, full_name: Change::Clear, locale: Change::Clear };
    let cleared = world.accounts().change_own(&ann.caller, clear, None).await.unwrap();
    assert_eq!(cleared, User { username: None, full_name: None, locale: None, version: 3, ..after });
    assert_eq!(world.user(ann.id()).await, cleared);
}

#[tokio::test]
async fn a_change_that_changes_nothing_keeps_the_version() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    world.advance(MINUTE);
    let same = ProfileChange { username: set("ANN"), ..ProfileChange::default() };
    assert_eq!(world.accounts().change_own(&ann.caller, same, None).await.unwrap(), ann.user);
}

#[tokio::test]
async fn faults_an_old_version_and_a_taken_username_are_refused() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    world.account("bob").await;
    let accounts = world.accounts();
    let wrong = ProfileChange { username: set("a"), full_name: set("\n"), locale: set("") };
    let expected =
        [("/username", "invalid_username"), ("/full_name", "invalid_full_name"), ("/locale", "invalid_locale")];
    assert_eq!(faults(accounts.change_own(&ann.caller, wrong, None).await), fields(&expected));
    let name = |name| ProfileChange { username: set(name), ..ProfileChange::default() };
    assert_eq!(code(accounts.change_own(&ann.caller, name("anna"), Some(2.into())).await), ErrorCode::VersionMismatch);
    assert_eq!(code(accounts.change_own(&ann.caller, name("bob"), None).await), ErrorCode::UsernameTaken);
    assert_eq!(world.user(ann.id()).await, ann.user);
}

#[tokio::test]
async fn nobody_without_an_account_has_one_of_his_own() {
    let world = World::new().await;
    for caller in [from(HOME), operator()] {
        assert_eq!(code(world.accounts().own(&caller).await), ErrorCode::AuthenticationRequired);
        let change = ProfileChange::default();
        assert_eq!(code(world.accounts().change_own(&caller, change, None).await), ErrorCode::AuthenticationRequired);
        assert_eq!(code(world.accounts().delete_own(&caller).await), ErrorCode::AuthenticationRequired);
    }
}

#[tokio::test]
async fn an_account_deleted_meanwhile_is_not_found() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    world.accounts().delete(&operator(), ann.id()).await.unwrap();
    assert_eq!(code(world.accounts().own(&ann.caller).await), ErrorCode::UserNotFound);
    let change = world.accounts().change_own(&ann.caller, ProfileChange::default(), None).await;
    assert_eq!(code(change), ErrorCode::UserNotFound);
    assert_eq!(code(world.accounts().delete_own(&ann.caller).await), ErrorCode::UserNotFound);
}
