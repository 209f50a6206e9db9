//! What the store of sealed values promises, whatever table they are in.
use super::{CROWD, StoreUnderTest};
use crate::{a_key, an_attempt};
use doorward_domain::{SealedHead, SealingKeyId};
use doorward_ports::outbound::{AttemptSecrets, SealedColumn, SealedCount, SealedValue, StoredKey};
use doorward_ports::{Secret, SecretDigest};

const fn head(n: u8) -> SealedHead {
    SealedHead { format: 2, key: SealingKeyId::from_bytes([n; SealingKeyId::LENGTH]) }
}

fn sealed(by: SealedHead, text: &str) -> Vec<u8> {
    [&by.to_bytes(), text.as_bytes()].concat()
}

async fn column(it: &StoreUnderTest, table: &str, column: &str) -> SealedColumn {
    let mut read = it.store.read().await.unwrap();
    let columns = read.sealed_values().columns();
    *columns.iter().find(|listed| (listed.table, listed.column) == (table, column)).unwrap()
}

/// Signing keys with these sealed values, in the order of their rows.
async fn having(it: &StoreUnderTest, values: &[Option<Vec<u8>>]) -> Vec<String> {
    let mut rows = Vec::new();
    let mut work = it.write().await;
    for value in values {
        let key = StoredKey { sealed: value.clone(), ..a_key() };
        work.signing_keys().insert(&key).await.unwrap();
        rows.push(key.record.id.to_string());
    }
    work.commit().await.unwrap();
    rows
}

async fn count(it: &StoreUnderTest, column: SealedColumn) -> Vec<SealedCount> {
    it.other.read().await.unwrap().sealed_values().count(column).await.unwrap()
}

async fn not_headed(it: &StoreUnderTest, column: SealedColumn, after: Option<&str>, limit: usize) -> Vec<String> {
    let mut read = it.other.read().await.unwrap();
    let values = read.sealed_values().not_headed(column, head(1), after, limit).await.unwrap();
    values.into_iter().map(|value| value.row).collect()
}

/// `count`: rows without a value are not counted, and values that are too short have no head.
pub async fn sealed_values_are_counted_by_their_heads(it: StoreUnderTest) {
    let keys = column(&it, "signing_keys", "sealed_private").await;
    assert_eq!(count(&it, keys).await, []);
    let values = [sealed(head(1), "a"), sealed(head(2), "b"), sealed(head(1), ""), b"short".to_vec()];
    having(&it, &values.map(Some)).await;
    having(&it, &[None]).await;
    let counted = |head, rows| SealedCount { column: keys, head, rows };
    let mut counts = count(&it, keys).await;
    counts.sort_by_key(|count| count.head);
    assert_eq!(counts, [counted(None, 1), counted(Some(head(1)), 2), counted(Some(head(2)), 1)]);
    for &other in it.store.read().await.unwrap().sealed_values().columns().iter().filter(|other| **other != keys) {
        assert_eq!(count(&it, other).await, [], "{other:?}");
    }
}

/// `not_headed`: page by page, without those that have the head and those without a value.
pub async fn values_with_other_heads_come_page_by_page(it: StoreUnderTest) {
    let keys = column(&it, "signing_keys", "sealed_private").await;
    let values = [Some(head(2)), Some(head(1)), None, Some(head(3)), Some(head(2))];
    let rows = having(&it, &values.map(|head| head.map(|head| sealed(head, "x")))).await;
    assert_eq!(not_headed(&it, keys, None, 10).await, [rows[0].clone(), rows[3].clone(), rows[4].clone()]);
    assert_eq!(not_headed(&it, keys, None, 2).await, [rows[0].clone(), rows[3].clone()]);
    assert_eq!(not_headed(&it, keys, Some(&rows[3]), 2).await, [rows[4].clone()]);
    assert_eq!(not_headed(&it, keys, Some(&rows[4]), 2).await, Vec::<String>::new());
}

/// `not_headed`, `replace`: also where a row is named by an id.
pub async fn rows_that_are_named_by_ids_are_found_and_replaced(it: StoreUnderTest) {
    let verifiers = column(&it, "authorization_attempts", "sealed_verifier").await;
    let attempt = an_attempt();
    let state = SecretDigest::of(&Secret::new("state".to_owned()));
    let was = sealed(head(2), "verifier");
    let mut work = it.write().await;
    let secrets = AttemptSecrets { state: &state, browser: None, verifier: &was };
    work.authorization_attempts().insert(&attempt, secrets).await.unwrap();
    work.commit().await.unwrap();
    let mut read = it.other.read().await.unwrap();
    let found = read.sealed_values().not_headed(verifiers, head(1), None, 10).await.unwrap();
    assert_eq!(found, [SealedValue { row: attempt.id.to_string(), sealed: was }]);
    let mut work = it.write().await;
    assert!(work.sealed_values().replace(verifiers, &found[0], &sealed(head(1), "again")).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(not_headed(&it, verifiers, None, 10).await, Vec::<String>::new());
    assert_eq!(not_headed(&it, verifiers, Some(&found[0].row), 10).await, Vec::<String>::new());
}

/// `replace`: what was changed meanwhile, or is gone, stays as it is.
pub async fn a_value_is_replaced_only_if_nobody_has_changed_it(it: StoreUnderTest) {
    let keys = column(&it, "signing_keys", "sealed_private").await;
    let rows = having(&it, &[Some(sealed(head(2), "x"))]).await;
    let value = |text: &str| SealedValue { row: rows[0].clone(), sealed: sealed(head(2), text) };
    let gone = SealedValue { row: "nobody".to_owned(), ..value("x") };
    let mut work = it.write().await;
    assert!(!work.sealed_values().replace(keys, &value("y"), b"new").await.unwrap());
    assert!(!work.sealed_values().replace(keys, &gone, b"new").await.unwrap());
    assert!(work.sealed_values().replace(keys, &value("x"), b"new").await.unwrap());
    assert!(!work.sealed_values().replace(keys, &value("x"), b"newer").await.unwrap());
    work.commit().await.unwrap();
    let stored = it.other.read().await.unwrap().signing_keys().all().await.unwrap();
    assert_eq!(stored[0].sealed.as_deref(), Some(&b"new"[..]));
}

/// `replace`: of any number of calls at once with the same value.
pub async fn of_a_crowd_one_replaces_a_value(it: StoreUnderTest) {
    let keys = column(&it, "signing_keys", "sealed_private").await;
    let was = sealed(head(2), "x");
    let rows = having(&it, &[Some(was.clone())]).await;
    let crowd = (0..CROWD).map(|n| {
        let store = if n % 2 == 0 { it.store.clone() } else { it.other.clone() };
        let value = SealedValue { row: rows[0].clone(), sealed: was.clone() };
        tokio::spawn(async move {
            let mut work = store.write().await.unwrap();
            let replaced = work.sealed_values().replace(keys, &value, &sealed(head(1), &n.to_string())).await.unwrap();
            work.commit().await.unwrap();
            replaced.then_some(n)
        })
    });
    let mut winners = Vec::new();
    for one in crowd.collect::<Vec<_>>() {
        winners.extend(one.await.unwrap());
    }
    let [winner] = winners[..] else { panic!("{winners:?} have replaced it") };
    let stored = it.other.read().await.unwrap().signing_keys().all().await.unwrap();
    assert_eq!(stored[0].sealed, Some(sealed(head(1), &winner.to_string())));
}
