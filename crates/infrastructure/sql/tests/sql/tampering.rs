//! An attacker who owns the database, and has dropped its triggers: what they do to the log shows, with the first bad line.
use crate::raw::Raw;
use doorward_domain::{AuditAnchor, AuditFault, AuditSeal, BadLine, Verification, Verified};
use doorward_ports::outbound::Store;
use doorward_sql_testing::TestDatabase;
use doorward_testkit::{a_seal, a_user, an_anchor, an_event};

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

/// The same for a log whose first two lines were pruned. Lines that are deleted again without their anchor are missing.
const TAMPERINGS_AFTER_A_PRUNE: &[(&str, i64, AuditFault)] = &[
    ("UPDATE audit_events SET actor = 'operator' WHERE seq = 3", 3, AuditFault::Changed),
    (
        "DELETE FROM audit_personal_details WHERE event_id = (SELECT id FROM audit_events WHERE seq = 3); \
         DELETE FROM audit_events WHERE seq = 3",
        3,
        AuditFault::Missing,
    ),
    ("UPDATE audit_events SET seq = 2 WHERE seq = 4", 2, AuditFault::Inserted),
    ("UPDATE audit_anchors SET last_seq = 4", 1, AuditFault::AnchorForged),
    ("UPDATE audit_anchors SET link = (SELECT link FROM audit_events WHERE seq = 3)", 1, AuditFault::AnchorForged),
    ("UPDATE audit_anchors SET key_id = 'mine'", 1, AuditFault::AnchorForged),
    ("DELETE FROM audit_anchors", 1, AuditFault::Missing),
    ("DELETE FROM audit_seals WHERE last_seq = 4", 3, AuditFault::SealMissing),
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

/// Up to the first of these seals.
async fn pruned(store: &dyn Store, seals: &[AuditSeal]) -> AuditAnchor {
    let (anchor, mut work) = (an_anchor(&seals[0]), store.write().await.unwrap());
    assert_eq!(work.audit_chain().prune(&anchor).await.unwrap(), 2);
    work.commit().await.unwrap();
    anchor
}

/// What the service has signed.
struct Genuine {
    seals: Vec<AuditSeal>,
    anchor: Option<AuditAnchor>,
}

/// As the use case does it; a statement is genuine if it is one of those that were made.
async fn verify(store: &dyn Store, genuine: &Genuine) -> Result<Verified, BadLine> {
    let mut read = store.snapshot().await.unwrap();
    let chain = read.audit_chain();
    let anchor = chain.anchor().await.unwrap();
    let signed = anchor.as_ref().map(|stored| (stored, genuine.anchor.as_ref() == Some(stored)));
    let mut verification = Verification::begin(signed, None)?;
    if let Some((seq, id)) = chain.outside(verification.next_seq()..=i64::MAX).await.unwrap() {
        return Err(verification.outside(seq, id));
    }
    for seal in chain.seals(verification.sealed_to(), 10).await.unwrap() {
        let is_genuine = genuine.seals.contains(&seal);
        let lines = chain.lines(seal.first_seq..=seal.head.seq).await.unwrap();
        verification.seal(seal, is_genuine)?;
        lines.iter().try_for_each(|line| verification.line(line))?;
    }
    match chain.outside(i64::MIN..=verification.sealed_to()).await.unwrap() {
        Some((seq, id)) if verification.next_seq() > verification.sealed_to() => Err(verification.outside(seq, id)),
        _ => verification.end(),
    }
}

/// Each on a log of its own, because a log that was tampered with once has no other first bad line.
async fn shows(database: TestDatabase, drop: &str, attempt: (&str, i64, AuditFault)) {
    let store = database.open().store;
    let seals = sealed(&*store).await;
    let genuine = Genuine { seals, anchor: None };
    assert_eq!(verify(&*store, &genuine).await, Ok(Verified { pruned_to: 0, last_seq: 6 }));
    finds(&database, drop, attempt, &genuine).await;
}

async fn shows_after_a_prune(database: TestDatabase, drop: &str, attempt: (&str, i64, AuditFault)) {
    let store = database.open().store;
    let seals = sealed(&*store).await;
    let anchor = Some(pruned(&*store, &seals).await);
    let genuine = Genuine { seals, anchor };
    assert_eq!(verify(&*store, &genuine).await, Ok(Verified { pruned_to: 2, last_seq: 6 }));
    finds(&database, drop, attempt, &genuine).await;
}

async fn finds(database: &TestDatabase, drop: &str, attempt: (&str, i64, AuditFault), genuine: &Genuine) {
    let (mut raw, (run, seq, fault)) = (Raw::open(database).await, attempt);
    raw.run(drop).await.unwrap();
    raw.run(run).await.unwrap_or_else(|error| panic!("{run}: {error}"));
    let bad = verify(&*database.open().store, genuine).await.unwrap_err();
    assert_eq!((bad.seq, bad.fault), (seq, fault), "{run}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_changed_on_sqlite_is_named() {
    for attempt in TAMPERINGS {
        shows(TestDatabase::sqlite().await, DROP_ON_SQLITE, *attempt).await;
    }
    // It has the length of a moment.
    let no_moment = "UPDATE audit_events SET occurred_at = 'a moment that never occurs.' WHERE seq = 4";
    shows(TestDatabase::sqlite().await, DROP_ON_SQLITE, (no_moment, 4, AuditFault::Changed)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_changed_on_postgres_is_named() {
    for attempt in TAMPERINGS {
        shows(TestDatabase::postgres().await, DROP_ON_POSTGRES, *attempt).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_changed_after_a_prune_is_named() {
    for attempt in TAMPERINGS_AFTER_A_PRUNE {
        shows_after_a_prune(TestDatabase::sqlite().await, DROP_ON_SQLITE, *attempt).await;
        shows_after_a_prune(TestDatabase::postgres().await, DROP_ON_POSTGRES, *attempt).await;
    }
}
