//! The chain of the audit log: sealed, verified, and what an attacker with the database can't hide.
use crate::world::{HOME, World, code, from, operator, permission, registration, sealer, suspicious};
use doorward_domain::{AuditFault, AuditHead, BadLine, Verified};
use doorward_ports::inbound::{AuditVerdict, SignedHead};
use doorward_ports::{ErrorCode, Result};
use doorward_testkit::{VirtualClock, a_user, an_event};
use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

const OTHER_SEALING_KEY: &str = "//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=";

async fn verify(world: &World, saved: Option<SignedHead>) -> Result<AuditVerdict> {
    world.audit_log().verify(&operator(), saved, &|_| ()).await
}

fn intact(last_seq: i64) -> AuditVerdict {
    AuditVerdict { result: Ok(Verified { pruned_to: 0, last_seq }), unsealed: 0 }
}

async fn two_lines(world: &World) {
    world.accounts().register(&from(HOME), registration("ann")).await.unwrap();
    world.accounts().register(&from(HOME), registration("bob")).await.unwrap();
}

#[tokio::test]
async fn an_empty_log_has_no_head_and_is_verified() {
    let world = World::new().await;
    assert_eq!(code(world.audit_log().head(&operator()).await), ErrorCode::AuditLogUnsealed);
    assert_eq!(world.audit_log().seal(&operator()).await.unwrap(), 0);
    assert_eq!(verify(&world, None).await.unwrap(), intact(0));
}

#[tokio::test]
async fn lines_are_sealed_and_verified_against_every_head() {
    let world = World::new().await;
    two_lines(&world).await;
    assert_eq!(verify(&world, None).await.unwrap(), AuditVerdict { unsealed: 2, ..intact(0) });
    assert_eq!(world.audit_log().seal(&operator()).await.unwrap(), 2);
    let first = world.audit_log().head(&operator()).await.unwrap();
    world.roles().create_permission(&operator(), permission("reports:read")).await.unwrap();
    assert_eq!(world.audit_log().seal(&operator()).await.unwrap(), 1);
    let second = world.audit_log().head(&operator()).await.unwrap();
    assert_eq!((first.head.seq, second.head.seq), (2, 3));
    assert_eq!((&first.head.key_id, &first.public_key), (&second.head.key_id, &second.public_key));
    let heard = Mutex::new(Vec::new());
    let hear = |to: i64| heard.lock().unwrap().push(to);
    assert_eq!(world.audit_log().verify(&operator(), Some(first), &hear).await.unwrap(), intact(3));
    assert_eq!(*heard.lock().unwrap(), [2, 3]);
    assert_eq!(verify(&world, Some(second)).await.unwrap(), intact(3));
}

#[tokio::test]
async fn more_lines_than_one_seal_covers_are_sealed_at_once() {
    let world = World::new().await;
    let (ann, mut work) = (a_user("ann"), world.store().write().await.unwrap());
    for _ in 0..2_500 {
        work.audit().append(&an_event(&ann)).await.unwrap();
    }
    work.commit().await.unwrap();
    assert_eq!(world.audit_log().seal(&operator()).await.unwrap(), 2_500);
    assert_eq!(verify(&world, None).await.unwrap(), intact(2_500));
}

/// The clock of the node that seals next is behind.
#[tokio::test]
async fn no_seal_is_younger_than_the_next() {
    let world = World::new().await;
    two_lines(&world).await;
    world.audit_log().seal(&operator()).await.unwrap();
    let first = world.audit_log().head(&operator()).await.unwrap();
    let behind = VirtualClock::default();
    assert!(doorward_ports::outbound::Clock::now(&behind) <= first.head.sealed_at);
    let late = world.changed(|tools, _| tools.clock = Arc::new(behind));
    late.accounts().register(&from(HOME), registration("eve")).await.unwrap();
    late.audit_log().seal(&operator()).await.unwrap();
    let second = late.audit_log().head(&operator()).await.unwrap();
    assert!(second.head.sealed_at >= first.head.sealed_at);
}

#[tokio::test]
async fn an_erasure_keeps_the_log_verifiable() {
    let world = World::new().await;
    two_lines(&world).await;
    world.audit_log().seal(&operator()).await.unwrap();
    let head = world.audit_log().head(&operator()).await.ok();
    let ann = world.accounts().find(&operator(), "ann@example.com").await.unwrap();
    world.accounts().delete(&operator(), ann.id).await.unwrap();
    world.audit_log().seal(&operator()).await.unwrap();
    assert_eq!(verify(&world, head).await.unwrap(), intact(3));
}

#[tokio::test]
async fn with_another_sealing_key_nothing_is_sealed_and_no_seal_is_trusted() {
    let world = World::new().await;
    two_lines(&world).await;
    world.audit_log().seal(&operator()).await.unwrap();
    let other = world.changed(|tools, _| tools.sealer = Arc::new(sealer(OTHER_SEALING_KEY)));
    other.accounts().register(&from(HOME), registration("eve")).await.unwrap();
    let refused = other.audit_log().seal(&operator()).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::SealingKeyMismatch);
    let refused = other.audit_log().head(&operator()).await.unwrap_err();
    assert!(
        refused.code == ErrorCode::SealingKeyMismatch && refused.detail.contains("secrets.sealing_key"),
        "{refused}"
    );
    let bad = BadLine { seq: 1, id: None, fault: AuditFault::SealForged, intact_to: 0 };
    assert_eq!(verify(&other, None).await.unwrap(), AuditVerdict { result: Err(bad), unsealed: 1 });
    assert_eq!(world.audit_log().seal(&operator()).await.unwrap(), 1);
}

/// All nodes start at once on an empty database.
#[tokio::test(flavor = "multi_thread")]
async fn of_a_crowd_of_sealers_one_creates_the_key_and_all_continue_one_chain() {
    let world = World::new().await;
    two_lines(&world).await;
    let one = |_| {
        let services = world.services.clone();
        tokio::spawn(async move { doorward_ports::inbound::AuditLog::seal(&*services, &operator()).await.unwrap() })
    };
    let crowd: Vec<_> = (0..32).map(one).collect();
    let mut sealed = 0;
    for member in crowd {
        sealed += member.await.unwrap();
    }
    assert_eq!(sealed, 2);
    assert_eq!(verify(&world, None).await.unwrap(), intact(2));
}

#[tokio::test]
async fn a_saved_head_that_was_changed_is_refused_and_one_of_another_log_shows() {
    let world = World::new().await;
    two_lines(&world).await;
    world.audit_log().seal(&operator()).await.unwrap();
    let head = world.audit_log().head(&operator()).await.unwrap();
    let changed = SignedHead { head: AuditHead { seq: 1, ..head.head.clone() }, ..head.clone() };
    assert_eq!(verify(&world, Some(changed)).await.unwrap_err().code, ErrorCode::ValidationFailed);
    let other = World::new().await;
    other.clock.advance(Duration::from_secs(1));
    two_lines(&other).await;
    other.audit_log().seal(&operator()).await.unwrap();
    let bad = verify(&other, Some(head)).await.unwrap().result.unwrap_err();
    assert_eq!((bad.seq, bad.fault), (1, AuditFault::HeadMismatch));
}

/// Nobody should save what nobody can verify later.
#[tokio::test]
async fn a_head_that_no_audit_key_has_signed_is_not_shown() {
    let world = World::new().await;
    two_lines(&world).await;
    world.audit_log().seal(&operator()).await.unwrap();
    let suspicious = suspicious(&world);
    assert_eq!(code(suspicious.audit_log().head(&operator()).await), ErrorCode::AuditLogDamaged);
}

#[tokio::test]
async fn one_verification_runs_at_a_time() {
    let world = World::new().await;
    let (caller, hear) = (operator(), |_| ());
    let mut running = world.audit_log().verify(&caller, None, &hear);
    assert!(poll_fn(|context| Poll::Ready(running.as_mut().poll(context))).await.is_pending());
    let refused = verify(&world, None).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::VerificationRunning);
    assert!(refused.retry_after.is_some());
    assert_eq!(running.await.unwrap(), intact(0));
    assert_eq!(verify(&world, None).await.unwrap(), intact(0));
}

#[tokio::test]
async fn a_verification_that_nobody_waits_for_makes_room_for_the_next() {
    let world = World::new().await;
    let (caller, hear) = (operator(), |_| ());
    let mut running = world.audit_log().verify(&caller, None, &hear);
    assert!(poll_fn(|context| Poll::Ready(running.as_mut().poll(context))).await.is_pending());
    drop(running);
    assert_eq!(verify(&world, None).await.unwrap(), intact(0));
}

/// Seals of one line, and of many: more than are read at once of both.
#[tokio::test]
async fn lines_are_verified_however_many_a_seal_covers() {
    let world = World::new().await;
    let ann = a_user("ann");
    let (many, total) = (1_100, 1_100 + 2_600);
    for lines in std::iter::repeat_n(1, many).chain([2_600]) {
        let mut work = world.store().write().await.unwrap();
        for _ in 0..lines {
            work.audit().append(&an_event(&ann)).await.unwrap();
        }
        work.commit().await.unwrap();
        world.audit_log().seal(&operator()).await.unwrap();
    }
    let heard = Mutex::new(Vec::new());
    let hear = |to: i64| heard.lock().unwrap().push(to);
    let verdict = world.audit_log().verify(&operator(), None, &hear).await.unwrap();
    assert_eq!(verdict, intact(total));
    assert_eq!(heard.into_inner().unwrap(), (1..=1_100).chain([2_100, 3_100, 3_700]).collect::<Vec<i64>>());
}
