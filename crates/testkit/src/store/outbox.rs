//! What the outbox promises.
use super::{CROWD, StoreUnderTest};
use crate::{START, a_user, an_outbox_mail};
use doorward_domain::{MailKind, Timestamp};
use doorward_ports::outbound::{OutboxMail, Store, WaitingMail};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

const MICROSECOND: Duration = Duration::from_micros(1);
const CLAIM: Duration = Duration::from_mins(2);

async fn put(it: &StoreUnderTest, mails: &[&OutboxMail]) {
    let mut work = it.write().await;
    for mail in mails {
        work.outbox().put(mail).await.unwrap();
    }
    work.commit().await.unwrap();
}

async fn claim(store: &dyn Store, now: Timestamp) -> Option<WaitingMail> {
    let mut work = store.write().await.unwrap();
    let taken = work.outbox().claim(now, now.plus(CLAIM)).await.unwrap();
    work.commit().await.unwrap();
    taken
}

async fn remove(it: &StoreUnderTest, taken: &WaitingMail) -> bool {
    let mut work = it.write().await;
    let removed = work.outbox().remove(taken).await.unwrap();
    work.commit().await.unwrap();
    removed
}

async fn postpone(it: &StoreUnderTest, taken: &WaitingMail, due_at: Timestamp) -> bool {
    let mut work = it.write().await;
    let postponed = work.outbox().postpone(taken, due_at).await.unwrap();
    work.commit().await.unwrap();
    postponed
}

async fn list(it: &StoreUnderTest) -> Vec<WaitingMail> {
    it.store.read().await.unwrap().outbox().list(100).await.unwrap()
}

/// `put`, `list`, `count`: a mail is what was put, those first that are due first.
pub async fn a_mail_is_read_back_to_the_microsecond(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    for (n, &kind) in MailKind::ALL.iter().enumerate() {
        let created_at = START.plus(Duration::from_micros(n as u64));
        let expires_at = START.plus(Duration::from_micros(1_000_001));
        let mail = OutboxMail { kind, created_at, expires_at, content: vec![0, 255, 1], ..an_outbox_mail(&ann) };
        put(&it, &[&mail]).await;
        assert_eq!(list(&it).await.pop(), Some(WaitingMail { mail, due_at: created_at, attempts: 0 }));
    }
    let mails = it.store.read().await.unwrap().outbox().count().await.unwrap();
    assert_eq!(mails, MailKind::ALL.len() as u64);
    let first = it.store.read().await.unwrap().outbox().list(1).await.unwrap();
    assert_eq!(first.iter().map(|it| it.mail.kind).collect::<Vec<_>>(), MailKind::ALL[..1]);
}

/// `put`: with the act, or not at all.
pub async fn a_mail_that_is_not_committed_is_not_there(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    let mut work = it.write().await;
    work.outbox().put(&an_outbox_mail(&ann)).await.unwrap();
    drop(work);
    assert_eq!(claim(&*it.store, START).await, None);
}

/// `claim`: when it is due, counting the attempt, and again when the time is over.
pub async fn a_mail_is_taken_when_it_is_due_and_then_by_nobody_else_for_a_while(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    let mail = an_outbox_mail(&ann);
    put(&it, &[&mail]).await;
    assert_eq!(claim(&*it.store, START.minus(MICROSECOND)).await, None);
    let until = START.plus(CLAIM);
    let first = WaitingMail { mail: mail.clone(), due_at: until, attempts: 1 };
    assert_eq!(claim(&*it.store, START).await, Some(first));
    assert_eq!(claim(&*it.other, until.minus(MICROSECOND)).await, None);
    // Whoever has taken it is dead.
    let second = WaitingMail { mail, due_at: until.plus(CLAIM), attempts: 2 };
    assert_eq!(claim(&*it.other, until).await, Some(second));
}

/// `claim`: the mail that has been due for the longest time.
pub async fn mails_are_taken_in_the_order_in_which_they_are_due(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    let at = |micros| OutboxMail { created_at: START.plus(Duration::from_micros(micros)), ..an_outbox_mail(&ann) };
    let (second, first, third) = (at(1), at(0), at(2));
    put(&it, &[&second, &first, &third]).await;
    for mail in [first, second, third] {
        assert_eq!(claim(&*it.store, START.plus(MICROSECOND * 2)).await.unwrap().mail, mail);
    }
}

/// `claim`: of any number at once, exactly one gets a mail.
pub async fn of_a_crowd_each_takes_another_mail(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    let mails: Vec<_> = (0..CROWD / 2).map(|_| an_outbox_mail(&ann)).collect();
    put(&it, &mails.iter().collect::<Vec<_>>()).await;
    let stores = [&it.store, &it.other].into_iter().cycle().take(CROWD).cloned();
    let one = |store: Arc<dyn Store>| async move { claim(&*store, START).await.map(|taken| taken.mail.id) };
    let crowd: Vec<_> = stores.map(|store| tokio::spawn(one(store))).collect();
    let (mut taken, mut different) = (0, BTreeSet::new());
    for member in crowd {
        if let Some(id) = member.await.unwrap() {
            taken += 1;
            different.insert(id);
        }
    }
    assert_eq!(taken, different.len(), "nobody gets what another one has");
    while let Some(left) = claim(&*it.store, START).await {
        assert!(different.insert(left.mail.id));
    }
    assert_eq!(different.len(), mails.len());
}

/// `remove`, `postpone`: nothing is changed if somebody else has taken it since.
pub async fn whoever_has_taken_a_mail_last_removes_or_postpones_it(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    put(&it, &[&an_outbox_mail(&ann)]).await;
    let slow = claim(&*it.store, START).await.unwrap();
    let last = claim(&*it.other, START.plus(CLAIM)).await.unwrap();
    assert!(!remove(&it, &slow).await && !postpone(&it, &slow, START).await);
    assert_eq!(list(&it).await, std::slice::from_ref(&last));
    let later = START.plus(2 * CLAIM);
    assert!(postpone(&it, &last, later).await);
    assert_eq!(claim(&*it.store, later.minus(MICROSECOND)).await, None);
    let again = claim(&*it.store, later).await.unwrap();
    assert_eq!(again.attempts, 3);
    assert!(remove(&it, &again).await && !remove(&it, &again).await);
    assert_eq!(list(&it).await, []);
}

/// They are deleted with their account.
pub async fn a_mail_is_deleted_with_its_account(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    put(&it, &[&an_outbox_mail(&ann)]).await;
    let mut work = it.write().await;
    assert!(work.users().delete(ann.id).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(list(&it).await, []);
}
