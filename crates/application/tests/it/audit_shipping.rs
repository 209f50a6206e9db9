//! The audit log is shipped from line to line: in order, and nothing is lost whatever dies.
use crate::world::{DAY, MICROSECOND, World, code, operator};
use async_trait::async_trait;
use doorward_ports::ErrorCode;
use doorward_ports::inbound::{AuditShipping, Pruned};
use doorward_ports::outbound::{AuditDestination, AuditReaders, AuditStep, NotDelivered, SealedEvent, StoreError};
use doorward_sql_testing::TestDatabase;
use doorward_testkit::{a_user, an_event};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// A destination that takes so many lines, and then no more.
struct Shelf {
    lines: Mutex<Vec<i64>>,
    room: AtomicUsize,
}

impl Shelf {
    fn with_room(room: usize) -> Arc<Self> {
        Arc::new(Self { lines: Mutex::default(), room: room.into() })
    }

    fn numbers(&self) -> Vec<i64> {
        self.lines.lock().unwrap().clone()
    }

    /// Each number once, in the order in which it first came.
    fn once(&self) -> Vec<i64> {
        let mut once = Vec::new();
        for number in self.numbers() {
            if !once.contains(&number) {
                once.push(number);
            }
        }
        once
    }
}

#[async_trait]
impl AuditDestination for Shelf {
    async fn deliver(&self, lines: &[SealedEvent]) -> Result<(), NotDelivered> {
        for line in lines {
            let room = self.room.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |room| room.checked_sub(1));
            room.map_err(|_| NotDelivered::to("the shelf", "it is full"))?;
            self.lines.lock().unwrap().push(line.seq);
        }
        Ok(())
    }
}

/// Forgets to move, as if the process had been killed after the delivery.
struct Dying(Arc<dyn AuditReaders>);

#[async_trait]
impl AuditReaders for Dying {
    async fn place(&self, reader: &str) -> Result<i64, StoreError> {
        self.0.place(reader).await
    }

    async fn advance(&self, _: &str, _: AuditStep) -> Result<bool, StoreError> {
        Err(StoreError::Unavailable("it is dead".into()))
    }
}

async fn worlds() -> [World; 2] {
    [World::on(TestDatabase::sqlite().await, |_| ()), World::on(TestDatabase::postgres().await, |_| ())]
}

fn shipping(world: &World, to: &Arc<Shelf>) -> World {
    world.changed(|tools, _| tools.audit_destination = Some(to.clone()))
}

async fn sealed(world: &World, lines: usize) {
    let (ann, mut work) = (a_user("ann"), world.store().write().await.unwrap());
    for _ in 0..lines {
        work.audit().append(&an_event(&ann)).await.unwrap();
    }
    work.commit().await.unwrap();
    world.audit_log().seal(&operator()).await.unwrap();
    world.advance(MICROSECOND);
}

async fn ship(world: &World) -> doorward_ports::Result<i64> {
    AuditShipping::ship(&*world.services, &operator()).await
}

async fn unshipped(world: &World) -> i64 {
    AuditShipping::unshipped(&*world.services, &operator()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_are_shipped_once_in_order_from_where_the_last_run_stopped() {
    for world in worlds().await {
        let shelf = Shelf::with_room(usize::MAX);
        let node = shipping(&world, &shelf);
        assert_eq!((unshipped(&node).await, ship(&node).await.unwrap()), (0, 0));
        sealed(&world, 1_200).await;
        assert_eq!((unshipped(&node).await, ship(&node).await.unwrap(), unshipped(&node).await), (1_200, 1_200, 0));
        sealed(&world, 3).await;
        let neighbour = shipping(&world.neighbour(), &shelf);
        assert_eq!((unshipped(&neighbour).await, ship(&neighbour).await.unwrap()), (3, 3));
        assert_eq!(ship(&node).await.unwrap(), 0);
        assert_eq!(shelf.numbers(), (1..=1_203).collect::<Vec<_>>());
        assert_eq!((unshipped(&world).await, ship(&world).await.unwrap()), (0, 0), "it ships nowhere");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_dies_in_the_middle_each_line_arrives_and_in_order() {
    for world in worlds().await {
        let shelf = Shelf::with_room(700);
        let node = shipping(&world, &shelf);
        sealed(&world, 1_500).await;
        assert_eq!(code(ship(&node).await), ErrorCode::Internal);
        assert_eq!(unshipped(&node).await, 1_000, "what arrived with others that did not is repeated");
        shelf.room.store(usize::MAX, Ordering::SeqCst);
        let dying = node.changed(|tools, _| tools.audit_readers = Arc::new(Dying(tools.audit_readers.clone())));
        assert_eq!(code(ship(&dying).await), ErrorCode::StoreUnavailable);
        assert_eq!(ship(&node).await.unwrap(), 1_000);
        assert_eq!(shelf.once(), (1..=1_500).collect::<Vec<_>>());
        assert_eq!(shelf.numbers().len(), 1_500 + 200 + 500);
    }
}

/// The lease keeps them apart; where it fails, lines may arrive twice, and the place is right.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_nodes_that_ship_at_once_none_loses_or_skips_a_line() {
    for world in worlds().await {
        let shelf = Shelf::with_room(usize::MAX);
        sealed(&world, 2_000).await;
        let nodes = [shipping(&world, &shelf), shipping(&world.neighbour(), &shelf)];
        let one = |node: &World| {
            let node = node.clone();
            tokio::spawn(async move { ship(&node).await.unwrap() })
        };
        let both = nodes.each_ref().map(one);
        for node in both {
            node.await.unwrap();
        }
        assert_eq!(unshipped(&world).await, 0);
        let mut all = shelf.once();
        all.sort_unstable();
        assert_eq!(all, (1..=2_000).collect::<Vec<_>>());
        assert_eq!((unshipped(&nodes[0]).await, ship(&nodes[1]).await.unwrap()), (0, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_to_be_shipped_is_not_pruned_and_what_was_pruned_does_not_wait() {
    for world in worlds().await {
        let shelf = Shelf::with_room(0);
        let node = shipping(&world, &shelf).changed(|_, policies| policies.audit_retention = Some(DAY));
        sealed(&world, 2).await;
        sealed(&world, 3).await;
        world.advance(2 * DAY);
        assert_eq!(node.audit_log().prune_expired(&operator()).await.unwrap(), Pruned { to: 0, lines: 0 });
        shelf.room.store(2, Ordering::SeqCst);
        ship(&node).await.unwrap_err();
        shelf.room.store(usize::MAX, Ordering::SeqCst);
        assert_eq!(node.audit_log().prune_expired(&operator()).await.unwrap(), Pruned { to: 0, lines: 0 });
        assert_eq!(ship(&node).await.unwrap(), 5);
        assert_eq!(node.audit_log().prune_expired(&operator()).await.unwrap(), Pruned { to: 5, lines: 5 });

        // A destination that is added later gets what is left.
        let late = Shelf::with_room(usize::MAX);
        let other = World::on(TestDatabase::sqlite().await, |policies| policies.audit_retention = Some(DAY));
        sealed(&other, 4).await;
        other.advance(2 * DAY);
        other.audit_log().prune_expired(&operator()).await.unwrap();
        let other = shipping(&other, &late);
        assert_eq!(unshipped(&other).await, 0);
        sealed(&other, 1).await;
        assert_eq!(unshipped(&other).await, 2);
        ship(&other).await.unwrap();
        assert_eq!(late.numbers(), [5, 6]);
    }
}
