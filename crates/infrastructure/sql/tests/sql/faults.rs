//! What goes wrong with databases: the answer is "unavailable", it comes in bounded time, and the store heals by itself.
use crate::raw::Raw;
use doorward_ports::outbound::{Guard, Store, StoreError};
use doorward_sql::{Database, Opening};
use doorward_sql_testing::{TestDatabase, opening};
use doorward_testkit::a_user;
use std::sync::Arc;
use std::time::{Duration, Instant};

const IMPATIENT: Duration = Duration::from_millis(200);
const AT_ONCE: Duration = Duration::from_secs(1);

fn open(url: &str) -> Arc<dyn Store> {
    Database::parse(url).unwrap().open(opening()).store
}

fn unavailable<T>(answer: &Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::Unavailable(_)))
}

async fn add(store: &dyn Store, name: &str) -> Result<(), StoreError> {
    let mut work = store.write().await?;
    work.users().insert(&a_user(name), None).await?;
    work.commit().await
}

/// SQLite says the same when the disk itself is full.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_sqlite_is_unavailable_for_writing_until_there_is_room() {
    let database = TestDatabase::sqlite().await;
    let mut raw = Raw::open(&database).await;
    let pages = raw.lines("SELECT (page_count + 8) || '' AS line FROM pragma_page_count").await.remove(0);
    let store = open(&format!("{}?max_pages={pages}", database.url()));
    let mut refusal = Ok(());
    let mut written = 0;
    while refusal.is_ok() && written < 10_000 {
        refusal = add(&*store, &format!("user{written}")).await;
        written += 1;
    }
    assert!(unavailable(&refusal), "{refusal:?}");
    assert!(unavailable(&add(&*store, "another").await), "still full");
    assert!(store.read().await.unwrap().users().any().await.unwrap(), "reading goes on");

    raw.run("DELETE FROM users").await.unwrap();
    add(&*store, "ann").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sqlite_file_that_is_away_is_unavailable_until_it_is_back() {
    let database = TestDatabase::sqlite().await;
    let store = database.open().store;
    let path = database.url().strip_prefix("sqlite://").unwrap();
    let away = format!("{path}.away");
    std::fs::rename(path, &away).unwrap();
    assert!(unavailable(&add(&*store, "ann").await));
    assert!(unavailable(&store.ping().await));
    assert!(!std::path::Path::new(path).exists(), "no empty one is made instead");
    std::fs::rename(&away, path).unwrap();
    add(&*store, "ann").await.unwrap();
    store.ping().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sqlite_file_that_is_no_database_is_unavailable_until_it_is_restored() {
    let database = TestDatabase::sqlite().await;
    let store = database.open().store;
    let path = database.url().strip_prefix("sqlite://").unwrap();
    let good = std::fs::read(path).unwrap();
    std::fs::write(path, b"this is not a database, nor was it ever one").unwrap();
    assert!(unavailable(&add(&*store, "ann").await));
    std::fs::write(path, good).unwrap();
    add(&*store, "ann").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sqlite_that_another_process_writes_to_is_unavailable_in_bounded_time() {
    let database = TestDatabase::sqlite().await;
    let store = database.open_by(Opening { timeout: IMPATIENT, ..opening() }).store;
    let mut raw = Raw::open(&database).await;
    raw.run("BEGIN IMMEDIATE").await.unwrap();
    let begun = Instant::now();
    assert!(unavailable(&add(&*store, "ann").await));
    assert!(begun.elapsed() < AT_ONCE, "{:?}", begun.elapsed());
    raw.run("COMMIT").await.unwrap();
    add(&*store, "ann").await.unwrap();
}

async fn without_a_free_connection(database: TestDatabase) {
    let store = database.open_by(Opening { timeout: IMPATIENT, pool_size: 1, ..opening() }).store;
    let held = store.write().await.unwrap();
    let begun = Instant::now();
    assert!(unavailable(&store.write().await.map(drop)));
    assert!(begun.elapsed() < AT_ONCE, "{:?}", begun.elapsed());
    drop(held);
    add(&*store, "ann").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_writer_of_sqlite_is_unavailable_in_bounded_time() {
    without_a_free_connection(TestDatabase::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_pool_of_postgres_is_unavailable_in_bounded_time() {
    without_a_free_connection(TestDatabase::postgres().await).await;
}

const TERMINATE: &str = "SELECT pg_terminate_backend(pid)::text AS line FROM pg_stat_activity \
     WHERE datname = current_database() AND pid <> pg_backend_pid()";

/// As in a restart of PostgreSQL: every connection, in use or not, is closed by the server.
#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_that_closes_its_connections_is_unavailable_and_then_answers_again() {
    let database = TestDatabase::postgres().await;
    let store = database.open().store;
    let mut raw = Raw::open(&database).await;
    let mut idle = Vec::new();
    for _ in 0..4 {
        idle.push(store.read().await.unwrap());
    }
    let mut work = store.write().await.unwrap();
    work.users().insert(&a_user("ann"), None).await.unwrap();
    drop(idle);
    assert!(!raw.lines(TERMINATE).await.is_empty());
    assert!(unavailable(&work.users().any().await));
    assert!(work.commit().await.is_err());

    tokio::time::sleep(Duration::from_millis(100)).await;
    for _ in 0..8 {
        assert!(!store.read().await.unwrap().users().any().await.unwrap());
    }
    add(&*store, "ann").await.unwrap();
}

/// The answer to COMMIT is lost: nobody knows, so no action runs.
#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_postgres_does_not_answer_is_unavailable() {
    let database = TestDatabase::postgres().await;
    let store = database.open().store;
    let mut work = store.write().await.unwrap();
    work.users().insert(&a_user("ann"), None).await.unwrap();
    work.after_commit(Box::new(|| panic!("nothing was committed")));
    Raw::open(&database).await.lines(TERMINATE).await;
    assert!(unavailable(&work.commit().await));
    assert!(!store.read().await.unwrap().users().any().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_of_postgres_that_is_not_free_in_time_is_unavailable() {
    let database = TestDatabase::postgres().await;
    let store = database.open_by(Opening { timeout: IMPATIENT, ..opening() }).store;
    let mut first = store.write().await.unwrap();
    first.guard(Guard::LastAdmin).await.unwrap();
    let mut second = store.write().await.unwrap();
    let begun = Instant::now();
    assert!(unavailable(&second.guard(Guard::LastAdmin).await));
    assert!(begun.elapsed() < AT_ONCE, "{:?}", begun.elapsed());
}

/// Closing the connection alone would leave the statement waiting, and its earlier locks held.
#[tokio::test(flavor = "multi_thread")]
async fn a_work_given_up_while_it_waits_for_a_lock_of_postgres_frees_its_other_locks_at_once() {
    let database = TestDatabase::postgres().await;
    let store = database.open().store;
    let mut first = store.write().await.unwrap();
    first.guard(Guard::LastAdmin).await.unwrap();
    let mut second = store.write().await.unwrap();
    second.guard(Guard::Bootstrap).await.unwrap();
    let waiting = tokio::spawn(async move { second.guard(Guard::LastAdmin).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    waiting.abort();
    let mut third = store.write().await.unwrap();
    tokio::time::timeout(AT_ONCE, third.guard(Guard::Bootstrap)).await.expect("the lock is free").unwrap();
}

/// The tests' server speaks no TLS: `require` must not fall back to plain text, `prefer` must.
#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_without_tls_is_refused_where_tls_is_required() {
    let database = TestDatabase::postgres().await;
    let with = |mode| open(&format!("{}?sslmode={mode}", database.url()));
    assert!(unavailable(&with("require").ping().await));
    assert!(unavailable(&with("verify-full").ping().await));
    with("prefer").ping().await.unwrap();
    with("disable").ping().await.unwrap();
}

/// The words are in whatever language the server speaks: what counts is the code, as PostgreSQL's documentation lists it.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_postgres_is_told_by_its_code_and_not_by_its_words() {
    let database = TestDatabase::postgres().await;
    let (store, mut raw) = (database.open().store, Raw::open(&database).await);
    // A lock, a statement and an idle transaction that took too long, a deadlock, serialization, a disk and memory that are
    // full, no more connections, a server that stops, a standby and what it says of read-write.
    let to_come_back =
        ["55P03", "57014", "25P03", "40P01", "40001", "53100", "53200", "53300", "57P01", "57P03", "25006", "0A000"];
    let ours = ["23502", "23503", "23514"];
    for (code, comes_back) in to_come_back.map(|code| (code, true)).into_iter().chain(ours.map(|code| (code, false))) {
        let refusing = format!(
            "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                 RAISE EXCEPTION 'das geht jetzt nicht' USING ERRCODE = '{code}'; END $$; \
             DROP TRIGGER IF EXISTS refuse ON users; \
             CREATE TRIGGER refuse BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION refuse()"
        );
        raw.run(&refusing).await.unwrap();
        let answer = add(&*store, "ann").await;
        assert!(answer.is_err());
        assert_eq!(unavailable(&answer), comes_back, "{code}: {answer:?}");
    }
    raw.run("DROP TRIGGER refuse ON users").await.unwrap();
    add(&*store, "ann").await.unwrap();
}

async fn tells_of_corrupt_rows(database: TestDatabase) {
    let ann = a_user("ann");
    let store = database.open().store;
    let mut work = store.write().await.unwrap();
    work.users().insert(&ann, None).await.unwrap();
    work.commit().await.unwrap();
    Raw::open(&database).await.run("UPDATE users SET email = 'nowhere'").await.unwrap();
    let answer = store.read().await.unwrap().users().by_id(ann.id).await;
    let Err(StoreError::Corrupt { table: "users", row, .. }) = answer else { panic!("{answer:?}") };
    assert_eq!(row, ann.id.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_of_sqlite_that_the_types_forbid_is_named() {
    tells_of_corrupt_rows(TestDatabase::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_of_postgres_that_the_types_forbid_is_named() {
    tells_of_corrupt_rows(TestDatabase::postgres().await).await;
}
