//! The store as it is watched: what it tells, in which order, and that it tells of no line that was rolled back.
use doorward_domain::RoleName;
use doorward_ports::outbound::{AllProviders, AuditEvent, Lookup, OpenedStore, StoreObserver, StoreOperation};
use doorward_sql::Opening;
use doorward_sql_testing::{TestDatabase, opening};
use doorward_testkit::{START, a_grant, a_session, a_user, an_event, an_exchange};
use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

/// What was told since the last time it was asked.
#[derive(Default)]
struct Told {
    operations: Mutex<Vec<&'static str>>,
    lines: Mutex<Vec<AuditEvent>>,
}

impl Told {
    fn operations(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.operations.lock().unwrap())
    }

    fn lines(&self) -> Vec<AuditEvent> {
        std::mem::take(&mut *self.lines.lock().unwrap())
    }
}

impl StoreObserver for Told {
    fn took(&self, operation: StoreOperation, _: Duration) {
        self.operations.lock().unwrap().push(operation.as_str());
    }

    fn committed(&self, lines: &[AuditEvent]) {
        self.lines.lock().unwrap().extend_from_slice(lines);
    }
}

fn watched(database: &TestDatabase) -> (OpenedStore, Arc<Told>) {
    let told = Arc::new(Told::default());
    (database.open_by(Opening { observer: told.clone(), ..opening() }), told)
}

async fn tells_what_it_did(database: TestDatabase) {
    let (OpenedStore { store, .. }, told) = watched(&database);
    store.read().await.unwrap().users().any().await.unwrap();
    assert_eq!(told.operations(), ["open_read", "read"]);
    drop(store.snapshot().await.unwrap());
    assert_eq!(told.operations(), ["open_snapshot", "snapshot"]);
    drop(store.write().await.unwrap());
    assert_eq!(told.operations(), ["open_write", "write"]);
    store.write().await.unwrap().commit().await.unwrap();
    assert_eq!(told.operations(), ["open_write", "write", "commit"]);
    store.ping().await.unwrap();
    assert_eq!(told.operations(), ["ping"]);
    let unknown = a_session(&a_user("nobody"));
    store.exchange(unknown.id, &an_exchange(&unknown, START)).await.unwrap();
    assert_eq!(told.operations(), ["exchange"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_tells_what_it_did() {
    tells_what_it_did(TestDatabase::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_tells_what_it_did() {
    tells_what_it_did(TestDatabase::postgres().await).await;
}

async fn looks_up<K: Sync, V>(lookup: &dyn Lookup<K, V>, key: K, told: &Told) -> Vec<&'static str> {
    lookup.find(&key).await.unwrap();
    lookup.find_many(&[key]).await.unwrap();
    told.operations()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_tells_what_was_looked_up_one_by_one_and_together() {
    let database = TestDatabase::sqlite().await;
    let (opened, told) = watched(&database);
    let ann = a_user("ann");
    let session = a_session(&ann).id;
    assert_eq!(looks_up(&*opened.session_states, session, &told).await, ["session_state"; 2]);
    assert_eq!(looks_up(&*opened.client_states, a_grant(), &told).await, ["client_state"; 2]);
    assert_eq!(looks_up(&*opened.users, ann.id, &told).await, ["user"; 2]);
    assert_eq!(looks_up(&*opened.roles, RoleName::admin(), &told).await, ["role"; 2]);
    assert_eq!(looks_up(&*opened.providers, AllProviders, &told).await, ["providers"; 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_tells_of_what_fails_too() {
    let database = TestDatabase::sqlite().await;
    let (OpenedStore { store, users, .. }, told) = watched(&database);
    std::fs::remove_file(database.url().strip_prefix("sqlite://").unwrap()).unwrap();
    assert!(store.write().await.is_err());
    assert!(store.read().await.is_err());
    assert!(users.find(&a_user("ann").id).await.is_err());
    assert_eq!(told.operations(), ["open_write", "open_read", "user"]);
}

async fn tells_of_lines_that_are_durable(database: TestDatabase) {
    let (OpenedStore { store, .. }, told) = watched(&database);
    let ann = a_user("ann");
    let [first, second] = [an_event(&ann), an_event(&ann)];
    let mut work = store.write().await.unwrap();
    work.audit().append(&first).await.unwrap();
    drop(work);
    assert_eq!(told.lines(), [], "rolled back");
    let mut work = store.write().await.unwrap();
    work.audit().append(&first).await.unwrap();
    work.audit().append(&second).await.unwrap();
    assert_eq!(told.lines(), [], "not committed yet");
    work.commit().await.unwrap();
    assert_eq!(told.lines(), [first, second]);
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_tells_of_lines_once_they_are_durable() {
    tells_of_lines_that_are_durable(TestDatabase::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_tells_of_lines_once_they_are_durable() {
    tells_of_lines_that_are_durable(TestDatabase::postgres().await).await;
}

/// A client that hangs up must not part the commit from what is told of it.
#[tokio::test(flavor = "multi_thread")]
async fn it_tells_of_a_commit_that_nobody_waits_for() {
    let database = TestDatabase::sqlite().await;
    let (OpenedStore { store, .. }, told) = watched(&database);
    let event = an_event(&a_user("ann"));
    let mut work = store.write().await.unwrap();
    work.audit().append(&event).await.unwrap();
    let mut commit = work.commit();
    assert!(poll_fn(|cx| Poll::Ready(commit.as_mut().poll(cx).is_pending())).await);
    drop(commit);
    // The one writer is free once the commit has ended, a moment before the observer is told.
    drop(store.write().await.unwrap());
    let lines = async {
        loop {
            let lines = told.lines();
            if !lines.is_empty() {
                return lines;
            }
            tokio::task::yield_now().await;
        }
    };
    let lines = tokio::time::timeout(Duration::from_secs(5), lines).await;
    assert_eq!(lines.expect("it is told"), [event]);
}
