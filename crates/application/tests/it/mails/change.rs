use super::{NEW, address, asked};
use crate::world::{PASSWORD, World, code, faults, fields, operator, secret};
use doorward_domain::{MailKind, MailTokenPurpose};
use doorward_ports::ErrorCode;
use doorward_ports::inbound::{AccountChange, PasswordChange};

fn to(kind: MailKind, name: &str) -> (MailKind, String) {
    (kind, format!("{name}@example.com"))
}

#[tokio::test]
async fn an_address_changes_when_the_new_one_is_confirmed_and_the_old_one_is_told() {
    let world = World::new().await;
    let ann = world.proved("ann").await;
    world.mails().change_own_email(&ann.caller, asked("Smith@example.com")).await.unwrap();
    let token = world.token(&address("smith"), MailTokenPurpose::ChangeEmail).await;
    let told = [to(MailKind::ChangeEmail, "smith"), to(MailKind::EmailChangeRequested, "ann")];
    assert_eq!(world.mailbox.taken(), told);
    assert_eq!(world.user(ann.id()).await.email, address("ann"));
    world.verify_address(token.clone()).await.unwrap();
    let user = world.user(ann.id()).await;
    assert_eq!((user.email, user.email_verified), (address("smith"), true));
    assert_eq!(world.sent().await, [to(MailKind::EmailChanged, "ann")]);
    assert_eq!(code(world.verify_address(token).await), ErrorCode::InvalidMailToken);
    world.identify(&ann.tokens).await.unwrap();
}

#[tokio::test]
async fn who_asks_for_a_taken_address_learns_nothing_and_its_owner_is_told() {
    let world = World::new().await;
    let (ann, bob) = (world.proved("ann").await, world.proved("bob").await);
    world.mails().change_own_email(&ann.caller, asked("bob@example.com")).await.unwrap();
    assert_eq!(world.sent().await, [to(MailKind::AccountExists, "bob"), to(MailKind::EmailChangeRequested, "ann")]);
    assert_eq!(world.user(bob.id()).await.email, address("bob"));
}

#[tokio::test]
async fn an_address_that_somebody_else_gets_meanwhile_is_not_taken_from_them() {
    let world = World::new().await;
    let ann = world.proved("ann").await;
    world.mails().change_own_email(&ann.caller, asked("smith@example.com")).await.unwrap();
    let token = world.token(&address("smith"), MailTokenPurpose::ChangeEmail).await;
    world.account("smith").await;
    assert_eq!(code(world.verify_address(token).await), ErrorCode::EmailTaken);
    assert_eq!(world.user(ann.id()).await.email, address("ann"));
}

#[tokio::test]
async fn a_second_request_makes_the_link_of_the_first_void() {
    let world = World::new().await;
    let ann = world.proved("ann").await;
    world.mails().change_own_email(&ann.caller, asked("one@example.com")).await.unwrap();
    let first = world.token(&address("one"), MailTokenPurpose::ChangeEmail).await;
    world.mails().change_own_email(&ann.caller, asked("two@example.com")).await.unwrap();
    let second = world.token(&address("two"), MailTokenPurpose::ChangeEmail).await;
    assert_eq!(code(world.verify_address(first).await), ErrorCode::InvalidMailToken);
    world.verify_address(second).await.unwrap();
    assert_eq!(world.user(ann.id()).await.email, address("two"));
}

/// Account pre-hijacking by an "unexpired email change" (Sudhodanan and Paverd, 2022).
#[tokio::test]
async fn a_pending_change_ends_when_the_password_is_changed() {
    let world = World::new().await;
    let ann = world.proved("ann").await;
    world.mails().change_own_email(&ann.caller, asked("eve@example.com")).await.unwrap();
    let token = world.token(&address("eve"), MailTokenPurpose::ChangeEmail).await;
    let change = PasswordChange { current: secret(PASSWORD), new: secret(NEW) };
    world.accounts().change_own_password(&ann.caller, change).await.unwrap();
    assert_eq!(code(world.verify_address(token).await), ErrorCode::InvalidMailToken);
    assert_eq!(world.user(ann.id()).await.email, address("ann"));
}

#[tokio::test]
async fn a_pending_change_ends_when_an_administrator_changes_the_address() {
    let world = World::new().await;
    let ann = world.proved("ann").await;
    world.mails().change_own_email(&ann.caller, asked("eve@example.com")).await.unwrap();
    let token = world.token(&address("eve"), MailTokenPurpose::ChangeEmail).await;
    let change = AccountChange { email: Some("smith@example.com".into()), ..AccountChange::default() };
    world.accounts().change(&operator(), ann.id(), change, None).await.unwrap();
    assert_eq!(code(world.verify_address(token).await), ErrorCode::InvalidMailToken);
    assert_eq!(world.user(ann.id()).await.email, address("smith"));
}

#[tokio::test]
async fn the_address_of_the_account_is_no_new_one() {
    let world = World::new().await;
    let ann = world.proved("ann").await;
    let refused = world.mails().change_own_email(&ann.caller, asked("ANN@example.com")).await;
    assert_eq!(faults(refused), fields(&[("/email", "unchanged_email")]));
    assert_eq!(
        faults(world.mails().change_own_email(&ann.caller, asked("ann")).await),
        fields(&[("/email", "invalid_email")])
    );
}

#[tokio::test]
async fn somebody_who_asks_for_too_many_changes_is_refused() {
    let world = World::by(|policies| {
        let quota = doorward_domain::Quota {
            limit: std::num::NonZeroU32::new(2).unwrap(),
            per: std::time::Duration::from_hours(1),
        };
        policies.mail.requests = Some(quota);
    })
    .await;
    let ann = world.person("ann").await;
    for n in 0..2 {
        world.mails().change_own_email(&ann.caller, asked(&format!("n{n}@example.com"))).await.unwrap();
    }
    let refused = world.mails().change_own_email(&ann.caller, asked("n3@example.com")).await;
    assert_eq!(code(refused), ErrorCode::RateLimited);
}
