//! The contract of [`RateLimiter`], claim by claim.
use doorward_domain::{Quota, RateClass, Taken};
use doorward_ports::outbound::RateLimiter;
use std::any::Any;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Barrier;

/// A limiter that has counted nothing yet.
pub struct LimiterUnderTest {
    /// The limiter, as one node sees it.
    pub one: Arc<dyn RateLimiter>,
    /// The same, as another node sees it.
    pub other: Arc<dyn RateLimiter>,
    /// What must live as long as the limiter.
    pub kept: Box<dyn Any + Send>,
}

const CROWD: usize = 64;
const LOGIN: RateClass = RateClass::Login;

/// Nothing comes back while a test runs.
const TEN_A_DAY: Quota = Quota { limit: NonZeroU32::new(10).unwrap(), per: Duration::from_hours(24) };
/// One each 200 ms.
const QUICK: Quota = Quota { limit: NonZeroU32::new(5).unwrap(), per: Duration::from_secs(1) };

async fn allowed(limiter: &Arc<dyn RateLimiter>, key: &str, quota: Quota) -> bool {
    limiter.take(LOGIN, key, quota).await.is_allowed()
}

/// "Takes one of the quota", and says how many are left and when all are there again.
pub async fn it_tells_what_is_left(it: LimiterUnderTest) {
    let interval = TEN_A_DAY.interval();
    for taken in 1..=10 {
        let Taken::Allowed { remaining, whole_in } = it.one.take(LOGIN, "ann", TEN_A_DAY).await else {
            panic!("the quota is not used up")
        };
        assert_eq!(remaining, 10 - taken);
        assert!(whole_in <= interval * taken && whole_in > interval * (taken - 1), "{whole_in:?}");
    }
}

/// Refused, one is told when to come back; "what is refused takes nothing".
pub async fn a_refusal_takes_nothing_and_says_how_long_to_wait(it: LimiterUnderTest) {
    for _ in 0..10 {
        assert!(allowed(&it.one, "ann", TEN_A_DAY).await);
    }
    let mut last = TEN_A_DAY.interval();
    for _ in 0..5 {
        let Taken::Refused { retry_after, whole_in } = it.other.take(LOGIN, "ann", TEN_A_DAY).await else {
            panic!("the quota is used up")
        };
        assert!(retry_after <= last, "{retry_after:?}: a refusal has made it longer");
        assert!(whole_in <= TEN_A_DAY.per && whole_in > TEN_A_DAY.per - TEN_A_DAY.interval(), "{whole_in:?}");
        last = retry_after;
    }
}

/// "Each class and each key is counted apart", by all nodes together unless the class is counted by each.
pub async fn classes_and_keys_are_counted_apart(it: LimiterUnderTest) {
    let once = Quota { limit: NonZeroU32::MIN, ..TEN_A_DAY };
    for class in RateClass::ALL {
        let other = if class.is_counted_by_node() { &it.one } else { &it.other };
        for key in ["ann", "bob", "2001:db8::/64"] {
            assert!(it.one.take(class, key, once).await.is_allowed(), "{class:?} {key}");
            assert!(!other.take(class, key, once).await.is_allowed(), "{class:?} {key}");
        }
    }
}

/// "Of a crowd at one instant as many are allowed as the quota has left", on however many nodes.
pub async fn of_a_crowd_exactly_as_many_pass_as_the_quota_has(it: LimiterUnderTest) {
    let start = Arc::new(Barrier::new(CROWD));
    let tasks: Vec<_> = (0..CROWD)
        .map(|n| {
            let (limiter, start) = (if n % 2 == 0 { it.one.clone() } else { it.other.clone() }, start.clone());
            tokio::spawn(async move {
                start.wait().await;
                allowed(&limiter, "ann", TEN_A_DAY).await
            })
        })
        .collect();
    let mut passed = 0;
    for task in tasks {
        passed += usize::from(task.await.unwrap());
    }
    assert_eq!(passed, 10);
}

/// What is given back "can be taken again at once", from whichever node.
pub async fn what_is_given_back_can_be_taken_again(it: LimiterUnderTest) {
    for _ in 0..10 {
        assert!(allowed(&it.one, "ann", TEN_A_DAY).await);
    }
    assert!(!allowed(&it.one, "ann", TEN_A_DAY).await);
    it.other.give_back(LOGIN, "ann", TEN_A_DAY).await;
    it.other.give_back(LOGIN, "bob", TEN_A_DAY).await;
    assert!(allowed(&it.one, "ann", TEN_A_DAY).await);
    assert!(!allowed(&it.other, "ann", TEN_A_DAY).await, "one was given back");
}

/// "More than all of the quota is never there."
pub async fn nothing_is_saved_up_by_giving_back(it: LimiterUnderTest) {
    assert!(allowed(&it.one, "ann", TEN_A_DAY).await);
    for _ in 0..20 {
        it.one.give_back(LOGIN, "ann", TEN_A_DAY).await;
        it.other.give_back(LOGIN, "nobody has asked yet", TEN_A_DAY).await;
    }
    for key in ["ann", "nobody has asked yet"] {
        let mut passed = 0;
        for _ in 0..20 {
            passed += u32::from(allowed(&it.one, key, TEN_A_DAY).await);
        }
        assert_eq!(passed, 10, "{key}");
    }
}

/// Then "one more each `per / limit`".
pub async fn then_one_more_passes_each_interval(it: LimiterUnderTest) {
    let began = Instant::now();
    let mut passed = 0;
    while began.elapsed() < QUICK.per {
        passed += u32::from(allowed(&it.one, "ann", QUICK).await);
        tokio::time::sleep(QUICK.interval() / 20).await;
    }
    let possible =
        QUICK.limit.get() + u32::try_from(began.elapsed().as_micros() / QUICK.interval().as_micros()).unwrap();
    assert!(passed <= possible && passed + 1 >= possible, "{passed} passed, {possible} were possible");
}

/// A caller who waits for the given time passes, and not sooner.
pub async fn who_waits_as_long_as_he_is_told_passes(it: LimiterUnderTest) {
    for _ in 0..QUICK.limit.get() {
        it.one.take(LOGIN, "ann", QUICK).await;
    }
    let Taken::Refused { retry_after, .. } = it.one.take(LOGIN, "ann", QUICK).await else { panic!("all is used up") };
    tokio::time::sleep(retry_after + Duration::from_millis(2)).await;
    assert!(allowed(&it.one, "ann", QUICK).await);
}

/// One `#[tokio::test]` for each claim of the contract. The argument is an `async fn() -> LimiterUnderTest` that makes a
/// limiter of its own.
#[macro_export]
macro_rules! rate_limiter_conformance {
    ($make:ident) => {
        $crate::rate_limiter_conformance! { $make:
            it_tells_what_is_left,
            a_refusal_takes_nothing_and_says_how_long_to_wait,
            classes_and_keys_are_counted_apart,
            of_a_crowd_exactly_as_many_pass_as_the_quota_has,
            what_is_given_back_can_be_taken_again,
            nothing_is_saved_up_by_giving_back,
            then_one_more_passes_each_interval,
            who_waits_as_long_as_he_is_told_passes,
        }
    };
    ($make:ident: $($claim:ident),* $(,)?) => {
        mod rate_limiter {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $claim() {
                $crate::rate_limiter::$claim(super::$make().await).await;
            })*
        }
    };
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_claim_has_a_test() {
        let source = include_str!("rate_limiter.rs");
        crate::claims::are_tested(source, "$make:\n", source);
    }
}
