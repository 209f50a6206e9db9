//! The audit log can't be changed by whoever holds a connection: the port has no way to try, so this does it by hand.
use crate::raw::Raw;
use doorward_sql_testing::TestDatabase;
use doorward_testkit::{a_user, an_event};

const COUNT: &str = "SELECT count(*) || ' by ' || min(actor) AS line FROM audit_events";

async fn refuses(database: TestDatabase, attempts: &[&str]) {
    let ann = a_user("ann");
    let mut work = database.open().store.write().await.unwrap();
    work.audit().append(&an_event(&ann)).await.unwrap();
    work.commit().await.unwrap();
    let mut raw = Raw::open(&database).await;
    let before = raw.lines(COUNT).await;
    assert_eq!(before, [format!("1 by user:{}", ann.id)]);
    for attempt in attempts {
        assert_eq!(raw.run(attempt).await, Err("audit_events is append-only".to_owned()), "{attempt}");
    }
    assert_eq!(raw.lines(COUNT).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_refuses_to_change_or_remove_a_line() {
    let replace = "INSERT OR REPLACE INTO audit_events SELECT seq, id, occurred_at, 'x', action, subject, account_id, \
         outcome, correlation_id, details FROM audit_events";
    let database = TestDatabase::sqlite().await;
    refuses(database, &["UPDATE audit_events SET actor = 'x'", "DELETE FROM audit_events", replace]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_refuses_to_change_or_remove_a_line() {
    let database = TestDatabase::postgres().await;
    let truncate = "TRUNCATE audit_events CASCADE";
    refuses(database, &["UPDATE audit_events SET actor = 'x'", "DELETE FROM audit_events", truncate]).await;
}
