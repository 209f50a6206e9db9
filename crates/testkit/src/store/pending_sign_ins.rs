//! What sign-ins that wait for their second factor promise.
use super::{CROWD, StoreUnderTest};
use crate::{START, a_pending_sign_in, a_user, an_attempt};
use doorward_domain::{MOST_WRONG_CODES, PendingSignIn, Timestamp, User};
use doorward_ports::{Secret, SecretDigest};
use std::time::Duration;

const MICROSECOND: Duration = Duration::from_micros(1);
/// Before everything that is begun here.
const LONG_AGO: Timestamp = Timestamp::EPOCH;

fn token(text: &str) -> SecretDigest {
    SecretDigest::of(&Secret::new(text.to_owned()))
}

async fn having(it: &StoreUnderTest, all: &[(&PendingSignIn, &str)]) {
    let mut work = it.write().await;
    for (pending, text) in all {
        work.pending_sign_ins().insert(pending, &token(text)).await.unwrap();
    }
    work.commit().await.unwrap();
}

async fn found(it: &StoreUnderTest, text: &str) -> Option<PendingSignIn> {
    it.write().await.pending_sign_ins().by_token(&token(text)).await.unwrap()
}

async fn ann(it: &StoreUnderTest) -> User {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    ann
}

/// `insert`, `by_token`: open or not, with an attempt and without one.
pub async fn what_is_inserted_is_read_back_to_the_microsecond(it: StoreUnderTest) {
    let ann = ann(&it).await;
    let first = a_pending_sign_in(&ann);
    let second = PendingSignIn {
        attempt: Some(an_attempt().id),
        begun_at: START.plus(MICROSECOND),
        tries: 3,
        ended_at: Some(START.plus(2 * MICROSECOND)),
        ..a_pending_sign_in(&ann)
    };
    having(&it, &[(&first, "first"), (&second, "second")]).await;
    assert_eq!(found(&it, "first").await, Some(first));
    assert_eq!(found(&it, "second").await, Some(second));
}

/// All methods answer none, false or zero.
pub async fn an_unknown_token_is_none(it: StoreUnderTest) {
    let ann = ann(&it).await;
    assert_eq!(found(&it, "unknown").await, None);
    let mut work = it.write().await;
    let pending = work.pending_sign_ins();
    assert_eq!(pending.try_code(&token("unknown"), LONG_AGO).await.unwrap(), None);
    assert!(!pending.end(a_pending_sign_in(&ann).id, START).await.unwrap());
    assert!(!pending.end_of_attempt(an_attempt().id, START).await.unwrap());
    assert_eq!(pending.end_of_user(ann.id, START).await.unwrap(), 0);
}

/// `try_code`: each try is counted, and after the last there is none.
pub async fn a_try_is_counted_until_there_is_none_left(it: StoreUnderTest) {
    let ann = ann(&it).await;
    let pending = a_pending_sign_in(&ann);
    having(&it, &[(&pending, "token")]).await;
    let mut work = it.write().await;
    for tries in 1..=MOST_WRONG_CODES {
        let tried = work.pending_sign_ins().try_code(&token("token"), LONG_AGO).await.unwrap();
        assert_eq!(tried, Some(PendingSignIn { tries, ..pending.clone() }));
    }
    assert_eq!(work.pending_sign_ins().try_code(&token("token"), LONG_AGO).await.unwrap(), None);
    work.commit().await.unwrap();
}

/// `try_code`: none that was begun at that time or before.
pub async fn a_try_comes_in_time_or_not_at_all(it: StoreUnderTest) {
    let ann = ann(&it).await;
    let pending = a_pending_sign_in(&ann);
    having(&it, &[(&pending, "token")]).await;
    let mut work = it.write().await;
    assert_eq!(work.pending_sign_ins().try_code(&token("token"), pending.begun_at).await.unwrap(), None);
    let just_before = pending.begun_at.minus(MICROSECOND);
    assert!(work.pending_sign_ins().try_code(&token("token"), just_before).await.unwrap().is_some());
}

/// `try_code`
pub async fn of_a_crowd_no_more_than_five_try_a_code(it: StoreUnderTest) {
    let ann = ann(&it).await;
    having(&it, &[(&a_pending_sign_in(&ann), "token")]).await;
    let crowd: Vec<_> = (0..CROWD)
        .map(|_| {
            let store = it.store.clone();
            tokio::spawn(async move {
                let mut work = store.write().await.unwrap();
                let tried = work.pending_sign_ins().try_code(&token("token"), LONG_AGO).await.unwrap();
                work.commit().await.unwrap();
                tried.map(|tried| tried.tries)
            })
        })
        .collect();
    let mut tries = Vec::new();
    for one in crowd {
        tries.extend(one.await.unwrap());
    }
    tries.sort_unstable();
    assert_eq!(tries, Vec::from_iter(1..=MOST_WRONG_CODES), "each is counted once");
}

/// `try_code`, `end`: of a crowd that tries and then ends, as by the right code, one ends it.
pub async fn of_a_crowd_one_ends_it_after_a_try(it: StoreUnderTest) {
    let ann = ann(&it).await;
    having(&it, &[(&a_pending_sign_in(&ann), "token")]).await;
    let crowd: Vec<_> = (0..CROWD)
        .map(|_| {
            let store = it.store.clone();
            tokio::spawn(async move {
                let mut work = store.write().await.unwrap();
                let tried = work.pending_sign_ins().try_code(&token("token"), LONG_AGO).await.unwrap();
                let ended = match tried {
                    Some(pending) => work.pending_sign_ins().end(pending.id, START).await.unwrap(),
                    None => false,
                };
                work.commit().await.unwrap();
                ended
            })
        })
        .collect();
    let mut ended = 0;
    for one in crowd {
        ended += usize::from(one.await.unwrap());
    }
    assert_eq!(ended, 1);
}

/// `end`, `end_of_user`, `end_of_attempt`: once, and after that no try is counted.
pub async fn what_has_ended_is_not_tried_and_not_ended_again(it: StoreUnderTest) {
    let (ann, bob) = (ann(&it).await, a_user("bob"));
    it.having(&[&bob]).await;
    let attempt = an_attempt().id;
    let by_provider = PendingSignIn { attempt: Some(attempt), ..a_pending_sign_in(&ann) };
    let (one, two, his) = (a_pending_sign_in(&ann), a_pending_sign_in(&ann), a_pending_sign_in(&bob));
    having(&it, &[(&by_provider, "provider"), (&one, "one"), (&two, "two"), (&his, "his")]).await;
    let mut work = it.write().await;
    let pending = work.pending_sign_ins();
    assert!(pending.end_of_attempt(attempt, START).await.unwrap());
    assert!(!pending.end_of_attempt(attempt, START).await.unwrap());
    assert!(pending.end(one.id, START).await.unwrap());
    assert!(!pending.end(one.id, START).await.unwrap());
    assert_eq!(pending.end_of_user(ann.id, START).await.unwrap(), 1);
    for text in ["provider", "one", "two"] {
        assert_eq!(pending.try_code(&token(text), LONG_AGO).await.unwrap(), None, "{text}");
    }
    assert!(pending.try_code(&token("his"), LONG_AGO).await.unwrap().is_some());
    work.commit().await.unwrap();
    assert_eq!(found(&it, "two").await, Some(PendingSignIn { ended_at: Some(START), ..two }));
}

/// A try that is not committed was none.
pub async fn a_try_that_is_not_committed_is_not_counted(it: StoreUnderTest) {
    let ann = ann(&it).await;
    let pending = a_pending_sign_in(&ann);
    having(&it, &[(&pending, "token")]).await;
    it.write().await.pending_sign_ins().try_code(&token("token"), LONG_AGO).await.unwrap();
    assert_eq!(found(&it, "token").await, Some(pending));
    it.others_can_write().await;
}

/// They are deleted with their account.
pub async fn a_deleted_account_has_none(it: StoreUnderTest) {
    let ann = ann(&it).await;
    having(&it, &[(&a_pending_sign_in(&ann), "token")]).await;
    let mut work = it.write().await;
    work.users().delete(ann.id).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(found(&it, "token").await, None);
}

/// `purge`
pub async fn a_purge_forgets_what_is_long_over_and_no_more_than_asked(it: StoreUnderTest) {
    let ann = ann(&it).await;
    let begun_after = |n| PendingSignIn { begun_at: START.plus(n * MICROSECOND), ..a_pending_sign_in(&ann) };
    let [first, second, young] = [0, 1, 2].map(begun_after);
    having(&it, &[(&first, "first"), (&second, "second"), (&young, "young")]).await;
    let mut work = it.write().await;
    let before = START.plus(2 * MICROSECOND);
    assert_eq!(work.pending_sign_ins().purge(before, 1).await.unwrap(), 1);
    assert_eq!(work.pending_sign_ins().purge(before, 10).await.unwrap(), 1);
    work.commit().await.unwrap();
    assert_eq!(found(&it, "first").await, None);
    assert_eq!(found(&it, "young").await, Some(young));
}
