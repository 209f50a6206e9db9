//! What the places of the readers of the audit log promise.
use super::{CROWD, StoreUnderTest};
use crate::START;
use doorward_ports::outbound::{AuditReaders, AuditStep};

const SHIP: &str = "ship";

async fn moves(readers: &dyn AuditReaders, reader: &str, from: i64, to: i64) -> bool {
    readers.advance(reader, AuditStep { from, to, at: START }).await.unwrap()
}

/// `place`
pub async fn who_has_never_moved_is_before_the_first_line(it: StoreUnderTest) {
    for readers in it.audit_readers {
        assert_eq!(readers.place(SHIP).await.unwrap(), 0);
    }
}

/// `advance`: durable when it returns, and no other reader moves.
pub async fn a_reader_is_where_it_has_moved_also_for_another_process(it: StoreUnderTest) {
    let [readers, other] = it.audit_readers.each_ref().map(|readers| &**readers);
    assert!(moves(readers, SHIP, 0, 7).await);
    assert!(moves(other, "mail", 0, 3).await);
    assert!(moves(other, SHIP, 7, 500).await);
    for readers in [readers, other] {
        assert_eq!((readers.place(SHIP).await.unwrap(), readers.place("mail").await.unwrap()), (500, 3));
    }
}

/// `advance`: of any number of steps from one place at once exactly one, also of the first ones of a reader.
pub async fn of_a_crowd_at_one_place_one_moves_on(it: StoreUnderTest) {
    for round in 0..3 {
        let from = it.audit_readers[0].place(SHIP).await.unwrap();
        let one = |n: usize| {
            let (readers, to) = (it.audit_readers[n % 2].clone(), from + 1 + i64::try_from(n).unwrap());
            tokio::spawn(async move { moves(&*readers, SHIP, from, to).await.then_some(to) })
        };
        let crowd: Vec<_> = (0..CROWD).map(one).collect();
        let mut moved = Vec::new();
        for member in crowd {
            moved.extend(member.await.unwrap());
        }
        assert_eq!(moved, [it.audit_readers[1].place(SHIP).await.unwrap()], "round {round}");
    }
}

/// `advance`: false, and nothing is changed.
pub async fn who_is_elsewhere_or_would_not_come_further_does_not_move(it: StoreUnderTest) {
    let [readers, other] = it.audit_readers.each_ref().map(|readers| &**readers);
    assert!(!moves(readers, SHIP, 5, 7).await, "it is before the first line");
    assert_eq!(readers.place(SHIP).await.unwrap(), 0);
    assert!(moves(readers, SHIP, 0, 5).await);
    for (from, to) in [(0, 7), (4, 7), (6, 7), (5, 5), (5, 4)] {
        assert!(!moves(other, SHIP, from, to).await, "from {from} to {to}");
    }
    assert_eq!(other.place(SHIP).await.unwrap(), 5);
}
