//! The contract of [`SharedCache`], claim by claim.
use doorward_ports::outbound::{CacheKey, SharedCache};
use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// An empty cache that can be reached.
pub struct CacheUnderTest {
    /// The cache, as one node sees it.
    pub one: Arc<dyn SharedCache>,
    /// The same cache, as another node sees it.
    pub other: Arc<dyn SharedCache>,
    /// What must live as long as the cache.
    pub kept: Box<dyn Any + Send>,
}

const LONG: Duration = Duration::from_mins(1);
const SHORT: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(10);
const CROWD: u8 = 32;

fn ann() -> CacheKey {
    CacheKey::new("user", "ann")
}

async fn until_gone(cache: &Arc<dyn SharedCache>, key: &CacheKey) {
    let began = Instant::now();
    while cache.get(key).await.is_some() {
        assert!(began.elapsed() < PATIENCE, "{key:?} outlives its time");
        tokio::time::sleep(SHORT / 10).await;
    }
}

/// "The entry that was put last under this key", on every node, to the byte.
pub async fn what_one_puts_the_other_reads(cache: CacheUnderTest) {
    let every_byte: Vec<u8> = (0..=u8::MAX).collect();
    for value in [every_byte, Vec::new(), vec![7; 1 << 20]] {
        cache.one.put(&ann(), value.clone(), LONG).await;
        assert!(cache.other.get(&ann()).await == Some(value));
    }
}

/// An entry "may be missing".
pub async fn what_was_never_put_is_none(cache: CacheUnderTest) {
    assert_eq!(cache.one.get(&ann()).await, None);
}

/// "In place of an earlier one": its value and its time.
pub async fn a_later_entry_stands_in_place_of_the_earlier_one(cache: CacheUnderTest) {
    cache.one.put(&ann(), b"old".to_vec(), SHORT).await;
    cache.other.put(&ann(), b"new".to_vec(), LONG).await;
    tokio::time::sleep(SHORT * 2).await;
    assert_eq!(cache.one.get(&ann()).await.as_deref(), Some(&b"new"[..]));
}

/// "Unless its time is over."
pub async fn an_entry_is_gone_when_its_time_is_over(cache: CacheUnderTest) {
    cache.one.put(&ann(), b"value".to_vec(), LONG).await;
    cache.one.put(&ann(), b"value".to_vec(), SHORT).await;
    until_gone(&cache.other, &ann()).await;
}

/// A lifetime that no clock can hold, or of nothing, is a lifetime.
pub async fn an_entry_lives_for_ever_or_not_at_all(cache: CacheUnderTest) {
    cache.one.put(&ann(), b"value".to_vec(), Duration::from_secs(u64::from(u32::MAX))).await;
    assert!(cache.one.get(&ann()).await.is_some());
    cache.one.put(&ann(), b"value".to_vec(), Duration::ZERO).await;
    until_gone(&cache.one, &ann()).await;
}

/// A key is "what kind of thing, and which one".
pub async fn entries_of_other_kinds_are_apart(cache: CacheUnderTest) {
    let keys =
        [CacheKey::new("user", 1), CacheKey::new("role", 1), CacheKey::new("user", "1}"), CacheKey::new("user", "")];
    for (n, key) in (0_u8..).zip(&keys) {
        cache.one.put(key, vec![n], LONG).await;
    }
    for (n, key) in (0_u8..).zip(&keys) {
        assert_eq!(cache.other.get(key).await, Some(vec![n]), "{key:?}");
    }
}

/// Whatever the crowd does, an entry is one that somebody put.
pub async fn of_a_crowd_that_puts_one_entry_stands_whole(cache: CacheUnderTest) {
    let tasks: Vec<_> = (0..CROWD)
        .map(|n| {
            let (mine, theirs) = (cache.one.clone(), cache.other.clone());
            tokio::spawn(async move {
                mine.put(&ann(), vec![n; 10_000], LONG).await;
                theirs.get(&ann()).await.unwrap()
            })
        })
        .collect();
    for task in tasks {
        let read = task.await.unwrap();
        assert!(read.len() == 10_000 && read.iter().all(|&byte| byte == read[0]), "a mixture was read");
    }
}

/// One `#[tokio::test]` for each claim of the contract. The argument is an `async fn() -> CacheUnderTest` that makes an
/// empty cache of its own.
#[macro_export]
macro_rules! shared_cache_conformance {
    ($make:ident) => {
        $crate::shared_cache_conformance! { $make:
            what_one_puts_the_other_reads,
            what_was_never_put_is_none,
            a_later_entry_stands_in_place_of_the_earlier_one,
            an_entry_is_gone_when_its_time_is_over,
            an_entry_lives_for_ever_or_not_at_all,
            entries_of_other_kinds_are_apart,
            of_a_crowd_that_puts_one_entry_stands_whole,
        }
    };
    ($make:ident: $($claim:ident),* $(,)?) => {
        mod shared_cache {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $claim() {
                $crate::shared_cache::$claim(super::$make().await).await;
            })*
        }
    };
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_claim_has_a_test() {
        let source = include_str!("shared_cache.rs");
        crate::claims::are_tested(source, "$make:\n", source);
    }
}
