//! Mails that tell owners what has happened.
use super::address;
use crate::world::{CAFE, DAY, HOME, OTHER_PASSWORD, PASSWORD, World, from, operator, origin, secret, typed};
use doorward_domain::{Language, MailKind, MailTokenPurpose};
use doorward_ports::inbound::{AccountChange, PasswordChange, Registration};
use doorward_ports::{Caller, Origin};

async fn sign_in_on(world: &World, address: &str, user_agent: &str) {
    let origin = Origin { user_agent: Some(user_agent.to_owned()), ..origin(address) };
    world.auth().sign_in(&Caller { origin, ..from(address) }, typed("ann", PASSWORD)).await.unwrap();
}

#[tokio::test]
async fn a_sign_in_from_an_unknown_network_or_device_is_told_and_no_other() {
    let world = World::new().await;
    world.proved("ann").await;
    let told = async || world.sent().await.len();
    world.sign_in(HOME, "ann", PASSWORD).await.unwrap();
    assert_eq!(told().await, 0, "the same network and device");
    world.sign_in(CAFE, "ann", PASSWORD).await.unwrap();
    assert_eq!(told().await, 1, "another network");
    world.sign_in(CAFE, "ann", PASSWORD).await.unwrap();
    assert_eq!(told().await, 0, "it is known by now");
    sign_in_on(&world, HOME, "Mozilla/5.0 (X11; Linux) Firefox/127.0").await;
    assert_eq!(told().await, 1, "another device");
    world.advance(31 * DAY);
    world.sign_in(CAFE, "ann", PASSWORD).await.unwrap();
    assert_eq!(told().await, 1, "a network that was not used for long");
}

#[tokio::test]
async fn a_mail_about_a_sign_in_tells_when_where_and_on_what() {
    let world = World::new().await;
    world.proved("ann").await;
    sign_in_on(&world, CAFE, "Mozilla/5.0 (Windows NT 10.0) Firefox/127.0").await;
    world.sent_and_kept().await;
    let mails = world.mailbox.take();
    let [mail] = &mails[..] else { panic!("{mails:?}") };
    assert_eq!((mail.kind, &mail.to), (MailKind::NewSignIn, &address("ann")));
    assert_eq!(mail.facts.device.as_deref(), Some("Firefox on Windows"));
    assert_eq!(mail.facts.address, Some(CAFE.parse().unwrap()));
    assert_eq!(mail.facts.at, Some(world.now()));
    assert_eq!(mail.report.as_ref().map(|link| link.purpose), Some(MailTokenPurpose::ReportTakeover));
}

/// It may belong to somebody who has nothing to do with the account.
#[tokio::test]
async fn an_address_that_nobody_has_proved_is_not_told_of_sign_ins() {
    let world = World::new().await;
    world.unproved("ann").await;
    world.session_of("ann").await;
    world.sign_in(CAFE, "ann", PASSWORD).await.unwrap();
    assert_eq!(world.sent().await, []);
}

#[tokio::test]
async fn a_changed_password_is_told_whoever_changes_it() {
    let world = World::new().await;
    let ann = world.proved("ann").await;
    let change = PasswordChange { current: secret(PASSWORD), new: secret(OTHER_PASSWORD) };
    world.accounts().change_own_password(&ann.caller, change).await.unwrap();
    world.accounts().set_password(&operator(), ann.id(), secret(PASSWORD)).await.unwrap();
    assert_eq!(world.sent().await, vec![(MailKind::PasswordChanged, "ann@example.com".to_owned()); 2]);
}

#[tokio::test]
async fn an_address_that_an_administrator_changes_is_told_and_the_new_one_is_asked() {
    let world = World::new().await;
    let ann = world.proved("ann").await;
    let change = AccountChange { email: Some("smith@example.com".into()), ..AccountChange::default() };
    world.accounts().change(&operator(), ann.id(), change, None).await.unwrap();
    let told = [(MailKind::EmailChanged, "ann@example.com"), (MailKind::VerifyEmail, "smith@example.com")];
    assert_eq!(world.sent().await, told.map(|(kind, to)| (kind, to.to_owned())));
}

#[tokio::test]
async fn a_mail_has_the_language_of_the_account_then_that_of_the_request_then_english() {
    let world = World::new().await;
    let asking = |language| Caller { origin: Origin { language, ..origin(HOME) }, ..from(HOME) };
    for (name, locale, language, expected) in [
        ("a", Some("de-AT"), Some(Language::Fr), Language::De),
        ("b", Some("it"), Some(Language::Fr), Language::Fr),
        ("c", None, Some(Language::Es), Language::Es),
        ("d", None, None, Language::En),
    ] {
        let registration = Registration { locale: locale.map(str::to_owned), ..crate::world::registration(name) };
        world.accounts().register(&asking(language), registration).await.unwrap();
        world.sent_and_kept().await;
        assert_eq!(world.mailbox.take().pop().unwrap().language, expected, "{name}");
    }
    let ann = world.proved("ann").await;
    let admin = world.admin("eve").await;
    let other = Caller { origin: Origin { language: Some(Language::Fr), ..origin(HOME) }, ..admin.caller };
    world.accounts().set_password(&other, ann.id(), secret(OTHER_PASSWORD)).await.unwrap();
    world.sent_and_kept().await;
    let language = world.mailbox.take().pop().unwrap().language;
    assert_eq!(language, Language::En, "the language of somebody else is not the owner's");
}

impl World {
    /// Sends what is due, and leaves it in the mailbox.
    async fn sent_and_kept(&self) {
        self.delivery().deliver(&operator()).await.unwrap();
    }
}
