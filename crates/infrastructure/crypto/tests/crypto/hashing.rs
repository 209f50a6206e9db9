use doorward_crypto::{HashingPool, HashingSettings, HashingSettingsError, OsRandom};
use doorward_domain::{Password, RateClass};
use doorward_ports::outbound::{AccountKey, CacheTier, HashingError, Observer, PasswordHash, PasswordHasher, Verdict};
use proptest::prelude::*;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const MATCHES: Verdict = Verdict { matches: true, outdated: false };
const DIFFERS: Verdict = Verdict { matches: false, outdated: false };
const CHEAPEST: u32 = 4;
const ANN: AccountKey = AccountKey::from_bytes([1; 16]);

fn settings(cost: u32) -> HashingSettings {
    HashingSettings {
        cost,
        threads: NonZeroUsize::new(2).unwrap(),
        lanes: NonZeroUsize::new(4),
        queue: NonZeroUsize::new(64).unwrap(),
        patience: Duration::from_secs(60),
    }
}

fn pool(cost: u32) -> HashingPool {
    HashingPool::start(settings(cost), Arc::new(OsRandom), Arc::new(())).unwrap()
}

fn password(text: &str) -> Password {
    Password::new(text.to_owned()).unwrap()
}

fn stored(text: &str) -> PasswordHash {
    PasswordHash::from_stored(text.to_owned())
}

async fn hash(pool: &HashingPool, text: &str) -> PasswordHash {
    pool.hash(ANN, &password(text)).await.unwrap()
}

async fn verify(pool: &HashingPool, text: &str, stored: &PasswordHash) -> Verdict {
    pool.verify(ANN, &password(text), Some(stored)).await.unwrap()
}

/// Whether a password matches an imported digest, which is always outdated.
async fn matches_imported(text: &str, digest: &str) -> bool {
    let verdict = verify(&pool(CHEAPEST), text, &stored(&format!("bcrypt:{digest}"))).await;
    assert!(verdict.outdated);
    verdict.matches
}

#[tokio::test]
async fn a_password_matches_its_digest_and_no_other_does() {
    let pool = pool(CHEAPEST);
    let digest = hash(&pool, "copper-violin-marsh-42").await;
    assert_eq!(verify(&pool, "copper-violin-marsh-42", &digest).await, MATCHES);
    assert_eq!(verify(&pool, "copper-violin-marsh-43", &digest).await, DIFFERS);
    assert_eq!(verify(&pool, "", &digest).await, DIFFERS);
}

#[tokio::test]
async fn the_same_password_has_another_digest_each_time() {
    let pool = pool(CHEAPEST);
    assert_ne!(hash(&pool, "copper-violin").await.as_stored(), hash(&pool, "copper-violin").await.as_stored());
}

#[tokio::test]
async fn a_digest_names_its_scheme_and_cost_and_prints_as_nothing() {
    let pool = pool(5);
    let (whole, prehashed) = (hash(&pool, "copper").await, hash(&pool, &"copper".repeat(13)).await);
    assert!(whole.as_stored().starts_with("nfkc-bcrypt:$2b$05$"), "{}", whole.as_stored());
    assert!(prehashed.as_stored().starts_with("nfkc-hmac-bcrypt:$2b$05$"), "{}", prehashed.as_stored());
    assert_eq!(format!("{whole:?}"), "PasswordHash(…)");
}

/// From the test suites of jBCrypt, OpenBSD's and Openwall's bcrypt.
const PUBLISHED: [(&str, &str); 10] = [
    ("", "$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s."),
    ("a", "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe"),
    ("abc", "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"),
    ("abcdefghijklmnopqrstuvwxyz", "$2a$06$.rCVZVOThsIa97pEDOxvGuRRgzG64bvtJ0938xuqzv18d3ZpQhstC"),
    ("~!@#$%^&*()      ~!@#$%^&*()PNBFRD", "$2a$06$fPIsBO8qRqkjj273rfaOI.HtSV9jLDpTbZn782DC6/t7qT67P6FfO"),
    ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    ("U*U", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    ("U*U", "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    ("U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"),
    ("U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"),
];

#[tokio::test]
async fn published_digests_match_their_passwords_and_no_other() {
    for (text, digest) in PUBLISHED {
        assert!(matches_imported(text, digest).await, "{text} {digest}");
        assert!(!matches_imported(&format!("{text}x"), digest).await, "{text} {digest}");
    }
}

#[tokio::test]
async fn an_imported_digest_is_compared_with_72_bytes_as_its_old_system_did() {
    let text = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    assert_eq!(text.len(), 72);
    // Openwall's vector: "chars after 72 are ignored".
    let digest = "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui";
    assert!(matches_imported(text, digest).await);
    assert!(matches_imported(&format!("{text}chars after 72 are ignored"), digest).await);
    assert!(!matches_imported(&text[..71], digest).await);
}

#[tokio::test]
async fn a_nul_never_matches_an_imported_digest() {
    let (text, digest) = PUBLISHED[1];
    // To bcrypt itself, which repeats its key, `a` and `a\0a` are one.
    assert!(!matches_imported(&format!("{text}\0{text}"), digest).await);
    assert!(!matches_imported(&format!("{text}\0"), digest).await);
}

#[tokio::test]
async fn nothing_is_cut_at_72_bytes() {
    let pool = pool(CHEAPEST);
    for length in [71, 72, 73, 128] {
        let text = "a".repeat(length);
        let digest = hash(&pool, &text).await;
        assert_eq!(verify(&pool, &text, &digest).await, MATCHES, "{length}");
        for other in [&text[1..], &format!("{text}a"), &format!("{}b", &text[1..])] {
            assert_eq!(verify(&pool, other, &digest).await, DIFFERS, "{length}");
        }
    }
}

#[tokio::test]
async fn a_nul_does_not_end_a_password() {
    let pool = pool(CHEAPEST);
    let digest = hash(&pool, "copper\0violin").await;
    assert_eq!(verify(&pool, "copper\0violin", &digest).await, MATCHES);
    for other in ["copper", "copper\0", "copper\0marsh", "copper\0violin\0copper\0violin"] {
        assert_eq!(verify(&pool, other, &digest).await, DIFFERS, "{other:?}");
    }
    let short = hash(&pool, "copper").await;
    assert_eq!(verify(&pool, "copper\0copper", &short).await, DIFFERS);
}

#[tokio::test]
async fn the_prehash_of_a_long_password_is_not_itself_a_password() {
    use aws_lc_rs::hmac;
    use base64::Engine as _;
    let (pool, long) = (pool(CHEAPEST), "a".repeat(100));
    let digest = hash(&pool, &long).await;
    let key = hmac::Key::new(hmac::HMAC_SHA384, b"doorward password prehash v1");
    let prehash = base64::engine::general_purpose::STANDARD.encode(hmac::sign(&key, long.as_bytes()));

    // It is what bcrypt is given: without the scheme in front it would match.
    let bare = digest.as_stored().replace("nfkc-hmac-bcrypt:", "bcrypt:");
    assert!(verify(&pool, &prehash, &stored(&bare)).await.matches);
    assert_eq!(verify(&pool, &prehash, &digest).await, DIFFERS);
}

#[tokio::test]
async fn nist_800_63b_5_1_1_2_every_keyboard_gives_the_same_password() {
    let pool = pool(CHEAPEST);
    let digest = hash(&pool, "ｐａｓｓｗｏｒｄ-caf\u{65}\u{301}").await;
    assert_eq!(verify(&pool, "password-caf\u{e9}", &digest).await, MATCHES);
}

#[tokio::test]
async fn a_digest_of_another_cost_matches_and_is_outdated() {
    let digest = hash(&pool(5), "copper-violin").await;
    for present in [4, 6] {
        let verdict = verify(&pool(present), "copper-violin", &digest).await;
        assert_eq!(verdict, Verdict { matches: true, outdated: true }, "{present}");
    }
}

#[tokio::test]
async fn no_account_a_wrong_password_and_an_older_digest_cost_the_same_work() {
    let pool = pool(7);
    let present = hash(&pool, "copper-violin").await;
    let older = hash(&self::pool(CHEAPEST), "copper-violin").await;
    let imported = stored(&format!("bcrypt:{}", PUBLISHED[1].1));
    let long = hash(&pool, &"a".repeat(100)).await;
    for digest in [None, Some(&present), Some(&older), Some(&imported), Some(&long)] {
        let before = pool.rounds();
        let verdict = pool.verify(ANN, &password("marsh"), digest).await.unwrap();
        assert!(!verdict.matches);
        assert_eq!(pool.rounds() - before, 1 << 7);
    }
}

#[tokio::test]
async fn a_scheme_that_is_not_known_fails_without_saying_what_is_stored() {
    let argon = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG";
    let refused = pool(CHEAPEST).verify(ANN, &password("copper"), Some(&stored(argon))).await.unwrap_err();
    let HashingError::Failed(source) = refused else { panic!("{refused}") };
    assert!(source.to_string().contains("has an unknown scheme"), "{source}");
    assert!(!source.to_string().contains("Rdescudv"), "{source}");
}

async fn until_waiting(pool: &HashingPool, count: usize) {
    // First of all, what was just spawned gets its place.
    tokio::task::yield_now().await;
    while pool.waiting() != count {
        tokio::task::yield_now().await;
    }
}

/// The room of the queue, and what was refused.
#[derive(Default)]
struct Queue {
    room: AtomicUsize,
    refused: AtomicUsize,
}

impl Observer for Queue {
    fn cache_asked(&self, _: &'static str, _: CacheTier, _: bool) {}
    fn rate_limited(&self, _: RateClass) {}
    fn password_hashed(&self, _: Duration) {}
    fn passwords_waiting(&self, _: usize) {}

    fn passwords_fit(&self, count: usize) {
        self.room.store(count, Ordering::SeqCst);
    }

    fn password_refused(&self) {
        self.refused.fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn a_full_queue_is_refused_at_once_with_a_time_to_come_back() {
    let one = NonZeroUsize::MIN;
    let busy = HashingSettings {
        threads: one,
        lanes: Some(one),
        queue: one,
        patience: Duration::from_secs(9),
        ..settings(16)
    };
    let queue = Arc::new(Queue::default());
    let pool = Arc::new(HashingPool::start(busy, Arc::new(OsRandom), queue.clone()).unwrap());
    let slow_hash = || {
        let pool = Arc::clone(&pool);
        tokio::spawn(async move { pool.hash(ANN, &password("copper")).await })
    };
    let being_hashed = slow_hash();
    until_waiting(&pool, 0).await;
    let in_the_queue = slow_hash();
    until_waiting(&pool, 1).await;

    let refused = pool.hash(ANN, &password("copper")).await.unwrap_err();

    assert!(matches!(refused, HashingError::Overloaded { retry_after } if retry_after == Duration::from_secs(9)));
    assert!(!being_hashed.is_finished() && !in_the_queue.is_finished());
    assert_eq!(pool.rounds(), 0);
    assert_eq!((queue.room.load(Ordering::SeqCst), queue.refused.load(Ordering::SeqCst)), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thirty_two_at_once_are_all_hashed() {
    let pool = Arc::new(pool(6));
    let tasks: Vec<_> = (0..32)
        .map(|number| {
            let pool = Arc::clone(&pool);
            tokio::spawn(async move {
                let text = format!("copper-{number}");
                let digest = hash(&pool, &text).await;
                (verify(&pool, &text, &digest).await, verify(&pool, "copper", &digest).await)
            })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), (MATCHES, DIFFERS));
    }
    assert_eq!(pool.rounds(), (3 * 32) << 6);
    assert_eq!(pool.waiting(), 0);
}

#[test]
fn an_impossible_cost_is_refused_at_the_start() {
    for cost in [0, 3, 19, 31, u32::MAX] {
        let refused = HashingPool::start(settings(cost), Arc::new(OsRandom), Arc::new(())).err();
        assert!(matches!(refused, Some(HashingSettingsError::Cost(c)) if c == cost), "{cost}");
    }
}

proptest! {
    #[test]
    fn a_password_matches_itself_alone(one in "(?s).{0,100}", other in "(?s).{0,100}") {
        let (one, other) = (password(&one), password(&other));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let pool = pool(CHEAPEST);
        runtime.block_on(async {
            let digest = pool.hash(ANN, &one).await.unwrap();
            prop_assert_eq!(pool.verify(ANN, &one, Some(&digest)).await.unwrap(), MATCHES);
            let same = one.expose() == other.expose();
            prop_assert_eq!(pool.verify(ANN, &other, Some(&digest)).await.unwrap().matches, same);
            Ok(())
        })?;
    }
}
