use super::{NEW, address};
use crate::world::{DAY, HOME, PASSWORD, World, account, code, faults, fields, from, operator, secret};
use doorward_domain::{MailKind, MailTokenPurpose, Quota, User};
use doorward_ports::inbound::{AccountChange, NewAccount};
use doorward_ports::{ErrorCode, Secret};

/// An account without a password, and the token of its invitation.
async fn invited(world: &World, name: &str) -> (User, Secret) {
    let user = world.add(NewAccount { password: None, email_verified: false, ..account(name) }).await;
    let token = world.token(&address(name), MailTokenPurpose::AcceptInvitation).await;
    (user, token)
}

#[tokio::test]
async fn an_account_without_a_password_is_invited_and_its_owner_sets_one() {
    let world = World::by(|policies| policies.registration.require_verified_email = true).await;
    let (ann, token) = invited(&world, "ann").await;
    assert_eq!(world.mailbox.taken(), [(MailKind::Invitation, "ann@example.com".to_owned())]);
    world.reset(token, NEW).await.unwrap();
    assert!(world.user(ann.id).await.email_verified, "whoever reads the mail has the address");
    let pair = world.sign_in(HOME, "ann", NEW).await.unwrap();
    assert_eq!((pair.user, pair.is_new_user), (ann.id, true));
    assert_eq!(world.sent().await, [], "a first password is no change of one");
}

/// OWASP ASVS 6.4.1: the link is used once, and not for long.
#[tokio::test]
async fn asvs_6_4_1_an_invitation_is_accepted_once_and_within_a_week() {
    let world = World::new().await;
    let (_, token) = invited(&world, "ann").await;
    world.reset(token.clone(), NEW).await.unwrap();
    assert_eq!(code(world.reset(token, PASSWORD).await), ErrorCode::InvalidMailToken);
    let (_, late) = invited(&world, "bob").await;
    world.advance(7 * DAY);
    assert_eq!(code(world.reset(late, NEW).await), ErrorCode::InvalidMailToken);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_who_accept_an_invitation_at_once_one_sets_the_password() {
    for world in [World::new().await, World::on_postgres(|_| {}).await] {
        let (_, token) = invited(&world, "ann").await;
        let one = |n| {
            let (world, token) = (world.clone(), token.clone());
            tokio::spawn(async move { world.reset(token, &format!("amber-teapot-glacier-{n}")).await.map(|()| n) })
        };
        let crowd: Vec<_> = (0..32).map(one).collect();
        let mut winners = Vec::new();
        for member in crowd {
            match member.await.unwrap() {
                Ok(n) => winners.push(n),
                Err(error) => assert_eq!(error.code, ErrorCode::InvalidMailToken),
            }
        }
        assert_eq!(winners.len(), 1);
        world.sign_in(HOME, "ann", &format!("amber-teapot-glacier-{}", winners[0])).await.unwrap();
    }
}

#[tokio::test]
async fn a_weak_first_password_is_refused_and_does_not_spend_the_invitation() {
    let world = World::new().await;
    let (_, token) = invited(&world, "ann").await;
    let refused = faults(world.reset(token.clone(), "ann").await);
    assert!(refused.contains(&fields(&[("/password", "password_too_short")])[0]), "{refused:?}");
    world.reset(token, NEW).await.unwrap();
}

#[tokio::test]
async fn a_second_invitation_makes_the_first_void() {
    let world = World::new().await;
    let (ann, first) = invited(&world, "ann").await;
    world.accounts().invite(&operator(), ann.id).await.unwrap();
    let second = world.token(&address("ann"), MailTokenPurpose::AcceptInvitation).await;
    assert_eq!(code(world.reset(first, NEW).await), ErrorCode::InvalidMailToken);
    world.reset(second, NEW).await.unwrap();
}

/// Otherwise an old mail could take over an account that is in use.
#[tokio::test]
async fn an_invitation_ends_with_any_password_another_address_or_the_account() {
    let world = World::new().await;
    let (ann, token) = invited(&world, "ann").await;
    world.accounts().set_password(&operator(), ann.id, secret(PASSWORD)).await.unwrap();
    assert_eq!(code(world.reset(token, NEW).await), ErrorCode::InvalidMailToken);

    let (_, token) = invited(&world, "bob").await;
    let reset = world.reset_token("bob").await;
    world.reset(reset, PASSWORD).await.unwrap();
    assert_eq!(code(world.reset(token, NEW).await), ErrorCode::InvalidMailToken);

    let (cid, token) = invited(&world, "cid").await;
    let moved = AccountChange { email: Some("dan@example.com".into()), ..AccountChange::default() };
    world.accounts().change(&operator(), cid.id, moved, None).await.unwrap();
    assert_eq!(code(world.reset(token, NEW).await), ErrorCode::InvalidMailToken);

    let (eve, token) = invited(&world, "eve").await;
    let disabled = AccountChange { is_active: Some(false), ..AccountChange::default() };
    world.accounts().change(&operator(), eve.id, disabled, None).await.unwrap();
    assert_eq!(code(world.reset(token.clone(), NEW).await), ErrorCode::InvalidMailToken);
    world.accounts().delete(&operator(), eve.id).await.unwrap();
    assert_eq!(code(world.reset(token, NEW).await), ErrorCode::InvalidMailToken);
}

#[tokio::test]
async fn who_has_a_password_or_is_disabled_is_not_invited() {
    let world = World::new().await;
    let ann = world.add(account("ann")).await;
    let bob = world.add(NewAccount { password: None, is_active: false, ..account("bob") }).await;
    for id in [ann.id, bob.id] {
        assert_eq!(code(world.accounts().invite(&operator(), id).await), ErrorCode::UserNotInvitable);
    }
    assert_eq!(world.sent().await, []);
}

#[tokio::test]
async fn nobody_is_invited_who_should_not_be() {
    let world = World::new().await;
    world.add(NewAccount { password: None, invite: false, ..account("ann") }).await;
    assert_eq!(world.sent().await, []);
}

#[tokio::test]
async fn an_address_is_sent_only_so_many_invitations() {
    let quota = Quota { limit: 5.try_into().unwrap(), per: DAY / 24 };
    let world = World::by(|policies| policies.mail.requests = Some(quota)).await;
    let ann = world.add(NewAccount { password: None, ..account("ann") }).await;
    let mut refused = None;
    for _ in 0..10 {
        refused = world.accounts().invite(&operator(), ann.id).await.err().or(refused);
    }
    assert_eq!(refused.map(|error| error.code), Some(ErrorCode::RateLimited));
}

/// Only the mail contains the link: an invitation is no way for an administrator to get into an account.
#[tokio::test]
async fn an_invitation_is_no_link_to_verify_or_to_change_an_address() {
    let world = World::new().await;
    let (_, token) = invited(&world, "ann").await;
    assert_eq!(code(world.verify_address(token.clone()).await), ErrorCode::InvalidMailToken);
    assert_eq!(code(world.mails().report_takeover(&from(HOME), token).await), ErrorCode::InvalidMailToken);
}
