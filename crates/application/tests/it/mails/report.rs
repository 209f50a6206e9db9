//! "This wasn't me."
use super::{NEW, address, asked};
use crate::providers::At;
use crate::world::{ABROAD, CAFE, HOME, PASSWORD, Person, World, code, from, operator, secret};
use doorward_domain::{MailKind, MailTokenPurpose};
use doorward_ports::{ErrorCode, Secret};
use doorward_testkit::scripted_provider::a_proven_identity;

async fn report(world: &World, token: Secret) -> doorward_ports::Result<()> {
    world.mails().report_takeover(&from(HOME), token).await
}

/// Somebody signs in from abroad with ann's password, and ann is told.
async fn taken_over(world: &World) -> (Person, Person, Secret) {
    let ann = world.proved("ann").await;
    let eve = world.session_from(ABROAD, "ann").await;
    let token = world.token(&address("ann"), MailTokenPurpose::ReportTakeover).await;
    assert_eq!(world.mailbox.taken(), [(MailKind::NewSignIn, "ann@example.com".to_owned())]);
    (ann, eve, token)
}

#[tokio::test]
async fn a_report_ends_all_sessions_removes_the_password_and_begins_a_reset() {
    let world = World::new().await;
    let (ann, eve, token) = taken_over(&world).await;
    report(&world, token.clone()).await.unwrap();
    for person in [&ann, &eve] {
        assert_eq!(code(world.identify(&person.tokens).await), ErrorCode::InvalidToken);
    }
    assert_eq!(code(world.sign_in(ABROAD, "ann", PASSWORD).await), ErrorCode::InvalidCredentials);
    let reset = world.token(&address("ann"), MailTokenPurpose::ResetPassword).await;
    world.reset(reset, NEW).await.unwrap();
    world.sign_in(HOME, "ann", NEW).await.unwrap();
    assert_eq!(code(report(&world, token).await), ErrorCode::InvalidMailToken);
}

#[tokio::test]
async fn an_identity_that_was_linked_since_is_unlinked_and_an_older_one_stays() {
    let At { world, provider } = At::new().await;
    let ann = world.proved("ann").await;
    let at = At { world: world.clone(), provider };
    let old = at.walked(&ann.caller, 1, a_proven_identity("ann-there", None)).await;
    let old = at.identities().link(&ann.caller, old).await.unwrap();
    world.advance(std::time::Duration::from_secs(1));
    let eve = world.session_from(ABROAD, "ann").await;
    let token = world.token(&address("ann"), MailTokenPurpose::ReportTakeover).await;
    let new = at.walked(&eve.caller, 2, a_proven_identity("eve-there", None)).await;
    at.identities().link(&eve.caller, new).await.unwrap();
    report(&world, token).await.unwrap();
    let left = world.store().read().await.unwrap().identities().of_user(ann.id()).await.unwrap();
    assert_eq!(left.iter().map(|identity| identity.id).collect::<Vec<_>>(), [old.id]);
}

/// The mail of a new factor has the link: the factor must not keep the owner out after that.
#[tokio::test]
async fn a_report_removes_the_factors_that_were_enrolled_since() {
    let world = World::new().await;
    world.proved("ann").await;
    world.owner_of(world.session_from(ABROAD, "ann").await, "ann").await;
    let token = world.token(&address("ann"), MailTokenPurpose::ReportTakeover).await;
    report(&world, token).await.unwrap();
    let token = world.token(&address("ann"), MailTokenPurpose::ResetPassword).await;
    world.reset(token, NEW).await.unwrap();
    world.sign_in(ABROAD, "ann", NEW).await.unwrap();
}

/// Eve causes another mail, so that the link of the first one is void: the next report undoes no less.
#[tokio::test]
async fn the_report_of_a_later_mail_removes_the_factors_too() {
    let world = World::new().await;
    world.proved("ann").await;
    let eve = world.owner_of(world.session_from(ABROAD, "ann").await, "ann").await;
    world.advance(std::time::Duration::from_secs(1));
    world.accounts().set_password(&operator(), eve.person.id(), secret(NEW)).await.unwrap();
    let token = world.token(&address("ann"), MailTokenPurpose::ReportTakeover).await;
    report(&world, token).await.unwrap();
    let token = world.token(&address("ann"), MailTokenPurpose::ResetPassword).await;
    world.reset(token, PASSWORD).await.unwrap();
    world.sign_in(ABROAD, "ann", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_report_leaves_the_factors_that_were_enrolled_before() {
    let world = World::new().await;
    let ann = world.owner("ann").await;
    // The mail of the factor can undo it as long as its link works.
    world.advance(std::time::Duration::from_hours(7 * 24));
    world.accounts().set_password(&operator(), ann.person.id(), secret(NEW)).await.unwrap();
    let token = world.token(&address("ann"), MailTokenPurpose::ReportTakeover).await;
    report(&world, token).await.unwrap();
    let token = world.token(&address("ann"), MailTokenPurpose::ResetPassword).await;
    world.reset(token, PASSWORD).await.unwrap();
    assert_eq!(code(world.sign_in(ABROAD, "ann", PASSWORD).await), ErrorCode::MfaRequired);
}

/// Eve changes the address of the account to her own, and confirms it.
async fn with_another_address(world: &World) -> (Person, Secret) {
    let ann = world.proved("ann").await;
    world.mails().change_own_email(&ann.caller, asked("eve@example.com")).await.unwrap();
    let confirm = world.token(&address("eve"), MailTokenPurpose::ChangeEmail).await;
    world.verify_address(confirm).await.unwrap();
    let token = world.token(&address("ann"), MailTokenPurpose::ReportTakeover).await;
    (ann, token)
}

#[tokio::test]
async fn a_report_from_the_former_address_gives_the_account_back_to_it() {
    let world = World::new().await;
    let (ann, token) = with_another_address(&world).await;
    assert_eq!(world.user(ann.id()).await.email, address("eve"));
    world.mailbox.take();
    report(&world, token).await.unwrap();
    let user = world.user(ann.id()).await;
    assert_eq!((user.email, user.email_verified, user.is_active), (address("ann"), true, true));
    assert_eq!(world.sent().await, [(MailKind::ResetPassword, "ann@example.com".to_owned())]);
    world.forgot("eve@example.com").await.unwrap();
    assert_eq!(world.sent().await, [], "the other address is nobody's");
}

/// Whoever has the new address gets reports as well: they must not be able to undo the owner's.
#[tokio::test]
async fn a_report_from_the_later_address_does_not_end_that_of_the_former_one() {
    let world = World::new().await;
    let (ann, of_ann) = with_another_address(&world).await;
    world.advance(std::time::Duration::from_secs(1));
    world.accounts().set_password(&operator(), ann.id(), secret(NEW)).await.unwrap();
    let of_eve = world.token(&address("eve"), MailTokenPurpose::ReportTakeover).await;
    report(&world, of_eve).await.unwrap();
    assert_eq!(world.user(ann.id()).await.email, address("eve"));
    report(&world, of_ann).await.unwrap();
    assert_eq!(world.user(ann.id()).await.email, address("ann"));
}

#[tokio::test]
async fn a_report_from_the_former_address_ends_those_of_the_later_one() {
    let world = World::new().await;
    let (ann, of_ann) = with_another_address(&world).await;
    world.advance(std::time::Duration::from_secs(1));
    world.accounts().set_password(&operator(), ann.id(), secret(NEW)).await.unwrap();
    let of_eve = world.token(&address("eve"), MailTokenPurpose::ReportTakeover).await;
    report(&world, of_ann).await.unwrap();
    assert_eq!(code(report(&world, of_eve).await), ErrorCode::InvalidMailToken);
}

/// Eve registers another account with the former address, so that the account can't be given back.
#[tokio::test]
async fn an_account_that_can_not_be_given_back_is_disabled() {
    let world = World::new().await;
    let (ann, token) = with_another_address(&world).await;
    world.accounts().register(&from(CAFE), crate::world::registration("ann")).await.unwrap();
    report(&world, token).await.unwrap();
    let user = world.user(ann.id()).await;
    assert_eq!((user.email, user.is_active), (address("eve"), false));
    assert_eq!(code(world.sign_in(ABROAD, "eve@example.com", PASSWORD).await), ErrorCode::InvalidCredentials);
}
