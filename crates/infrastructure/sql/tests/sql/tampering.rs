//! An attacker who owns the database, and has dropped its triggers: what they do to the log shows, with the first bad line.
use crate::raw::Raw;
use doorward_domain::{AuditFault, AuditSeal, BadLine, Verification, Verified};
use doorward_ports::outbound::Store;
use doorward_sql_testing::TestDatabase;
use doorward_testkit::{a_seal, a_user, an_event};

const DROP_ON_SQLITE: &str = "DROP TRIGGER audit_events_no_update; DROP TRIGGER audit_events_no_delete; \
     DROP TRIGGER audit_events_no_replace";
const DROP_ON_POSTGRES: &str = "ALTER TABLE audit_events DISABLE TRIGGER USER";

/// What is run, the line that must be named, and why.
const TAMPERINGS: &[(&str, i64, AuditFault)] = &[
    ("UPDATE audit_events SET actor = 'operator' WHERE seq = 4", 4, AuditFault::Changed),
    ("UPDATE audit_events SET action = 'no action' WHERE seq = 4", 4, AuditFault::Changed),
    ("UPDATE audit_events SET outcome = 'failure' WHERE seq = 4", 4, AuditFault::Changed),
    ("UPDATE audit_events SET subject = NULL WHERE seq = 4", 4, AuditFault::Changed),
    ("UPDATE audit_events SET account_id = NULL WHERE seq = 4", 4, AuditFault::Changed),
    ("UPDATE audit_events SET correlation_id = '' WHERE seq = 4", 4, AuditFault::Changed),
    ("UPDATE audit_events SET details = details || ' ' WHERE seq = 4", 4, AuditFault::Changed),
    ("UPDATE audit_events SET personal_digest = NULL WHERE seq = 4", 4, AuditFault::Changed),
    (
        "UPDATE audit_events SET occurred_at = (SELECT occurred_at FROM audit_events WHERE seq = 1) WHERE seq = 4",
        4,
        AuditFault::Changed,
    ),
    (
        "UPDATE audit_events SET link = (SELECT link FROM audit_events WHERE seq = 1) WHERE seq = 4",
        4,
        AuditFault::Changed,
    ),
    (
        "UPDATE audit_personal_details SET address = '192.0.2.1' WHERE event_id = (SELECT id FROM audit_events WHERE seq = 4)",
        4,
        AuditFault::PersonalChanged,
    ),
    (
        "DELETE FROM audit_personal_details WHERE event_id = (SELECT id FROM audit_events WHERE seq = 4); \
         DELETE FROM audit_events WHERE seq = 4",
        4,
        AuditFault::Missing,
    ),
    ("UPDATE audit_events SET seq = 7 WHERE seq = 6", 6, AuditFault::Missing),
    ("UPDATE audit_events SET seq = NULL, link = NULL, personal_digest = NULL WHERE seq = 4", 4, AuditFault::Missing),
    (
        "UPDATE audit_events SET seq = 99 WHERE seq = 2; UPDATE audit_events SET seq = 2 WHERE seq = 4; \
         UPDATE audit_events SET seq = 4 WHERE seq = 99",
        2,
        AuditFault::Changed,
    ),
    (
        "UPDATE audit_seals SET link = (SELECT link FROM audit_events WHERE seq = 1) WHERE last_seq = 4",
        3,
        AuditFault::SealForged,
    ),
    ("UPDATE audit_seals SET key_id = 'mine' WHERE last_seq = 4", 3, AuditFault::SealForged),
    ("DELETE FROM audit_seals WHERE last_seq = 4", 3, AuditFault::SealMissing),
    ("DELETE FROM audit_seals WHERE last_seq = 6", 5, AuditFault::Inserted),
];

/// Three seals of two lines.
async fn sealed(store: &dyn Store) -> Vec<AuditSeal> {
    let (ann, mut seals) = (a_user("ann"), Vec::new());
    for _ in 0..3 {
        let mut work = store.write().await.unwrap();
        for _ in 0..2 {
            work.audit().append(&an_event(&ann)).await.unwrap();
        }
        let (seal, lines) = a_seal(seals.last(), work.audit_chain().unsealed(10).await.unwrap());
        assert!(work.audit_chain().seal(&seal, &lines).await.unwrap());
        work.commit().await.unwrap();
        seals.push(seal);
    }
    seals
}

/// As the use case does it; a seal is genuine if it is one of those that were made.
async fn verify(store: &dyn Store, genuine: &[AuditSeal]) -> Result<Verified, BadLine> {
    let mut read = store.snapshot().await.unwrap();
    let chain = read.audit_chain();
    let mut verification = Verification::begin(None, None)?;
    for seal in chain.seals(0, 10).await.unwrap() {
        let is_genuine = genuine.contains(&seal);
        let lines = chain.lines(seal.first_seq..=seal.head.seq).await.unwrap();
        verification.seal(seal, is_genuine)?;
        lines.iter().try_for_each(|line| verification.line(line))?;
    }
    match chain.outside(1..=verification.sealed_to()).await.unwrap() {
        Some((seq, id)) if verification.next_seq() > verification.sealed_to() => Err(verification.outside(seq, id)),
        _ => verification.end(),
    }
}

async fn shows(database: TestDatabase, drop: &str, attempts: &[(&str, i64, AuditFault)]) {
    let (store, mut raw) = (database.open().store, Raw::open(&database).await);
    let seals = sealed(&*store).await;
    raw.run(drop).await.unwrap();
    assert_eq!(verify(&*store, &seals).await, Ok(Verified { pruned_to: 0, last_seq: 6 }));
    for (attempt, seq, fault) in attempts {
        raw.run(attempt).await.unwrap_or_else(|error| panic!("{attempt}: {error}"));
        let bad = verify(&*store, &seals).await.unwrap_err();
        assert_eq!((bad.seq, bad.fault), (*seq, *fault), "{attempt}");
    }
}

/// Each on a log of its own, because a log that was tampered with once has no other first bad line.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_changed_on_sqlite_is_named() {
    for attempt in TAMPERINGS {
        shows(TestDatabase::sqlite().await, DROP_ON_SQLITE, &[*attempt]).await;
    }
    // It has the length of a moment.
    let no_moment = "UPDATE audit_events SET occurred_at = 'a moment that never occurs.' WHERE seq = 4";
    shows(TestDatabase::sqlite().await, DROP_ON_SQLITE, &[(no_moment, 4, AuditFault::Changed)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_changed_on_postgres_is_named() {
    for attempt in TAMPERINGS {
        shows(TestDatabase::postgres().await, DROP_ON_POSTGRES, &[*attempt]).await;
    }
}
