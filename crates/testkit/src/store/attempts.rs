//! What the count of wrong passwords promises.
use super::{CROWD, StoreUnderTest};
use crate::{START, a_user};
use doorward_domain::{Attempts, Network, Timestamp};
use doorward_ports::outbound::{AccountKey, Store};
use std::time::Duration;

const UNKNOWN: AccountKey = AccountKey::from_bytes([7; 16]);
const DAY: Duration = Duration::from_hours(24);

fn network(third: u8) -> Network {
    Network::of([198, 51, third, 1].into())
}

fn some(failures: u32) -> Attempts {
    let window_started_at = Timestamp::from_micros(START.as_micros() + 1);
    Attempts { failures, window_started_at, locked_until: Some(window_started_at.plus(DAY)), level: u32::MAX }
}

async fn save(it: &StoreUnderTest, account: AccountKey, scope: Option<Network>, attempts: &Attempts, at: Timestamp) {
    let mut work = it.write().await;
    work.attempts().lock(account, scope, at).await.unwrap();
    work.attempts().save(account, scope, attempts, at).await.unwrap();
    work.commit().await.unwrap();
}

async fn counted(it: &StoreUnderTest, account: AccountKey, scope: Option<Network>) -> Attempts {
    it.write().await.attempts().lock(account, scope, START).await.unwrap()
}

async fn knows(it: &StoreUnderTest, account: AccountKey, network: Network, since: Timestamp) -> bool {
    it.write().await.attempts().knows_network(account, network, since).await.unwrap()
}

/// `lock`: also for a name that no account has.
pub async fn what_was_never_counted_is_none(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    assert_eq!(counted(&it, AccountKey::of_user(ann.id), None).await, Attempts::none());
    assert_eq!(counted(&it, UNKNOWN, Some(network(1))).await, Attempts::none());
}

/// `save`: to the microsecond, the largest numbers too, and back to none.
pub async fn what_is_saved_is_locked_again(it: StoreUnderTest) {
    for attempts in [some(u32::MAX), Attempts { locked_until: None, ..some(1) }, Attempts::none()] {
        save(&it, UNKNOWN, None, &attempts, START).await;
        assert_eq!(counted(&it, UNKNOWN, None).await, attempts);
    }
}

async fn count_one(store: &dyn Store) {
    let mut work = store.write().await.unwrap();
    let attempts = work.attempts().lock(UNKNOWN, None, START).await.unwrap();
    let more = Attempts { failures: attempts.failures + 1, ..attempts };
    work.attempts().save(UNKNOWN, None, &more, START).await.unwrap();
    work.commit().await.unwrap();
}

/// `lock`: kept from change by others, from the first on, when there is no row yet.
pub async fn a_crowd_of_failures_is_counted_exactly(it: StoreUnderTest) {
    let one = |n: usize| {
        let store = if n.is_multiple_of(2) { it.store.clone() } else { it.other.clone() };
        tokio::spawn(async move { count_one(&*store).await })
    };
    let crowd: Vec<_> = (0..CROWD).map(one).collect();
    for member in crowd {
        member.await.unwrap();
    }
    assert_eq!(counted(&it, UNKNOWN, None).await.failures as usize, CROWD);
}

/// Neither another scope of the account nor the same of another.
pub async fn scopes_are_counted_apart(it: StoreUnderTest) {
    save(&it, UNKNOWN, None, &some(1), START).await;
    save(&it, UNKNOWN, Some(network(1)), &some(2), START).await;
    let other = AccountKey::from_bytes([8; 16]);
    assert_eq!(counted(&it, UNKNOWN, None).await, some(1));
    assert_eq!(counted(&it, UNKNOWN, Some(network(1))).await, some(2));
    assert_eq!(counted(&it, UNKNOWN, Some(network(2))).await, Attempts::none());
    assert_eq!(counted(&it, other, None).await, Attempts::none());
}

/// `clear`, `clear_all`: the latter answers how many.
pub async fn one_scope_is_forgotten_or_all(it: StoreUnderTest) {
    for scope in [None, Some(network(1)), Some(network(2))] {
        save(&it, UNKNOWN, scope, &some(1), START).await;
    }
    let mut work = it.write().await;
    work.attempts().clear(UNKNOWN, Some(network(1))).await.unwrap();
    work.attempts().clear(UNKNOWN, Some(network(1))).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(counted(&it, UNKNOWN, Some(network(1))).await, Attempts::none());
    assert_eq!(counted(&it, UNKNOWN, None).await, some(1));
    let mut work = it.write().await;
    assert_eq!(work.attempts().clear_all(UNKNOWN).await.unwrap(), 2);
    assert_eq!(work.attempts().clear_all(UNKNOWN).await.unwrap(), 0);
    work.commit().await.unwrap();
    assert_eq!(counted(&it, UNKNOWN, None).await, Attempts::none());
}

/// `note_network`, `knows_network`: the last time counts.
pub async fn a_network_is_known_since_the_last_sign_in_from_it(it: StoreUnderTest) {
    let (ann, bob) = (a_user("ann"), a_user("bob"));
    it.having(&[&ann, &bob]).await;
    let key = AccountKey::of_user(ann.id);
    for at in [START, START.plus(DAY)] {
        let mut work = it.write().await;
        work.attempts().note_network(ann.id, network(1), at).await.unwrap();
        work.commit().await.unwrap();
        assert!(knows(&it, key, network(1), at).await);
        assert!(!knows(&it, key, network(1), at.plus(Duration::from_micros(1))).await);
    }
    assert!(!knows(&it, key, network(2), START).await);
    assert!(!knows(&it, AccountKey::of_user(bob.id), network(1), START).await);
}

/// `networks_of`: those of this account, each once, with the last time.
pub async fn the_networks_of_an_account_are_listed_with_the_last_sign_in(it: StoreUnderTest) {
    let (ann, bob) = (a_user("ann"), a_user("bob"));
    it.having(&[&ann, &bob]).await;
    let mut work = it.write().await;
    for (user, n, at) in [(&ann, 2, START), (&ann, 1, START), (&ann, 1, START.plus(DAY)), (&bob, 3, START)] {
        work.attempts().note_network(user.id, network(n), at).await.unwrap();
    }
    let expected = [(network(1), START.plus(DAY)), (network(2), START)];
    assert_eq!(work.attempts().networks_of(ann.id).await.unwrap(), expected);
    assert_eq!(work.attempts().networks_of(a_user("nobody").id).await.unwrap(), []);
}

/// `knows_network`: no error either.
pub async fn nobody_knows_a_network_without_an_account(it: StoreUnderTest) {
    assert!(!knows(&it, UNKNOWN, network(1), Timestamp::EPOCH).await);
}

/// `purge`: counts untouched and networks unseen since, together at most so many.
pub async fn a_purge_forgets_what_is_long_untouched_and_no_more_than_asked(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    let line = START.plus(DAY);
    for third in 0..3 {
        save(&it, UNKNOWN, Some(network(third)), &some(1), START).await;
        let mut work = it.write().await;
        work.attempts().note_network(ann.id, network(third), START).await.unwrap();
        work.attempts().note_network(ann.id, network(9), line).await.unwrap();
        work.commit().await.unwrap();
    }
    save(&it, UNKNOWN, None, &some(1), line).await;
    let mut work = it.write().await;
    for expected in [4, 2, 0] {
        assert_eq!(work.attempts().purge(line, 4).await.unwrap(), expected);
    }
    work.commit().await.unwrap();
    assert_eq!(counted(&it, UNKNOWN, None).await, some(1));
    assert!(knows(&it, AccountKey::of_user(ann.id), network(9), line).await);
}
