use super::{address, asked};
use crate::world::{CAFE, DAY, HOME, PASSWORD, World, account, code, from, operator, registration};
use doorward_domain::{MailKind, MailTokenPurpose};
use doorward_ports::ErrorCode;
use doorward_ports::inbound::AccountChange;

async fn strict() -> World {
    World::by(|policies| policies.registration.require_verified_email = true).await
}

#[tokio::test]
async fn somebody_registers_verifies_the_address_and_signs_in() {
    let world = strict().await;
    world.accounts().register(&from(HOME), registration("ann")).await.unwrap();
    assert_eq!(code(world.sign_in(HOME, "ann@example.com", PASSWORD).await), ErrorCode::EmailUnverified);
    let token = world.token(&address("ann"), MailTokenPurpose::VerifyEmail).await;
    assert_eq!(world.mailbox.taken(), [(MailKind::VerifyEmail, "ann@example.com".to_owned())]);
    world.verify_address(token).await.unwrap();
    let pair = world.sign_in(HOME, "ann@example.com", PASSWORD).await.unwrap();
    assert!(world.user(pair.user).await.email_verified);
}

/// OWASP ASVS 6.4.1, GHSA-hc7v-rggr-4hvx: a token is used once, and not for long.
#[tokio::test]
async fn asvs_6_4_1_a_token_verifies_once_and_not_after_its_time() {
    let world = World::new().await;
    world.accounts().register(&from(HOME), registration("ann")).await.unwrap();
    let token = world.token(&address("ann"), MailTokenPurpose::VerifyEmail).await;
    world.verify_address(token.clone()).await.unwrap();
    assert_eq!(code(world.verify_address(token).await), ErrorCode::InvalidMailToken);
    world.accounts().register(&from(HOME), registration("bob")).await.unwrap();
    let late = world.token(&address("bob"), MailTokenPurpose::VerifyEmail).await;
    world.advance(3 * DAY);
    assert_eq!(code(world.verify_address(late).await), ErrorCode::InvalidMailToken);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_who_spend_a_token_at_once_one_succeeds() {
    for world in [World::new().await, World::on_postgres(|_| {}).await] {
        world.accounts().register(&from(HOME), registration("ann")).await.unwrap();
        let token = world.token(&address("ann"), MailTokenPurpose::VerifyEmail).await;
        let one = || {
            let (world, token) = (world.clone(), token.clone());
            tokio::spawn(async move { world.verify_address(token).await })
        };
        let crowd: Vec<_> = (0..32).map(|_| one()).collect();
        let mut codes = Vec::new();
        for member in crowd {
            codes.extend(member.await.unwrap().err().map(|error| error.code));
        }
        assert_eq!(codes, vec![ErrorCode::InvalidMailToken; 31]);
    }
}

#[tokio::test]
async fn a_second_mail_makes_the_link_of_the_first_void() {
    let world = World::new().await;
    world.unproved("ann").await;
    let ask = async || world.mails().resend_verification(&from(HOME), asked("ann@example.com")).await.unwrap();
    ask().await;
    let first = world.token(&address("ann"), MailTokenPurpose::VerifyEmail).await;
    ask().await;
    let second = world.token(&address("ann"), MailTokenPurpose::VerifyEmail).await;
    assert_eq!(code(world.verify_address(first).await), ErrorCode::InvalidMailToken);
    world.verify_address(second).await.unwrap();
}

#[tokio::test]
async fn a_mail_whose_link_is_void_before_it_is_sent_is_not_sent() {
    let world = World::new().await;
    world.unproved("ann").await;
    for _ in 0..3 {
        world.mails().resend_verification(&from(HOME), asked("ann@example.com")).await.unwrap();
    }
    assert_eq!(world.sent().await, [(MailKind::VerifyEmail, "ann@example.com".to_owned())]);
    assert_eq!(world.delivery().waiting(&operator()).await.unwrap(), 0);
}

#[tokio::test]
async fn a_token_of_one_purpose_is_good_for_no_other() {
    let world = World::new().await;
    world.account("ann").await;
    let reset = world.reset_token("ann").await;
    assert_eq!(code(world.verify_address(reset.clone()).await), ErrorCode::InvalidMailToken);
    assert_eq!(code(world.mails().report_takeover(&from(HOME), reset.clone()).await), ErrorCode::InvalidMailToken);
    // It was not spent by that.
    world.reset(reset, super::NEW).await.unwrap();
}

/// A link to an address proves nothing about another one.
#[tokio::test]
async fn a_token_for_a_former_address_is_good_for_nothing() {
    let world = World::new().await;
    let ann = world.unproved("ann").await;
    let reset = world.reset_token("ann").await;
    world.mails().resend_verification(&from(HOME), asked("ann@example.com")).await.unwrap();
    let verify = world.token(&address("ann"), MailTokenPurpose::VerifyEmail).await;
    let change = AccountChange { email: Some("smith@example.com".into()), ..AccountChange::default() };
    world.accounts().change(&operator(), ann.id, change, None).await.unwrap();
    assert_eq!(code(world.verify_address(verify).await), ErrorCode::InvalidMailToken);
    assert_eq!(code(world.reset(reset, super::NEW).await), ErrorCode::InvalidMailToken);
    assert!(!world.user(ann.id).await.email_verified);
}

#[tokio::test]
async fn a_disabled_account_verifies_nothing() {
    let world = World::new().await;
    let ann = world.unproved("ann").await;
    world.mails().resend_verification(&from(HOME), asked("ann@example.com")).await.unwrap();
    let token = world.token(&address("ann"), MailTokenPurpose::VerifyEmail).await;
    let change = AccountChange { is_active: Some(false), ..AccountChange::default() };
    world.accounts().change(&operator(), ann.id, change, None).await.unwrap();
    assert_eq!(code(world.verify_address(token).await), ErrorCode::InvalidMailToken);
}

/// OWASP ASVS 6.3.8, CVE-2023-39522: neither the answer nor the time tells who has an account.
#[tokio::test]
async fn asvs_6_3_8_whoever_asks_for_a_mail_learns_nothing_about_accounts() {
    let world = World::new().await;
    world.proved("ann").await;
    world.unproved("bob").await;
    let off = world.account("off").await;
    let change = AccountChange { is_active: Some(false), ..AccountChange::default() };
    world.accounts().change(&operator(), off.id, change, None).await.unwrap();
    world.mailbox.take();
    for name in ["ann", "bob", "off", "nobody"] {
        let email = format!("{name}@example.com");
        for reset in [true, false] {
            let began = world.now();
            match reset {
                true => world.forgot(&email).await.unwrap(),
                false => world.mails().resend_verification(&from(CAFE), asked(&email)).await.unwrap(),
            }
            let took = world.now().since(began);
            assert_eq!(took.as_millis(), 100, "{name}: what is longer than the work hides it");
        }
    }
    let mut sent = world.sent().await;
    sent.sort_by_key(|(kind, to)| (kind.as_str(), to.clone()));
    let of = |kind, name: &str| (kind, format!("{name}@example.com"));
    assert_eq!(
        sent,
        [of(MailKind::ResetPassword, "ann"), of(MailKind::ResetPassword, "bob"), of(MailKind::VerifyEmail, "bob"),]
    );
}

#[tokio::test]
async fn an_address_gets_so_many_mails_of_a_kind_and_the_answer_stays_the_same() {
    let world = World::by(|policies| {
        let quota = doorward_domain::Quota { limit: std::num::NonZeroU32::new(2).unwrap(), per: DAY };
        policies.mail.requests = Some(quota);
    })
    .await;
    world.unproved("ann").await;
    for email in ["ann@example.com", "nobody@example.com"] {
        for _ in 0..4 {
            world.forgot(email).await.unwrap();
            world.delivery().deliver(&operator()).await.unwrap();
        }
    }
    assert_eq!(world.mailbox.take().len(), 2);
    world.mails().resend_verification(&from(HOME), asked("ann@example.com")).await.unwrap();
    assert_eq!(world.sent().await.len(), 1, "another kind has its own limit");
}

#[tokio::test]
async fn without_mails_what_needs_one_is_refused_and_all_else_works() {
    let world = World::new().await.changed(|tools, _| tools.mailer = None);
    world.accounts().register(&from(HOME), registration("ann")).await.unwrap();
    let ann = world.person("bob").await;
    let refusals = [
        world.forgot("ann@example.com").await,
        world.forgot("nobody@example.com").await,
        world.mails().resend_verification(&from(HOME), asked("ann@example.com")).await,
        world.verify_address(crate::world::secret("garbage")).await,
        world.reset(crate::world::secret("garbage"), super::NEW).await,
        world.mails().report_takeover(&from(HOME), crate::world::secret("garbage")).await,
        world.mails().change_own_email(&ann.caller, asked("smith@example.com")).await,
        world.delivery().send_test(&operator(), "ann@example.com").await,
    ];
    assert_eq!(refusals.map(code), [ErrorCode::MailDisabled; 8]);
    assert_eq!(world.delivery().deliver(&operator()).await.unwrap(), 0);
    assert_eq!(world.delivery().waiting(&operator()).await.unwrap(), 0);
}

#[tokio::test]
async fn a_taken_address_is_told_to_its_owner_by_mail_alone() {
    let world = World::by(|policies| policies.registration.hide_existing = true).await;
    world.add(account("ann")).await;
    world.accounts().register(&from(CAFE), registration("ann")).await.unwrap();
    world.accounts().register(&from(CAFE), registration("bob")).await.unwrap();
    let sent = world.sent().await;
    let expected = [(MailKind::AccountExists, "ann@example.com"), (MailKind::VerifyEmail, "bob@example.com")];
    assert_eq!(sent, expected.map(|(kind, to)| (kind, to.to_owned())));
}
