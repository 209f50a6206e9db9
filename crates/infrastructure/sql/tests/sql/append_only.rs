//! The audit log can't be changed by whoever holds a connection: the port has no way to try, so this does it by hand.
use crate::raw::Raw;
use doorward_ports::outbound::Store;
use doorward_sql_testing::TestDatabase;
use doorward_testkit::{a_seal, a_user, an_anchor, an_event};

const COUNT: &str = "SELECT count(*) || ' by ' || min(actor) AS line FROM audit_events";

async fn refuses_each(raw: &mut Raw, attempts: &[&str]) {
    for attempt in attempts {
        assert_eq!(raw.run(attempt).await, Err("audit_events is append-only".to_owned()), "{attempt}");
    }
}

pub async fn seal(store: &dyn Store) {
    let mut work = store.write().await.unwrap();
    let unsealed = work.audit_chain().unsealed(10).await.unwrap();
    let (seal, lines) = a_seal(None, unsealed);
    assert!(work.audit_chain().seal(&seal, &lines).await.unwrap());
    work.commit().await.unwrap();
}

/// A line that comes with a number was never sealed.
#[tokio::test(flavor = "multi_thread")]
async fn a_line_is_not_inserted_with_a_number() {
    for database in [TestDatabase::sqlite().await, TestDatabase::postgres().await] {
        let store = database.open().store;
        let mut work = store.write().await.unwrap();
        work.audit().append(&an_event(&a_user("ann"))).await.unwrap();
        work.commit().await.unwrap();
        let id = if database.url().starts_with("sqlite") { "randomblob(16)" } else { "gen_random_uuid()" };
        let insert = format!(
            "INSERT INTO audit_events (id, occurred_at, actor, action, outcome, correlation_id, details, seq, link) \
             SELECT {id}, occurred_at, actor, action, outcome, correlation_id, details, 7, {link} FROM audit_events",
            link = if database.url().starts_with("sqlite") { "x'00'" } else { "'x'::bytea" }
        );
        refuses_each(&mut Raw::open(&database).await, &[&insert]).await;
    }
}

async fn refuses(database: TestDatabase, attempts: &[&str]) {
    let (ann, store) = (a_user("ann"), database.open().store);
    let mut work = store.write().await.unwrap();
    work.audit().append(&an_event(&ann)).await.unwrap();
    work.commit().await.unwrap();
    let mut raw = Raw::open(&database).await;
    let before = raw.lines(COUNT).await;
    assert_eq!(before, [format!("1 by user:{}", ann.id)]);
    refuses_each(&mut raw, attempts).await;
    refuses_each(&mut raw, &["UPDATE audit_events SET seq = 1, actor = 'x'"]).await;
    seal(&*store).await;
    refuses_each(&mut raw, attempts).await;
    refuses_each(&mut raw, &["UPDATE audit_events SET seq = 2", "UPDATE audit_events SET seq = NULL, link = NULL"])
        .await;
    assert_eq!(raw.lines(COUNT).await, before);
}

/// The anchor of a prune opens nothing but the lines that the prune has deleted.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_prune_no_further_line_can_be_removed() {
    for database in [TestDatabase::sqlite().await, TestDatabase::postgres().await] {
        let (ann, store) = (a_user("ann"), database.open().store);
        let mut work = store.write().await.unwrap();
        let mut seals = Vec::new();
        for _ in 0..2 {
            work.audit().append(&an_event(&ann)).await.unwrap();
            let (seal, lines) = a_seal(seals.last(), work.audit_chain().unsealed(10).await.unwrap());
            assert!(work.audit_chain().seal(&seal, &lines).await.unwrap());
            seals.push(seal);
        }
        work.audit().append(&an_event(&ann)).await.unwrap();
        assert_eq!(work.audit_chain().prune(&an_anchor(&seals[0])).await.unwrap(), 1);
        work.commit().await.unwrap();
        let mut raw = Raw::open(&database).await;
        raw.run("DELETE FROM audit_personal_details").await.unwrap();
        let attempts = [
            "DELETE FROM audit_events WHERE seq = 2",
            "DELETE FROM audit_events WHERE seq IS NULL",
            "UPDATE audit_events SET details = '{}' WHERE seq = 2",
        ];
        refuses_each(&mut raw, &attempts).await;
        assert_eq!(raw.lines(COUNT).await, [format!("2 by user:{}", ann.id)]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_refuses_to_change_or_remove_a_line() {
    let replace = "INSERT OR REPLACE INTO audit_events SELECT id, occurred_at, 'x', action, subject, account_id, \
         outcome, correlation_id, details, seq, link, personal_digest FROM audit_events";
    let database = TestDatabase::sqlite().await;
    refuses(database, &["UPDATE audit_events SET actor = 'x'", "DELETE FROM audit_events", replace]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_refuses_to_change_or_remove_a_line() {
    let database = TestDatabase::postgres().await;
    let truncate = "TRUNCATE audit_events CASCADE";
    refuses(database, &["UPDATE audit_events SET actor = 'x'", "DELETE FROM audit_events", truncate]).await;
}
