//! Exchanges of refresh tokens that meet on SQLite are done together, and each is answered what it would be alone.
use crate::raw::Raw;
use doorward_domain::Session;
use doorward_ports::outbound::{Store, StoreError};
use doorward_ports::usage::{CallKind, Usage};
use doorward_sql::Opening;
use doorward_sql_testing::{TestDatabase, opening};
use doorward_testkit::{START, a_session, a_user, an_exchange};
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

type Answer = Result<Option<Session>, StoreError>;
type Exchanging<'a> = Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;

async fn sessions(store: &dyn Store, many: usize) -> Vec<Session> {
    let ann = a_user("ann");
    let sessions: Vec<_> = (0..many).map(|_| a_session(&ann)).collect();
    let mut work = store.write().await.unwrap();
    work.users().insert(&ann, None).await.unwrap();
    for session in &sessions {
        work.sessions().insert(session).await.unwrap();
    }
    work.commit().await.unwrap();
    sessions
}

/// Asks for the exchange of each session's token while somebody holds the writer.
async fn asked<'a>(store: &'a dyn Store, sessions: &'a [Session]) -> Vec<Exchanging<'a>> {
    let mut exchanging: Vec<Exchanging<'a>> = Vec::new();
    for session in sessions {
        let mut one: Exchanging<'a> =
            Box::pin(async move { store.exchange(session.id, &an_exchange(session, START)).await });
        assert!(poll_fn(|cx| Poll::Ready(one.as_mut().poll(cx).is_pending())).await, "the writer is held");
        exchanging.push(one);
    }
    exchanging
}

async fn answers(exchanging: Vec<Exchanging<'_>>) -> Vec<Answer> {
    let mut answers = Vec::new();
    for one in exchanging {
        answers.push(one.await);
    }
    answers
}

async fn generation(store: &dyn Store, session: &Session) -> i64 {
    store.read().await.unwrap().sessions().by_id(session.id).await.unwrap().unwrap().family.current.number
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_cannot_be_done_keeps_none_of_those_it_meets_from_it() {
    let database = TestDatabase::sqlite().await;
    let store = database.open().store;
    let sessions = sessions(&*store, 9).await;
    let mut raw = Raw::open(&database).await;
    raw.run(&format!("UPDATE sessions SET authentications = '[]' WHERE id = x'{}'", sessions[4].id.as_uuid().simple()))
        .await
        .unwrap();
    let held = store.write().await.unwrap();
    let exchanging = asked(&*store, &sessions).await;
    drop(held);
    for (n, answer) in answers(exchanging).await.into_iter().enumerate() {
        match answer {
            Ok(Some(session)) if n != 4 => assert_eq!((session.id, session.family.current.number), (sessions[n].id, 2)),
            Err(StoreError::Corrupt { table: "sessions", .. }) if n == 4 => {}
            other => panic!("{n}: {other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn those_that_meet_are_counted_each_for_its_own_request() {
    let database = TestDatabase::sqlite().await;
    let store = database.open().store;
    let sessions = sessions(&*store, 32).await;
    let usages: Vec<Arc<Usage>> = sessions.iter().map(|_| Arc::default()).collect();
    let held = store.write().await.unwrap();
    let mut exchanging: Vec<Exchanging<'_>> = Vec::new();
    for (session, usage) in sessions.iter().zip(&usages) {
        let exchange = an_exchange(session, START);
        let store = &store;
        let mut one: Exchanging<'_> = Box::pin(Usage::during(Some(usage.clone()), async move {
            // Half of the requests send a second statement, so that a count for the wrong request shows.
            if session.id.as_uuid().as_u128().is_multiple_of(2) {
                store.read().await.unwrap().sessions().by_id(session.id).await.unwrap();
            }
            store.exchange(session.id, &exchange).await
        }));
        let _ = poll_fn(|cx| Poll::Ready(one.as_mut().poll(cx).is_pending())).await;
        exchanging.push(one);
    }
    drop(held);
    assert!(answers(exchanging).await.into_iter().all(|answer| answer.unwrap().is_some()));
    for (session, usage) in sessions.iter().zip(&usages) {
        let more = u64::from(session.id.as_uuid().as_u128().is_multiple_of(2));
        assert_eq!(usage.statements(), 1 + more);
        assert!(usage.waited(CallKind::Store) > Duration::ZERO);
    }
}

/// Its client has the token that was shown, and may show it again at any time.
#[tokio::test(flavor = "multi_thread")]
async fn one_given_up_while_it_waits_is_not_done() {
    let database = TestDatabase::sqlite().await;
    let store = database.open().store;
    let sessions = sessions(&*store, 3).await;
    let held = store.write().await.unwrap();
    let mut exchanging = asked(&*store, &sessions).await;
    drop(exchanging.remove(1));
    drop(held);
    assert!(answers(exchanging).await.into_iter().all(|answer| answer.unwrap().is_some()));
    for (session, expected) in sessions.iter().zip([2, 1, 2]) {
        assert_eq!(generation(&*store, session).await, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_are_told_in_bounded_time_that_another_process_writes() {
    let database = TestDatabase::sqlite().await;
    let impatient = Opening { timeout: Duration::from_millis(200), ..opening() };
    let store = database.open_by(impatient).store;
    let sessions = sessions(&*store, 5).await;
    let mut raw = Raw::open(&database).await;
    raw.run("BEGIN IMMEDIATE").await.unwrap();
    let begun = Instant::now();
    for answer in answers(asked(&*store, &sessions).await).await {
        assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    }
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    raw.run("COMMIT").await.unwrap();
    for session in &sessions {
        assert!(store.exchange(session.id, &an_exchange(session, START)).await.unwrap().is_some());
    }
}

/// Nothing of it stays behind that would keep the file open.
#[tokio::test(flavor = "multi_thread")]
async fn the_thread_ends_with_its_store() {
    let database = TestDatabase::sqlite().await;
    let opened = database.open();
    let session = sessions(&*opened.store, 1).await.remove(0);
    opened.store.exchange(session.id, &an_exchange(&session, START)).await.unwrap().unwrap();
    drop(opened);
    let wal = format!("{}-wal", database.url().strip_prefix("sqlite://").unwrap());
    let closed = async {
        while std::fs::exists(&wal).unwrap() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), closed).await.expect("the last connection takes the WAL away");
}
