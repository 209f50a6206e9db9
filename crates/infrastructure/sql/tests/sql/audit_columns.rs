//! What an operator may read of the audit log by their own tools: the contract's columns, as they stand there.
use crate::append_only::seal;
use crate::raw::Raw;
use doorward_ports::outbound::AuditEvent;
use doorward_sql_testing::TestDatabase;
use doorward_testkit::{a_user, an_event};
use serde_json::json;

const LINE: &str = "SELECT actor || ' ' || action || ' ' || subject || ' ' || outcome || ' ' || details AS line \
     FROM audit_events WHERE seq = 1";

async fn are_read_as_they_were_written(database: TestDatabase) {
    let ann = a_user("ann");
    let event = AuditEvent { details: json!({ "b": [1e30, 1.0], "aa": "local" }).into(), ..an_event(&ann) };
    let store = database.open().store;
    let mut work = store.write().await.unwrap();
    work.audit().append(&event).await.unwrap();
    work.commit().await.unwrap();
    seal(&*store).await;
    let details = r#"{"aa":"local","b":[1e+30,1]}"#;
    let expected = format!("user:{0} session.sign_in user:{0} success {details}", ann.id);
    assert_eq!(Raw::open(&database).await.lines(LINE).await, [expected]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_columns_of_sqlite_are_read_as_they_were_written() {
    are_read_as_they_were_written(TestDatabase::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_columns_of_postgres_are_read_as_they_were_written() {
    are_read_as_they_were_written(TestDatabase::postgres().await).await;
}
