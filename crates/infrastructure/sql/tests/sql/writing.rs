//! Whether something can be written: tried by writing.
use crate::raw::Raw;
use doorward_ports::outbound::StoreError;
use doorward_sql::{Database, Opening};
use doorward_sql_testing::{TestDatabase, opening};
use std::time::{Duration, Instant};

const WRITTEN: &str = "SELECT count(*) || ' ' || coalesce(max(n), 0) AS line FROM guards WHERE name = 'health'";

async fn is_tried_now_and_then(database: TestDatabase) {
    let (store, mut raw) = (database.open().store, Raw::open(&database).await);
    assert_eq!(raw.lines(WRITTEN).await, ["0 0"]);
    for _ in 0..3 {
        store.try_write().await.unwrap();
    }
    assert_eq!(raw.lines(WRITTEN).await, ["1 1"], "once, for the last time was a moment ago");
    database.open().store.try_write().await.unwrap();
    assert_eq!(raw.lines(WRITTEN).await, ["1 2"], "another process tries by itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_is_tried_now_and_then() {
    is_tried_now_and_then(TestDatabase::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_is_tried_now_and_then() {
    is_tried_now_and_then(TestDatabase::postgres().await).await;
}

/// SQLite says the same when the disk itself is full. What is there can still be read.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_sqlite_answers_and_can_not_be_written() {
    let database = TestDatabase::sqlite().await;
    let mut raw = Raw::open(&database).await;
    raw.run("VACUUM").await.unwrap();
    let pages = raw.lines("SELECT page_count || '' AS line FROM pragma_page_count").await.remove(0);
    let open = |url: &str| {
        let file = Database::parse(url).unwrap();
        file.open(opening()).store
    };
    let full = open(&format!("{}?max_pages={pages}", database.url()));
    full.ping().await.unwrap();
    for _ in 0..2 {
        let answer = full.try_write().await;
        assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    }
    open(database.url()).try_write().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sqlite_that_another_process_keeps_locked_can_not_be_written_in_bounded_time() {
    let database = TestDatabase::sqlite().await;
    let impatient = Opening { timeout: Duration::from_millis(200), ..opening() };
    let (store, mut raw) = (database.open_by(impatient).store, Raw::open(&database).await);
    raw.run("BEGIN IMMEDIATE").await.unwrap();
    let begun = Instant::now();
    assert!(matches!(store.try_write().await, Err(StoreError::Unavailable(_))));
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    store.ping().await.unwrap();
}
