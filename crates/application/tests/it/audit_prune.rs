//! The oldest lines of the audit log are deleted, and the rest is still verified.
use crate::world::{DAY, MICROSECOND, MINUTE, World, code, faults, fields, operator, role, sealer, suspicious};
use async_trait::async_trait;
use doorward_domain::{AuditAction, AuditFault, BadLine, Session, SessionId, Timestamp, Verified};
use doorward_ports::inbound::{AuditLog, AuditVerdict, Pruned, SignedHead};
use doorward_ports::outbound::{AuditFilter, Exchange, ReadWork, Store, StoreError, WriteWork};
use doorward_ports::{ErrorCode, Result};
use doorward_sql_testing::TestDatabase;
use doorward_testkit::{a_user, an_event};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const OTHER_SEALING_KEY: &str = "//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=";

async fn worlds() -> [World; 2] {
    [World::on(TestDatabase::sqlite().await, |_| ()), World::on(TestDatabase::postgres().await, |_| ())]
}

/// So many lines, sealed one minute after those before.
async fn batch(world: &World, lines: usize) -> SignedHead {
    world.advance(MINUTE);
    let (ann, mut work) = (a_user("ann"), world.store().write().await.unwrap());
    for _ in 0..lines {
        work.audit().append(&an_event(&ann)).await.unwrap();
    }
    work.commit().await.unwrap();
    world.audit_log().seal(&operator()).await.unwrap();
    world.audit_log().head(&operator()).await.unwrap()
}

async fn prune(world: &World, before: Timestamp) -> Result<Pruned> {
    world.audit_log().prune(&operator(), &before.to_string()).await
}

async fn verify(world: &World, saved: Option<SignedHead>) -> AuditVerdict {
    world.audit_log().verify(&operator(), saved, &|_| ()).await.unwrap()
}

fn intact(pruned_to: i64, last_seq: i64) -> std::result::Result<Verified, BadLine> {
    Ok(Verified { pruned_to, last_seq })
}

/// The details of the lines about prunings.
async fn recorded(world: &World) -> Vec<Value> {
    let filter = AuditFilter { action: Some(AuditAction::AuditPruned), ..AuditFilter::default() };
    let lines = world.store().read().await.unwrap().audit().list(&filter, None, 100).await.unwrap();
    lines.iter().map(|line| serde_json::from_str(line.event.details.as_str()).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn old_lines_are_deleted_by_whole_seals_and_the_rest_is_verified() {
    for world in worlds().await {
        let heads = [batch(&world, 2).await, batch(&world, 3).await, batch(&world, 2).await];
        let before = heads[2].head.sealed_at;
        assert_eq!(prune(&world, before).await.unwrap(), Pruned { to: 5, lines: 5 });
        assert_eq!(verify(&world, None).await, AuditVerdict { result: intact(5, 7), unsealed: 1 });
        assert_eq!(recorded(&world).await, [json!({ "before": before.to_string(), "from": 1, "to": 5 })]);
        let mut read = world.store().read().await.unwrap();
        assert_eq!(read.audit_chain().lines(1..=5).await.unwrap(), []);
        drop(read);

        assert_eq!(prune(&world, before).await.unwrap(), Pruned { to: 5, lines: 0 });
        assert_eq!(recorded(&world).await.len(), 1, "what deletes nothing is no act");

        let [old, exact, new] = heads;
        let pruned = BadLine { seq: 2, id: None, fault: AuditFault::HeadPruned, intact_to: 5 };
        assert_eq!(verify(&world, Some(old)).await.result, Err(pruned));
        assert_eq!(verify(&world, Some(exact)).await.result, intact(5, 7));
        assert_eq!(verify(&world, Some(new)).await.result, intact(5, 7));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_pruned_whole_goes_on() {
    for world in worlds().await {
        let head = batch(&world, 2).await;
        world.advance(MICROSECOND);
        assert_eq!(prune(&world, world.now()).await.unwrap(), Pruned { to: 2, lines: 2 });
        assert_eq!(world.audit_log().head(&operator()).await.unwrap(), head, "the end is the same");
        assert_eq!(verify(&world, Some(head.clone())).await, AuditVerdict { result: intact(2, 2), unsealed: 1 });
        batch(&world, 1).await;
        assert_eq!(verify(&world, Some(head)).await, AuditVerdict { result: intact(2, 4), unsealed: 0 });
        let last = world.now().minus(MICROSECOND);
        assert_eq!(prune(&world, last).await.unwrap(), Pruned { to: 2, lines: 0 });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_crowd_on_two_nodes_each_line_is_deleted_once() {
    for world in worlds().await {
        // Three seals, each deleted by itself.
        batch(&world, 2_100).await;
        world.advance(MICROSECOND);
        let (now, neighbour) = (world.now().to_string(), world.neighbour());
        let one = |n: usize| {
            let services = if n.is_multiple_of(2) { world.services.clone() } else { neighbour.services.clone() };
            let now = now.clone();
            tokio::spawn(async move { AuditLog::prune(&*services, &operator(), &now).await.unwrap() })
        };
        let crowd: Vec<_> = (0..32).map(one).collect();
        let mut lines = 0;
        for member in crowd {
            let pruned = member.await.unwrap();
            assert_eq!(pruned.to, 2_100);
            lines += pruned.lines;
        }
        assert_eq!(lines, 2_100);
        let mut ends: Vec<_> = recorded(&world).await.iter().map(|details| details["to"].as_i64()).collect();
        ends.sort();
        assert_eq!(ends, [Some(1_000), Some(2_000), Some(2_100)]);
        assert_eq!(verify(&world, None).await, AuditVerdict { result: intact(2_100, 2_100), unsealed: 3 });
    }
}

/// Opens so many units of work, and then no more: as if the process had been killed.
struct Dying {
    store: Arc<dyn Store>,
    left: AtomicUsize,
}

#[async_trait]
impl Store for Dying {
    async fn write(&self) -> std::result::Result<Box<dyn WriteWork>, StoreError> {
        let left = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        left.map_err(|_| StoreError::Unavailable("it is dead".into()))?;
        self.store.write().await
    }

    async fn read(&self) -> std::result::Result<Box<dyn ReadWork>, StoreError> {
        self.store.read().await
    }

    async fn snapshot(&self) -> std::result::Result<Box<dyn ReadWork>, StoreError> {
        self.store.snapshot().await
    }

    async fn exchange(&self, id: SessionId, exchange: &Exchange) -> std::result::Result<Option<Session>, StoreError> {
        self.store.exchange(id, exchange).await
    }

    async fn ping(&self) -> std::result::Result<(), StoreError> {
        self.store.ping().await
    }

    async fn try_write(&self) -> std::result::Result<(), StoreError> {
        self.store.try_write().await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pruning_that_dies_on_its_way_leaves_a_whole_log_and_is_continued() {
    for world in worlds().await {
        batch(&world, 2_100).await;
        world.advance(MICROSECOND);
        for (units, to) in [(0, 0), (1, 1_000), (1, 2_000)] {
            let dying = world.changed(|tools, _| {
                tools.store = Arc::new(Dying { store: tools.store.clone(), left: AtomicUsize::new(units) });
            });
            assert_eq!(code(prune(&dying, world.now()).await), ErrorCode::StoreUnavailable);
            assert_eq!(verify(&world, None).await.result, intact(to, 2_100));
        }
        assert_eq!(prune(&world, world.now()).await.unwrap(), Pruned { to: 2_100, lines: 100 });
        assert_eq!(verify(&world, None).await.result, intact(2_100, 2_100));
    }
}

/// Else somebody could have their tampering deleted, or an anchor signed for lines of their own.
#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_verified_is_not_deleted() {
    for world in worlds().await {
        batch(&world, 2).await;
        world.advance(MICROSECOND);
        let refused = prune(&suspicious(&world), world.now()).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::AuditLogDamaged);
        assert!(refused.detail.starts_with("Line 1 of the audit log is bad: "), "{refused}");
        let stranger = world.changed(|tools, _| tools.sealer = Arc::new(sealer(OTHER_SEALING_KEY)));
        assert_eq!(code(prune(&stranger, world.now()).await), ErrorCode::SealingKeyMismatch);
        assert_eq!(verify(&world, None).await.result, intact(0, 2));
        assert_eq!(recorded(&world).await, Vec::<Value>::new());
    }
}

#[tokio::test]
async fn a_time_that_is_none_or_is_still_to_come_is_refused() {
    let world = World::new().await;
    let asked = async |before: String| faults(world.audit_log().prune(&operator(), &before).await);
    let expected = fields(&[("/before", "invalid_time")]);
    assert_eq!(asked("yesterday".to_owned()).await, expected);
    assert_eq!(asked(world.now().plus(MICROSECOND).to_string()).await, expected);
    assert_eq!(prune(&world, world.now()).await.unwrap(), Pruned::default());
}

#[tokio::test]
async fn lines_are_kept_for_ever_or_as_long_as_the_operator_says() {
    let world = World::new().await;
    world.roles().create(&operator(), role("support", &[])).await.unwrap();
    world.audit_log().seal(&operator()).await.unwrap();
    let month = world.changed(|_, policies| policies.audit_retention = Some(30 * DAY));
    world.advance(30 * DAY);
    assert_eq!(month.audit_log().prune_expired(&operator()).await.unwrap(), Pruned::default());
    world.advance(MICROSECOND);
    assert_eq!(world.audit_log().prune_expired(&operator()).await.unwrap(), Pruned::default());
    assert_eq!(month.audit_log().prune_expired(&operator()).await.unwrap(), Pruned { to: 1, lines: 1 });
    assert_eq!(month.audit_log().prune_expired(&operator()).await.unwrap(), Pruned { to: 1, lines: 0 });
}
