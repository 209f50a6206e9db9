//! The outbox: once in the ordinary course, again after a failure, and given up in the end.
use crate::world::{DAY, HOME, MINUTE, World, code, from, operator, registration, sealer};
use doorward_domain::MailKind;
use doorward_ports::ErrorCode;
use doorward_ports::outbound::{MailAttempt, MailObserver, MailOutcome};
use doorward_testkit::mailbox::Failing;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Remembers what it hears.
#[derive(Default)]
struct Heard {
    outcomes: Mutex<Vec<MailOutcome>>,
    reachable: Mutex<Vec<bool>>,
    waiting: Mutex<Vec<u64>>,
}

impl MailObserver for Heard {
    fn tried(&self, attempt: &MailAttempt<'_>) {
        assert_eq!(attempt.kind, MailKind::VerifyEmail);
        self.outcomes.lock().unwrap().push(attempt.outcome);
    }

    fn waiting(&self, mails: u64) {
        self.waiting.lock().unwrap().push(mails);
    }

    fn reachable(&self, reachable: bool) {
        self.reachable.lock().unwrap().push(reachable);
    }
}

impl Heard {
    fn take(&self) -> Vec<MailOutcome> {
        std::mem::take(&mut *self.outcomes.lock().unwrap())
    }
}

async fn world() -> (World, Arc<Heard>) {
    let heard = Arc::new(Heard::default());
    let world = World::new().await.changed(|tools, _| tools.mail_observer = heard.clone());
    (world, heard)
}

async fn register(world: &World, name: &str) {
    world.accounts().register(&from(HOME), registration(name)).await.unwrap();
}

async fn deliver(world: &World) -> usize {
    world.delivery().deliver(&operator()).await.unwrap()
}

async fn waiting(world: &World) -> u64 {
    world.delivery().waiting(&operator()).await.unwrap()
}

#[tokio::test]
async fn a_mail_is_sent_once() {
    let (world, heard) = world().await;
    register(&world, "ann").await;
    assert_eq!((waiting(&world).await, deliver(&world).await, deliver(&world).await), (1, 1, 0));
    assert_eq!((world.mailbox.take().len(), waiting(&world).await), (1, 0));
    assert_eq!(heard.take(), [MailOutcome::Sent]);
    assert_eq!(*heard.waiting.lock().unwrap(), [1, 0]);
}

#[tokio::test]
async fn a_registration_that_fails_sends_nothing() {
    let (world, _) = world().await;
    register(&world, "ann").await;
    let refused = world.accounts().register(&from(HOME), registration("ann")).await;
    assert_eq!(code(refused), ErrorCode::EmailTaken);
    assert_eq!(waiting(&world).await, 1);
}

/// Several lanes on each of two nodes.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_nodes_send_each_mail_once() {
    for world in [World::new().await, World::on_postgres(|_| {}).await] {
        world.mailbox.be_slow(Duration::from_millis(5));
        for n in 0..24 {
            register(&world, &format!("n{n}")).await;
        }
        let neighbour = world.neighbour();
        let lanes = [&world, &neighbour].into_iter().cycle().take(8).cloned();
        let lanes: Vec<_> = lanes.map(|world| tokio::spawn(async move { deliver(&world).await })).collect();
        let mut sent = 0;
        for lane in lanes {
            sent += lane.await.unwrap();
        }
        let ids = world.mailbox.ids();
        assert_eq!((sent, ids.len(), ids.iter().collect::<BTreeSet<_>>().len()), (24, 24, 24));
    }
}

#[tokio::test]
async fn while_no_mail_can_be_sent_all_wait_and_one_is_tried() {
    let (world, heard) = world().await;
    for name in ["ann", "bob", "eve"] {
        register(&world, name).await;
    }
    world.mailbox.fail(Failing::Unavailable);
    assert_eq!((deliver(&world).await, heard.take()), (0, vec![MailOutcome::Failed]));
    assert_eq!(*heard.reachable.lock().unwrap(), [false]);
    // The others are due, and the first one is after a minute.
    assert_eq!((deliver(&world).await, waiting(&world).await), (2, 1));
    assert_eq!(heard.reachable.lock().unwrap().last(), Some(&true));
    world.advance(MINUTE);
    assert_eq!((deliver(&world).await, waiting(&world).await), (1, 0));
}

#[tokio::test]
async fn a_mail_that_is_not_taken_now_does_not_delay_the_others() {
    let (world, heard) = world().await;
    register(&world, "ann").await;
    register(&world, "bob").await;
    world.mailbox.fail(Failing::Deferred);
    assert_eq!(deliver(&world).await, 1);
    assert_eq!(heard.take(), [MailOutcome::Failed, MailOutcome::Sent]);
    world.advance(MINUTE);
    assert_eq!(deliver(&world).await, 1);
    let mails = world.mailbox.take();
    assert_eq!(mails.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), ["bob@example.com", "ann@example.com"]);
}

#[tokio::test]
async fn a_mail_is_given_up_after_its_time_with_pauses_that_grow() {
    let (world, heard) = world().await;
    register(&world, "ann").await;
    let (began, mut attempts) = (world.now(), 0);
    while waiting(&world).await > 0 {
        world.mailbox.fail(Failing::Deferred);
        attempts += usize::from(deliver(&world).await == 0 && !heard.take().is_empty());
        world.advance(MINUTE);
        assert!(world.now().since(began) <= DAY, "it is tried for ever");
    }
    assert!((90..110).contains(&attempts), "{attempts} attempts in a day");
    assert_eq!(world.mailbox.take(), []);
}

#[tokio::test]
async fn a_mail_that_is_refused_for_good_is_tried_three_times() {
    let (world, heard) = world().await;
    register(&world, "ann").await;
    for _ in 0..4 {
        world.mailbox.fail(Failing::Refused);
        deliver(&world).await;
        world.advance(5 * MINUTE);
    }
    assert_eq!(heard.take(), [MailOutcome::Failed, MailOutcome::Failed, MailOutcome::GivenUp]);
    assert_eq!(waiting(&world).await, 0);
}

/// Whoever has taken a mail and died has it for three minutes.
#[tokio::test]
async fn a_mail_that_was_taken_by_a_process_that_died_is_sent_by_another() {
    let (world, _) = world().await;
    register(&world, "ann").await;
    let now = world.now();
    let mut work = world.store().write().await.unwrap();
    work.outbox().claim(now, now.plus(3 * MINUTE)).await.unwrap().unwrap();
    work.commit().await.unwrap();
    assert_eq!(deliver(&world).await, 0);
    world.advance(3 * MINUTE);
    assert_eq!(deliver(&world).await, 1);
}

/// OWASP ASVS 11.4: neither the token nor the recipient is in the database in clear.
#[tokio::test]
async fn what_a_mail_says_is_sealed_in_the_database() {
    let (world, heard) = world().await;
    register(&world, "ann").await;
    let row = world.store().read().await.unwrap().outbox().list(1).await.unwrap().remove(0);
    let other =
        world.changed(|tools, _| tools.sealer = Arc::new(sealer("//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=")));
    let shown = other.delivery().outbox(&operator(), 10).await.unwrap();
    assert_eq!((shown.len(), shown[0].to.clone()), (1, None));
    assert_eq!(deliver(&other).await, 0, "a mail that can't be opened waits for its key");
    assert_eq!(heard.take(), [MailOutcome::Failed]);
    world.advance(MINUTE);
    assert_eq!(deliver(&world).await, 1);
    let mail = world.mailbox.take().remove(0);
    let token = mail.link.unwrap().token;
    for clear in [token.expose(), "ann@example.com"] {
        assert!(!row.mail.content.windows(clear.len()).any(|bytes| bytes == clear.as_bytes()), "{clear}");
    }
}

#[tokio::test]
async fn an_operator_sees_who_waits_and_sends_a_test() {
    let (world, _) = world().await;
    register(&world, "ann").await;
    let shown = world.delivery().outbox(&operator(), 10).await.unwrap();
    assert_eq!(shown[0].to.as_deref(), Some("ann@example.com"));
    assert_eq!((shown[0].kind, shown[0].attempts), (MailKind::VerifyEmail, 0));
    world.delivery().send_test(&operator(), "bob@example.com").await.unwrap();
    assert_eq!(world.mailbox.taken(), [(MailKind::Test, "bob@example.com".to_owned())]);
    world.mailbox.fail(Failing::Unavailable);
    let refused = world.delivery().send_test(&operator(), "bob@example.com").await;
    assert_eq!(code(refused), ErrorCode::MailUnavailable);
}

#[tokio::test]
async fn mails_of_a_deleted_account_are_not_sent() {
    let (world, _) = world().await;
    let ann = world.person("ann").await;
    world.forgot("ann@example.com").await.unwrap();
    world.accounts().delete_own(&ann.caller).await.unwrap();
    assert_eq!((waiting(&world).await, deliver(&world).await), (0, 0));
}
