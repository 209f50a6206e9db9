use crate::world::{HOME, MINUTE, PASSWORD, World, code, faults, fields, operator};
use doorward_domain::{User, UserId};
use doorward_ports::ErrorCode;
use doorward_ports::inbound::{AccountChange, Change, ProfileChange};

fn set<'a, T: From<&'a str>>(text: &'a str) -> Change<T> {
    Change::Set(text.into())
}

fn everything() -> AccountChange {
    AccountChange {
        email: Some("Ann.Smith@example.org".into()),
        email_verified: Some(true),
        is_active: Some(true),
        must_change_password: Some(true),
        external_id: set("hr-4711"),
        profile: ProfileChange { username: set("ann.smith"), full_name: set("Ann Smith"), locale: set("de") },
    }
}

async fn change(world: &World, id: UserId, change: AccountChange) -> doorward_ports::Result<User> {
    world.accounts().change(&operator(), id, change, None).await
}

#[tokio::test]
async fn every_property_can_be_set_cleared_and_kept() {
    let world = World::new().await;
    let ann = world.account("ann").await;
    world.advance(MINUTE);
    let after = change(&world, ann.id, everything()).await.unwrap();
    assert_eq!((after.email.as_str(), after.email_verified), ("ann.smith@example.org", true));
    assert_eq!(after.username.as_ref().unwrap().as_str(), "ann.smith");
    assert_eq!(after.full_name.as_ref().unwrap().as_str(), "Ann Smith");
    assert_eq!(
        (after.locale.as_ref().unwrap().as_str(), after.external_id.as_ref().map(doorward_domain::ExternalId::as_str)),
        ("de", Some("hr-4711"))
    );
    assert_eq!((after.updated_at, after.version, after.created_at), (world.now(), 2, ann.created_at));
    assert_eq!(world.user(ann.id).await, after);
    let clear = ProfileChange { username: Change::Clear, full_name: Change::Clear, locale: Change::Clear };
    let clear = AccountChange { external_id: Change::Clear, profile: clear, ..AccountChange::default() };
    let cleared = change(&world, ann.id, clear).await.unwrap();
    let expected = User { username: None, full_name: None, locale: None, external_id: None, version: 3, ..after };
    assert_eq!(cleared, expected);
    assert_eq!(world.user(ann.id).await, cleared);
}

#[tokio::test]
async fn a_change_that_changes_nothing_keeps_the_version() {
    let world = World::new().await;
    let ann = world.account("ann").await;
    let after = change(&world, ann.id, everything()).await.unwrap();
    world.advance(MINUTE);
    world.journal.take();
    for same in [everything(), AccountChange::default()] {
        assert_eq!(change(&world, ann.id, same).await.unwrap(), after);
    }
    assert_eq!(world.user(ann.id).await, after);
    assert_eq!(world.journal.lines(), []);
}

#[tokio::test]
async fn a_new_address_counts_as_unverified_unless_said_otherwise() {
    let world = World::new().await;
    let ann = world.account("ann").await;
    let address = |email: &str, email_verified| AccountChange {
        email: Some(email.into()),
        email_verified,
        ..AccountChange::default()
    };
    assert!(change(&world, ann.id, address("ANN@example.com", None)).await.unwrap().email_verified);
    assert!(!change(&world, ann.id, address("ann@example.org", None)).await.unwrap().email_verified);
    assert!(change(&world, ann.id, address("ann@example.net", Some(true))).await.unwrap().email_verified);
    world.sign_in(HOME, "ann@example.net", PASSWORD).await.unwrap();
    assert_eq!(code(world.sign_in(HOME, "ann@example.com", PASSWORD).await), ErrorCode::InvalidCredentials);
}

fn named(name: &str) -> AccountChange {
    let profile = ProfileChange { full_name: set(name), ..ProfileChange::default() };
    AccountChange { profile, ..AccountChange::default() }
}

#[tokio::test]
async fn an_old_version_is_refused_and_nothing_is_changed() {
    let world = World::new().await;
    let ann = world.account("ann").await;
    let accounts = world.accounts();
    let second = accounts.change(&operator(), ann.id, named("Ann"), Some(1.into())).await.unwrap();
    for version in [0, 1, 3, i64::MAX] {
        let answer = accounts.change(&operator(), ann.id, named("Anna"), Some(version.into())).await;
        assert_eq!(code(answer), ErrorCode::VersionMismatch);
    }
    assert_eq!(world.user(ann.id).await, second);
}

#[tokio::test]
async fn a_change_that_is_meant_for_one_of_several_versions_is_made_when_the_present_one_is_among_them() {
    let world = World::new().await;
    let ann = world.account("ann").await;
    let accounts = world.accounts();
    let several = |versions: &[i64]| Some(versions.iter().copied().collect());
    for none in [&[][..], &[2, 3]] {
        let answer = accounts.change(&operator(), ann.id, named("Anna"), several(none)).await;
        assert_eq!(code(answer), ErrorCode::VersionMismatch);
    }
    let second = accounts.change(&operator(), ann.id, named("Anna"), several(&[0, 1])).await.unwrap();
    assert_eq!((second.version, world.user(ann.id).await), (2, second));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_changes_of_one_version_at_once_one_is_made() {
    let world = World::new().await;
    let ann = world.account("ann").await;
    let tries: Vec<_> = (0..16)
        .map(|n| {
            let world = world.clone();
            let change = named(&format!("Ann {n}"));
            tokio::spawn(
                async move { world.accounts().change(&operator(), ann.id, change, Some(1.into())).await.is_ok() },
            )
        })
        .collect();
    let mut made = 0;
    for answer in tries {
        made += usize::from(answer.await.unwrap());
    }
    assert_eq!((made, world.user(ann.id).await.version), (1, 2));
}

#[tokio::test]
async fn every_fault_is_told_at_once_and_nothing_is_changed() {
    let world = World::new().await;
    let ann = world.account("ann").await;
    let wrong = AccountChange {
        email: Some("ann".into()),
        external_id: set(&"x".repeat(10_000)),
        profile: ProfileChange { username: set("a b"), full_name: set(""), locale: set("??") },
        ..AccountChange::default()
    };
    let expected = [
        ("/email", "invalid_email"),
        ("/external_id", "invalid_external_id"),
        ("/username", "invalid_username"),
        ("/full_name", "invalid_full_name"),
        ("/locale", "invalid_locale"),
    ];
    assert_eq!(faults(change(&world, ann.id, wrong).await), fields(&expected));
    assert_eq!(world.user(ann.id).await, ann);
}

#[tokio::test]
async fn a_taken_address_or_username_is_refused_and_nothing_is_changed() {
    let world = World::new().await;
    let (ann, _) = (world.account("ann").await, world.account("bob").await);
    let address = AccountChange { email: Some("bob@example.com".into()), ..AccountChange::default() };
    assert_eq!(code(change(&world, ann.id, address).await), ErrorCode::EmailTaken);
    let profile = ProfileChange { username: set("bob"), ..ProfileChange::default() };
    let name = AccountChange { profile, ..AccountChange::default() };
    assert_eq!(code(change(&world, ann.id, name).await), ErrorCode::UsernameTaken);
    assert_eq!(world.user(ann.id).await, ann);
}

#[tokio::test]
async fn disabling_ends_every_session_and_enabling_lets_sign_in_again() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    world.session_of("ann").await;
    world.set_active(ann.id(), false).await;
    assert_eq!(world.live(ann.id()).await, []);
    world.set_active(ann.id(), true).await;
    assert_eq!(world.live(ann.id()).await, []);
    world.sign_in(HOME, "ann", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn an_account_that_there_is_not_cannot_be_changed() {
    let world = World::new().await;
    let gone = world.account("ann").await.id;
    world.accounts().delete(&operator(), gone).await.unwrap();
    assert_eq!(code(change(&world, gone, everything()).await), ErrorCode::UserNotFound);
}
