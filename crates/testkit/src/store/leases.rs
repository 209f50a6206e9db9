//! What leases promise.
use super::{CROWD, StoreUnderTest};
use crate::START;
use doorward_domain::Timestamp;
use doorward_ports::outbound::{Lease, LeaseTerm};
use std::time::Duration;

const TERM: Duration = Duration::from_secs(60);
const MICROSECOND: Duration = Duration::from_micros(1);

async fn takes(lease: &dyn Lease, name: &str, holder: &str, now: Timestamp) -> bool {
    let term = LeaseTerm { holder: holder.to_owned(), now, until: now.plus(TERM) };
    lease.take(name, &term).await.unwrap()
}

/// `take`: of any number of callers at once exactly one, both of a lease that nobody ever had and of one whose term has ended.
pub async fn of_a_crowd_one_takes_a_lease(it: StoreUnderTest) {
    for round in 0..3 {
        let now = START.plus(TERM * round);
        let one = |n: usize| {
            let lease = it.leases[n % 2].clone();
            tokio::spawn(async move { takes(&*lease, "sweep", &format!("{round} {n}"), now).await })
        };
        let crowd: Vec<_> = (0..CROWD).map(one).collect();
        let mut holders = 0;
        for member in crowd {
            holders += usize::from(member.await.unwrap());
        }
        assert_eq!(holders, 1, "round {round}");
    }
}

/// `take`
pub async fn a_lease_is_its_holders_until_its_term_ends(it: StoreUnderTest) {
    let [lease, other] = it.leases.each_ref().map(|lease| &**lease);
    assert!(takes(lease, "sweep", "ann", START).await);
    assert!(!takes(other, "sweep", "bob", START).await);
    assert!(takes(other, "count", "bob", START).await, "another lease");
    assert!(!takes(other, "sweep", "bob", START.plus(TERM - MICROSECOND)).await);
    assert!(takes(other, "sweep", "bob", START.plus(TERM)).await);
    assert!(!takes(lease, "sweep", "ann", START.plus(TERM)).await, "it has gone over to another");
}

/// `take`
pub async fn a_lease_is_prolonged_by_its_holder_alone(it: StoreUnderTest) {
    let [lease, other] = it.leases.each_ref().map(|lease| &**lease);
    for round in 0..4 {
        let now = START.plus(TERM / 2 * round);
        assert!(takes(lease, "sweep", "ann", now).await, "{round}");
        assert!(!takes(other, "sweep", "bob", now.plus(TERM - MICROSECOND)).await, "{round}");
    }
}

/// `release`
pub async fn a_lease_that_is_given_back_is_free_at_once_and_no_other_is(it: StoreUnderTest) {
    let [lease, other] = it.leases.each_ref().map(|lease| &**lease);
    assert!(takes(lease, "sweep", "ann", START).await);
    other.release("sweep", "bob").await.unwrap();
    other.release("count", "ann").await.unwrap();
    assert!(!takes(other, "sweep", "bob", START).await);
    lease.release("sweep", "ann").await.unwrap();
    assert!(takes(other, "sweep", "bob", START).await);
    lease.release("sweep", "ann").await.unwrap();
    assert!(!takes(lease, "sweep", "ann", START).await);
}
