//! What units of work promise: above all, what happens when one is given up in the middle.
use super::{AT_ONCE, StoreUnderTest};
use crate::{START, a_user};
use doorward_ports::outbound::WriteWork;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

/// Lets the future do what it can do at once, so many times, and then gives it up.
async fn give_up_after<F: Future + ?Sized>(polls: usize, mut future: Pin<Box<F>>) {
    for _ in 0..polls {
        if poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_ready())).await {
            return;
        }
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
}

async fn until(what: impl Fn() -> bool) {
    let waiting = async {
        while !what() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(AT_ONCE, waiting).await.expect("it happens at once");
}

/// Also when locks are held.
pub async fn dropped_uncommitted_it_is_rolled_back_and_others_write_at_once(it: StoreUnderTest) {
    let (ann, bob) = (a_user("ann"), a_user("bob"));
    it.having(&[&ann]).await;
    for _ in 0..20 {
        let mut work = it.write().await;
        work.users().lock(ann.id).await.unwrap();
        work.users().insert(&bob, None).await.unwrap();
        drop(work);
        let mut next = tokio::time::timeout(AT_ONCE, it.other.write()).await.expect("no lock is left").unwrap();
        let locked = tokio::time::timeout(AT_ONCE, next.users().lock(ann.id)).await.expect("no lock is left");
        assert_eq!(locked.unwrap(), Some(ann.clone()));
        assert_eq!(next.users().by_id(bob.id).await.unwrap(), None);
    }
}

/// A failed statement's work is void: a commit must not pass for one.
pub async fn a_void_work_is_not_committed(it: StoreUnderTest) {
    let (ann, bob) = (a_user("ann"), a_user("bob"));
    it.having(&[&ann]).await;
    let ran = Arc::new(AtomicBool::new(false));
    let mut work = it.write().await;
    work.users().insert(&bob, None).await.unwrap();
    assert!(work.users().insert(&a_user("ann"), None).await.is_err());
    let flag = ran.clone();
    work.after_commit(Box::new(move || flag.store(true, Ordering::SeqCst)));
    assert!(work.commit().await.is_err());
    assert_eq!(it.user(&bob).await, None);
    assert!(!ran.load(Ordering::SeqCst));
    it.others_can_write().await;
}

/// At any moment of it.
pub async fn cancelled_in_begin_it_leaves_no_lock(it: StoreUnderTest) {
    for polls in 1..40 {
        let store = it.store.clone();
        give_up_after(polls, Box::pin(async move { store.write().await.map(drop) })).await;
        let store = it.store.clone();
        let given_up =
            tokio::time::timeout(Duration::from_micros(polls as u64 * 20), async move { store.write().await });
        drop(given_up.await);
        it.others_can_write().await;
    }
}

/// In the queue for an embedded store's one writer, or for a connection.
pub async fn cancelled_while_waiting_for_its_turn_it_leaves_no_lock(it: StoreUnderTest) {
    let mut first = it.write().await;
    first.users().insert(&a_user("ann"), None).await.unwrap();
    for _ in 0..20 {
        let store = it.store.clone();
        let waiting = tokio::spawn(async move { store.write().await.map(drop) });
        tokio::time::sleep(Duration::from_millis(2)).await;
        waiting.abort();
    }
    first.commit().await.unwrap();
    it.others_can_write().await;
    drop(tokio::time::timeout(AT_ONCE, it.store.write()).await.expect("its turn has come").unwrap());
}

/// As a client does that hangs up.
pub async fn cancelled_in_a_statement_it_is_rolled_back_and_others_write_at_once(it: StoreUnderTest) {
    for polls in 1..20 {
        let ann = a_user("ann");
        let mut work = it.write().await;
        give_up_after(polls, work.users().insert(&ann, None)).await;
        drop(work);
        it.others_can_write().await;
        assert_eq!(it.user(&ann).await, None);
    }
}

/// Once begun it is finished, also when the caller stops waiting.
pub async fn cancelled_in_commit_it_is_finished_and_its_actions_run(it: StoreUnderTest) {
    for polls in 1..20 {
        let ran = Arc::new(AtomicBool::new(false));
        let flag = ran.clone();
        let user = a_user(&format!("ann{polls}"));
        let mut work = it.write().await;
        work.users().insert(&user, None).await.unwrap();
        work.after_commit(Box::new(move || flag.store(true, Ordering::SeqCst)));
        give_up_after(polls, work.commit()).await;
        until(|| ran.load(Ordering::SeqCst)).await;
        assert_eq!(it.user(&user).await, Some(user));
        it.others_can_write().await;
    }
}

/// When the caller is answered they have run.
pub async fn actions_run_in_order_once_what_was_written_is_there(it: StoreUnderTest) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let mut work = it.write().await;
    work.users().insert(&a_user("ann"), None).await.unwrap();
    for n in 0..3 {
        let told = told.clone();
        work.after_commit(Box::new(move || told.lock().unwrap().push(n)));
    }
    assert!(told.lock().unwrap().is_empty());
    work.commit().await.unwrap();
    assert_eq!(*told.lock().unwrap(), [0, 1, 2]);
}

/// What is durable is answered as such.
pub async fn a_panic_in_an_action_keeps_no_other_from_running(it: StoreUnderTest) {
    let ran = Arc::new(AtomicBool::new(false));
    let mut work = it.write().await;
    work.after_commit(Box::new(|| panic!("as a test wants it")));
    let flag = ran.clone();
    work.after_commit(Box::new(move || flag.store(true, Ordering::SeqCst)));
    work.commit().await.unwrap();
    assert!(ran.load(Ordering::SeqCst));
}

/// `after_commit`: never.
pub async fn actions_do_not_run_after_a_rollback(it: StoreUnderTest) {
    let ran = Arc::new(AtomicBool::new(false));
    let flag = ran.clone();
    let mut work = it.write().await;
    work.after_commit(Box::new(move || flag.store(true, Ordering::SeqCst)));
    drop(work);
    it.others_can_write().await;
    assert!(!ran.load(Ordering::SeqCst));
}

/// `snapshot`: from its first statement on; the next one sees what has come.
pub async fn a_snapshot_sees_one_moment(it: StoreUnderTest) {
    let (ann, bob) = (a_user("ann"), a_user("bob"));
    it.having(&[&ann]).await;
    let mut snapshot = it.store.snapshot().await.unwrap();
    assert!(snapshot.users().any().await.unwrap());
    it.having(&[&bob]).await;
    assert_eq!(snapshot.users().by_id(bob.id).await.unwrap(), None);
    drop(snapshot);
    let mut next = it.store.snapshot().await.unwrap();
    assert_eq!(next.users().by_id(bob.id).await.unwrap(), Some(bob));
}

/// At least READ COMMITTED.
pub async fn what_is_not_committed_is_seen_by_nobody_else(it: StoreUnderTest) {
    let ann = a_user("ann");
    let mut work = it.write().await;
    work.users().insert(&ann, None).await.unwrap();
    assert_eq!(work.users().by_id(ann.id).await.unwrap(), Some(ann.clone()));
    assert_eq!(it.user(&ann).await, None);
    assert_eq!(it.other.read().await.unwrap().users().by_id(ann.id).await.unwrap(), None);
    work.commit().await.unwrap();
    assert_eq!(it.other.read().await.unwrap().users().by_id(ann.id).await.unwrap(), Some(ann));
}

/// A writer keeps no reader waiting.
pub async fn reading_goes_on_while_another_writes(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    let mut work: Box<dyn WriteWork> = it.write().await;
    work.users().note_sign_in(ann.id, START).await.unwrap();
    let read = tokio::time::timeout(AT_ONCE, it.user(&ann)).await.expect("a reader waits for a writer");
    assert_eq!(read, Some(ann));
    work.commit().await.unwrap();
}

/// Connections whose statement was given up are replaced, not lost.
pub async fn reads_cancelled_at_any_moment_cost_the_store_nothing(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    for round in 0..60 {
        let mut read = it.store.read().await.unwrap();
        give_up_after(round % 6, read.users().by_id(ann.id)).await;
        drop(read);
        let mut snapshot = it.store.snapshot().await.unwrap();
        give_up_after(round % 6, snapshot.users().by_id(ann.id)).await;
        drop(snapshot);
        let states = it.session_states.clone();
        let id = crate::a_session(&ann).id;
        give_up_after(round % 6, Box::pin(async move { states.find(&id).await })).await;
    }
    let read = tokio::time::timeout(AT_ONCE, it.user(&ann)).await.expect("a connection is free");
    assert_eq!(read, Some(ann));
}

/// `ping`, `try_write`.
pub async fn it_answers_when_asked(it: StoreUnderTest) {
    tokio::time::timeout(AT_ONCE, it.store.ping()).await.expect("at once").unwrap();
    tokio::time::timeout(AT_ONCE, it.store.try_write()).await.expect("at once").unwrap();
}
