//! What guards promise.
use super::{AT_ONCE, CROWD, StoreUnderTest};
use crate::{START, a_user};
use doorward_domain::{RoleName, User, UserId};
use doorward_ports::outbound::{Guard, Store};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What a use case does that takes the role from somebody: the guard, then the look, then the deed.
async fn demote(store: Arc<dyn Store>, user: UserId) -> bool {
    let mut work = store.write().await.unwrap();
    work.guard(Guard::LastAdmin).await.unwrap();
    if work.users().active_holders(&RoleName::admin()).await.unwrap() < 2 {
        return false;
    }
    // Give the other every chance to look too.
    tokio::task::yield_now().await;
    let revoked = work.users().revoke(user, &RoleName::admin(), START).await.unwrap();
    work.commit().await.unwrap();
    revoked
}

/// `guard`: READ COMMITTED alone would let both go.
pub async fn of_two_admins_who_demote_each_other_one_stays(it: StoreUnderTest) {
    let admin = |name| User { roles: BTreeSet::from([RoleName::admin()]), ..a_user(name) };
    let (ann, bob) = (admin("ann"), admin("bob"));
    it.having(&[&ann, &bob]).await;
    for round in 0..6 {
        let (first, second) = if round % 2 == 0 { (&ann, &bob) } else { (&bob, &ann) };
        let one = tokio::spawn(demote(it.store.clone(), first.id));
        let two = tokio::spawn(demote(it.other.clone(), second.id));
        let (one, two) = (one.await.unwrap(), two.await.unwrap());
        assert_eq!(usize::from(one) + usize::from(two), 1, "round {round}");
        let mut work = it.write().await;
        assert_eq!(work.users().active_holders(&RoleName::admin()).await.unwrap(), 1);
        for user in [&ann, &bob] {
            work.users().grant(user.id, &RoleName::admin(), START).await.unwrap();
        }
        work.commit().await.unwrap();
    }
}

/// `guard`: until this one ends, whichever way.
pub async fn a_crowd_at_a_guard_goes_through_one_by_one(it: StoreUnderTest) {
    let inside = Arc::new(AtomicUsize::new(0));
    let one = |n: usize| {
        let store = if n.is_multiple_of(2) { it.store.clone() } else { it.other.clone() };
        let inside = inside.clone();
        tokio::spawn(async move {
            let mut work = store.write().await.unwrap();
            work.guard(Guard::Bootstrap).await.unwrap();
            assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "two are inside");
            tokio::task::yield_now().await;
            inside.fetch_sub(1, Ordering::SeqCst);
            if n.is_multiple_of(3) { drop(work) } else { work.commit().await.unwrap() }
        })
    };
    let crowd: Vec<_> = (0..CROWD).map(one).collect();
    for member in crowd {
        member.await.unwrap();
    }
}

/// One work may take several, one after the other.
pub async fn guards_of_other_rules_are_taken_apart(it: StoreUnderTest) {
    let mut work = it.write().await;
    let both = async {
        work.guard(Guard::LastAdmin).await.unwrap();
        work.guard(Guard::Bootstrap).await.unwrap();
        work.guard(Guard::LastAdmin).await.unwrap();
    };
    tokio::time::timeout(AT_ONCE, both).await.unwrap();
    work.commit().await.unwrap();
}
