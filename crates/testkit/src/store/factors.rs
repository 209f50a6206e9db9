//! What second factors promise.
use super::{CROWD, StoreUnderTest};
use crate::{START, a_factor, a_user};
use doorward_domain::{Attempts, Factor, TotpProgress, User, UserId};
use doorward_ports::outbound::{Store, TotpFactor};
use doorward_ports::{Secret, SecretDigest};
use std::sync::Arc;
use std::time::Duration;

const MICROSECOND: Duration = Duration::from_micros(1);
const SEED: &[u8] = b"sealed";

fn digest(text: &str) -> SecretDigest {
    SecretDigest::of(&Secret::new(text.to_owned()))
}

const fn step(step: i64) -> TotpProgress {
    TotpProgress { last_step: Some(step), drift: -1 }
}

async fn having(it: &StoreUnderTest, factors: &[&Factor]) {
    let mut work = it.write().await;
    for factor in factors {
        work.factors().insert(factor, SEED).await.unwrap();
    }
    work.commit().await.unwrap();
}

async fn of_user(it: &StoreUnderTest, user: UserId) -> Vec<Factor> {
    it.store.read().await.unwrap().factors().of_user(user).await.unwrap()
}

async fn totp_of(it: &StoreUnderTest, user: UserId) -> Vec<TotpFactor> {
    it.write().await.factors().totp_of(user).await.unwrap()
}

async fn codes_left(it: &StoreUnderTest, user: UserId) -> usize {
    it.store.read().await.unwrap().factors().recovery_codes_left(user).await.unwrap()
}

async fn ann_and_bob(it: &StoreUnderTest) -> (User, User) {
    let (ann, bob) = (a_user("ann"), a_user("bob"));
    it.having(&[&ann, &bob]).await;
    (ann, bob)
}

/// Lets a crowd do the same at once; returns how many of them succeeded.
async fn of_a_crowd<F>(store: &Arc<dyn Store>, does: impl Fn(Arc<dyn Store>) -> F) -> usize
where
    F: Future<Output = bool> + Send + 'static,
{
    let crowd: Vec<_> = (0..CROWD).map(|_| tokio::spawn(does(store.clone()))).collect();
    let mut successes = 0;
    for one in crowd {
        successes += usize::from(one.await.unwrap());
    }
    successes
}

/// `insert`, `of_user`, `totp_of`: oldest first, none of another account, without a step and without wrong codes.
pub async fn what_is_inserted_is_read_back_to_the_microsecond(it: StoreUnderTest) {
    let (ann, bob) = ann_and_bob(&it).await;
    let created_after = |n| Factor { created_at: START.plus(n * MICROSECOND), ..a_factor(&ann) };
    let [third, first, second] = [3, 1, 2].map(created_after);
    let used = Factor { confirmed_at: Some(START), last_used_at: Some(START.plus(MICROSECOND)), ..second };
    let his = a_factor(&bob);
    having(&it, &[&third, &first, &used, &his]).await;
    assert_eq!(of_user(&it, ann.id).await, [first.clone(), used.clone(), third.clone()]);
    assert_eq!(of_user(&it, bob.id).await, [his]);
    let untouched = |factor| TotpFactor {
        factor,
        sealed_seed: SEED.to_vec(),
        progress: TotpProgress::default(),
        attempts: Attempts::none(),
    };
    assert_eq!(totp_of(&it, ann.id).await, [first, used, third].map(untouched));
}

/// A factor of nobody, and a factor of another account.
pub async fn a_factor_of_another_account_is_none(it: StoreUnderTest) {
    let (ann, bob) = ann_and_bob(&it).await;
    let factor = a_factor(&ann);
    assert_eq!((of_user(&it, ann.id).await, codes_left(&it, ann.id).await), (vec![], 0));
    having(&it, &[&factor]).await;
    let mut work = it.write().await;
    let factors = work.factors();
    for (user, id) in [(bob.id, factor.id), (ann.id, a_factor(&ann).id)] {
        assert!(!factors.confirm(user, id, START).await.unwrap());
        assert!(!factors.use_step(user, id, &step(1), START).await.unwrap());
        assert!(factors.save_attempts(user, id, &Attempts::none()).await.is_err());
        assert!(!factors.delete(user, id).await.unwrap());
    }
    drop(work);
    assert_eq!(of_user(&it, ann.id).await, [factor]);
    it.others_can_write().await;
}

/// `confirm`
pub async fn of_a_crowd_one_confirms_a_factor(it: StoreUnderTest) {
    let (ann, _) = ann_and_bob(&it).await;
    let factor = a_factor(&ann);
    having(&it, &[&factor]).await;
    let (user, id) = (ann.id, factor.id);
    let confirmed = of_a_crowd(&it.store, |store| async move {
        let mut work = store.write().await.unwrap();
        let confirmed = work.factors().confirm(user, id, START).await.unwrap();
        work.commit().await.unwrap();
        confirmed
    });
    assert_eq!(confirmed.await, 1);
    assert_eq!(of_user(&it, ann.id).await, [Factor { confirmed_at: Some(START), ..factor }]);
}

/// `use_step`: neither that step nor one before it, and the wrong codes are forgotten with the use.
pub async fn a_step_is_used_once_and_none_before_it(it: StoreUnderTest) {
    let (ann, _) = ann_and_bob(&it).await;
    let factor = a_factor(&ann);
    having(&it, &[&factor]).await;
    let attempts =
        Attempts { failures: 3, window_started_at: START, locked_until: Some(START.plus(MICROSECOND)), level: 2 };
    let used_at = START.plus(MICROSECOND);
    let mut work = it.write().await;
    let factors = work.factors();
    factors.save_attempts(ann.id, factor.id, &attempts).await.unwrap();
    assert_eq!(factors.totp_of(ann.id).await.unwrap()[0].attempts, attempts);
    assert!(factors.use_step(ann.id, factor.id, &step(1000), used_at).await.unwrap());
    for used in [1000, 999, -5] {
        assert!(!factors.use_step(ann.id, factor.id, &step(used), START).await.unwrap(), "{used}");
    }
    let now = factors.totp_of(ann.id).await.unwrap().remove(0);
    assert_eq!((now.progress, now.attempts, now.factor.last_used_at), (step(1000), Attempts::none(), Some(used_at)));
    assert!(factors.use_step(ann.id, factor.id, &step(1001), used_at).await.unwrap());
    work.commit().await.unwrap();
}

/// `use_step`
pub async fn of_a_crowd_one_uses_a_step(it: StoreUnderTest) {
    let (ann, _) = ann_and_bob(&it).await;
    let factor = a_factor(&ann);
    having(&it, &[&factor]).await;
    let (user, id) = (ann.id, factor.id);
    let used = of_a_crowd(&it.store, |store| async move {
        let mut work = store.write().await.unwrap();
        let used = work.factors().use_step(user, id, &step(1000), START).await.unwrap();
        work.commit().await.unwrap();
        used
    });
    assert_eq!(used.await, 1);
}

/// `delete`
pub async fn a_factor_is_deleted_once_and_with_its_account(it: StoreUnderTest) {
    let (ann, bob) = ann_and_bob(&it).await;
    let (first, second, his) = (a_factor(&ann), a_factor(&ann), a_factor(&bob));
    having(&it, &[&first, &second, &his]).await;
    let mut work = it.write().await;
    assert!(work.factors().delete(ann.id, first.id).await.unwrap());
    assert!(!work.factors().delete(ann.id, first.id).await.unwrap());
    work.factors().replace_recovery_codes(bob.id, &[digest("his")], START).await.unwrap();
    work.users().delete(bob.id).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!((of_user(&it, ann.id).await, of_user(&it, bob.id).await), (vec![second], vec![]));
    assert_eq!(codes_left(&it, bob.id).await, 0);
}

/// `replace_recovery_codes`, `use_recovery_code`: all earlier ones are gone, used or not, and none is another account's.
pub async fn recovery_codes_are_replaced_and_each_is_used_once(it: StoreUnderTest) {
    let (ann, bob) = ann_and_bob(&it).await;
    let mut work = it.write().await;
    let factors = work.factors();
    factors.replace_recovery_codes(ann.id, &["a", "b", "c"].map(digest), START).await.unwrap();
    factors.replace_recovery_codes(bob.id, &[digest("a")], START).await.unwrap();
    assert!(factors.use_recovery_code(ann.id, &digest("a"), START).await.unwrap());
    for (user, code) in [(ann.id, "a"), (ann.id, "d"), (bob.id, "b")] {
        assert!(!factors.use_recovery_code(user, &digest(code), START).await.unwrap(), "{code}");
    }
    assert_eq!(factors.recovery_codes_left(ann.id).await.unwrap(), 2);
    factors.replace_recovery_codes(ann.id, &["a", "e"].map(digest), START).await.unwrap();
    assert!(!factors.use_recovery_code(ann.id, &digest("b"), START).await.unwrap());
    assert!(factors.use_recovery_code(ann.id, &digest("a"), START).await.unwrap(), "it is a new one");
    factors.replace_recovery_codes(ann.id, &[], START).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!((codes_left(&it, ann.id).await, codes_left(&it, bob.id).await), (0, 1));
}

/// `use_recovery_code`
pub async fn of_a_crowd_one_uses_a_recovery_code(it: StoreUnderTest) {
    let (ann, _) = ann_and_bob(&it).await;
    let mut work = it.write().await;
    work.factors().replace_recovery_codes(ann.id, &[digest("a")], START).await.unwrap();
    work.commit().await.unwrap();
    let user = ann.id;
    let used = of_a_crowd(&it.store, |store| async move {
        let mut work = store.write().await.unwrap();
        let used = work.factors().use_recovery_code(user, &digest("a"), START).await.unwrap();
        work.commit().await.unwrap();
        used
    });
    assert_eq!(used.await, 1);
    assert_eq!(codes_left(&it, ann.id).await, 0);
}

/// `purge_unconfirmed`
pub async fn a_purge_forgets_what_was_never_confirmed_and_no_more_than_asked(it: StoreUnderTest) {
    let (ann, _) = ann_and_bob(&it).await;
    let created_after = |n| Factor { created_at: START.plus(n * MICROSECOND), ..a_factor(&ann) };
    let [first, second, young] = [0, 1, 2].map(created_after);
    let confirmed = Factor { confirmed_at: Some(START), ..created_after(0) };
    having(&it, &[&first, &second, &young, &confirmed]).await;
    let mut work = it.write().await;
    let before = START.plus(2 * MICROSECOND);
    assert_eq!(work.factors().purge_unconfirmed(before, 1).await.unwrap(), 1);
    assert_eq!(work.factors().purge_unconfirmed(before, 10).await.unwrap(), 1);
    work.commit().await.unwrap();
    assert_eq!(of_user(&it, ann.id).await, [confirmed, young]);
}
