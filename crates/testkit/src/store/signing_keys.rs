//! What the store of signing keys promises.
use super::StoreUnderTest;
use crate::{START, a_key};
use doorward_domain::{KeyAlgorithm, KeyRecord, Timestamp};
use doorward_ports::outbound::{LogPosition, PublicJwk, Revocation, StoreError, StoredKey};
use serde_json::json;
use std::time::Duration;

fn later(micros: u64) -> Timestamp {
    START.plus(Duration::from_micros(micros))
}

async fn add(it: &StoreUnderTest, keys: &[&StoredKey]) {
    let mut work = it.write().await;
    for key in keys {
        work.signing_keys().insert(key).await.unwrap();
    }
    work.commit().await.unwrap();
}

async fn all(it: &StoreUnderTest) -> Vec<StoredKey> {
    it.other.write().await.unwrap().signing_keys().all().await.unwrap()
}

async fn save(it: &StoreUnderTest, key: &StoredKey) -> Result<(), StoreError> {
    let mut work = it.write().await;
    work.signing_keys().save(key).await?;
    work.commit().await
}

/// `insert`, `all`: of every algorithm, with and without what may be left out.
pub async fn a_key_is_read_back_to_the_microsecond(it: StoreUnderTest) {
    for (n, algorithm) in KeyAlgorithm::ALL.into_iter().enumerate() {
        let plain = a_key();
        let record = KeyRecord {
            algorithm,
            signs_from: later(n as u64),
            retired_at: (n > 0).then(|| later(5)),
            revoked_at: (n > 1).then(|| later(6)),
            ..plain.record
        };
        let sealed = (n > 0).then(|| vec![0, 255, u8::try_from(n).unwrap()]);
        let key = StoredKey { record, sealed, public: PublicJwk(json!({ "kty": "OKP", "nested": [1, null, {}] })) };
        add(&it, &[&key]).await;
        assert_eq!(all(&it).await.last(), Some(&key));
        assert_eq!(it.store.read().await.unwrap().signing_keys().all().await.unwrap().last(), Some(&key));
    }
}

/// `all`: whatever the order of their making.
pub async fn keys_come_in_the_order_in_which_they_begin_to_sign(it: StoreUnderTest) {
    let beginning = |at| {
        let key = a_key();
        StoredKey { record: KeyRecord { signs_from: later(at), ..key.record }, ..key }
    };
    let (last, first, between) = (beginning(9), beginning(1), beginning(5));
    add(&it, &[&last, &first, &between]).await;
    assert_eq!(all(&it).await, [first, between, last]);
}

/// `insert`.
pub async fn a_second_key_of_a_name_is_refused(it: StoreUnderTest) {
    let key = a_key();
    add(&it, &[&key]).await;
    assert!(it.write().await.signing_keys().insert(&key).await.is_err());
    assert_eq!(all(&it).await, [key]);
}

/// `save`: its times and its sealed half, and nothing of the others.
pub async fn a_saved_key_has_other_times_and_no_other_key_has(it: StoreUnderTest) {
    let (key, other) = (a_key(), a_key());
    add(&it, &[&key, &other]).await;
    let record = KeyRecord {
        signs_from: later(1),
        retired_at: Some(later(2)),
        revoked_at: Some(later(3)),
        ..key.record.clone()
    };
    let changed = StoredKey { record, sealed: None, ..key };
    save(&it, &changed).await.unwrap();
    let read = all(&it).await;
    assert!(read.len() == 2 && read.contains(&changed) && read.contains(&other), "{read:?}");
    save(&it, &StoredKey { record: KeyRecord { retired_at: None, ..changed.record.clone() }, ..changed })
        .await
        .unwrap();
    assert!(all(&it).await.iter().all(|key| key.record.retired_at.is_none()));
}

/// `save`.
pub async fn a_key_that_there_is_not_is_not_saved(it: StoreUnderTest) {
    assert!(save(&it, &a_key()).await.is_err());
    assert_eq!(all(&it).await, []);
}

/// `insert`, `save`: told once it is durable, and not when it was rolled back.
pub async fn every_change_of_a_key_is_told_to_all_nodes(it: StoreUnderTest) {
    let key = a_key();
    let told = async |after: LogPosition| {
        let read = it.revocations.since(after).await.unwrap();
        (read.last().map_or(after, |&(place, _)| place), read.into_iter().map(|(_, what)| what).collect::<Vec<_>>())
    };
    let begin = it.revocations.end().await.unwrap();
    let mut abandoned = it.write().await;
    abandoned.signing_keys().insert(&key).await.unwrap();
    drop(abandoned);
    assert_eq!(told(begin).await.1, []);
    add(&it, &[&key]).await;
    let (inserted, what) = told(begin).await;
    assert_eq!(what, [Revocation::Keys]);
    save(&it, &key).await.unwrap();
    assert_eq!(told(inserted).await.1, [Revocation::Keys]);
}
