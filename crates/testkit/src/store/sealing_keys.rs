//! What the store of sealing keys promises.
use super::{CROWD, StoreUnderTest};
use crate::START;
use doorward_domain::{SealingKeyId, SealingKeyRecord, SealingKeyRing, Timestamp};
use doorward_ports::outbound::{Guard, SealingNode, StoreError, StoredSealingKey, WrappedKey};
use std::time::Duration;

fn later(micros: u64) -> Timestamp {
    START.plus(Duration::from_micros(micros))
}

const fn id(n: u8) -> SealingKeyId {
    SealingKeyId::from_bytes([n; SealingKeyId::LENGTH])
}

fn key(n: u8) -> StoredSealingKey {
    StoredSealingKey { record: SealingKeyRing::next(id(n), later(n.into())), wrapped: None }
}

fn wrapped(n: u8) -> StoredSealingKey {
    let copy = WrappedKey { id: id(n), by: "vault:transit/doorward".to_owned(), text: "vault:v1:abc".to_owned() };
    StoredSealingKey { wrapped: Some(copy), ..key(n) }
}

fn node(name: &str) -> SealingNode {
    SealingNode { node: name.to_owned(), seen_at: later(1), current: id(1), asked: None, knows: false }
}

async fn add(it: &StoreUnderTest, keys: &[&StoredSealingKey]) {
    let mut work = it.write().await;
    for key in keys {
        work.sealing_keys().insert(key).await.unwrap();
    }
    work.commit().await.unwrap();
}

async fn all(it: &StoreUnderTest) -> Vec<StoredSealingKey> {
    it.other.read().await.unwrap().sealing_keys().all().await.unwrap()
}

async fn save(it: &StoreUnderTest, record: &SealingKeyRecord) -> Result<(), StoreError> {
    let mut work = it.write().await;
    work.sealing_keys().save(record).await?;
    work.commit().await
}

async fn nodes(it: &StoreUnderTest) -> Vec<SealingNode> {
    it.other.read().await.unwrap().sealing_keys().nodes().await.unwrap()
}

async fn note(it: &StoreUnderTest, said: &[&SealingNode]) {
    let mut work = it.write().await;
    for node in said {
        work.sealing_keys().note_node(node).await.unwrap();
    }
    work.commit().await.unwrap();
}

/// `insert`, `all`: whatever the order of their making, with and without what may be left out.
pub async fn sealing_keys_are_read_back_the_oldest_first(it: StoreUnderTest) {
    let (first, second, third) = (key(1), wrapped(2), key(3));
    add(&it, &[&third, &first, &second]).await;
    assert_eq!(all(&it).await, [first, second, third]);
}

/// `insert`.
pub async fn a_second_sealing_key_of_an_id_is_refused(it: StoreUnderTest) {
    add(&it, &[&key(1)]).await;
    assert!(it.write().await.sealing_keys().insert(&wrapped(1)).await.is_err());
    assert_eq!(all(&it).await, [key(1)]);
}

/// `save`: its times to the microsecond, and nothing of the others; its wrapped copy until it retires.
pub async fn a_saved_sealing_key_has_other_times_and_keeps_its_copy_until_it_retires(it: StoreUnderTest) {
    let (one, other) = (wrapped(1), wrapped(2));
    add(&it, &[&one, &other]).await;
    let sealing = SealingKeyRecord { seals_from: Some(later(7)), completed_at: Some(later(8)), ..one.record };
    save(&it, &sealing).await.unwrap();
    assert_eq!(all(&it).await, [StoredSealingKey { record: sealing, ..one }, other.clone()]);
    let retired = SealingKeyRecord { retired_at: Some(later(9)), ..sealing };
    save(&it, &retired).await.unwrap();
    assert_eq!(all(&it).await, [StoredSealingKey { record: retired, wrapped: None }, other]);
}

/// `save`.
pub async fn a_sealing_key_that_there_is_not_is_not_saved(it: StoreUnderTest) {
    assert!(save(&it, &key(1).record).await.is_err());
    assert_eq!(all(&it).await, []);
}

/// `note_node`, `nodes`: the last word of each.
pub async fn what_a_node_says_takes_the_place_of_what_it_said(it: StoreUnderTest) {
    let (one, other) = (node("b"), node("a"));
    note(&it, &[&one, &other]).await;
    assert_eq!(nodes(&it).await, [other.clone(), one.clone()]);
    let again = SealingNode { seen_at: later(5), current: id(2), asked: Some(id(3)), knows: true, ..one };
    note(&it, &[&again]).await;
    assert_eq!(nodes(&it).await, [other.clone(), again.clone()]);
    let last = SealingNode { asked: None, knows: false, ..again };
    note(&it, &[&last]).await;
    assert_eq!(nodes(&it).await, [other, last]);
}

/// `forget_node`, `forget_nodes`: those alone.
pub async fn a_node_is_forgotten_by_name_or_when_it_has_long_said_nothing(it: StoreUnderTest) {
    let (one, two) = (node("a"), SealingNode { seen_at: later(9), ..node("b") });
    note(&it, &[&one, &two]).await;
    let mut work = it.write().await;
    work.sealing_keys().forget_node("nobody").await.unwrap();
    assert_eq!(work.sealing_keys().forget_nodes(later(1)).await.unwrap(), 0);
    assert_eq!(work.sealing_keys().forget_nodes(later(9)).await.unwrap(), 1);
    work.commit().await.unwrap();
    assert_eq!(nodes(&it).await, [two]);
    let mut work = it.write().await;
    work.sealing_keys().forget_node("b").await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(nodes(&it).await, []);
}

/// With the guard, of any number of processes that find no key, one adds the first.
pub async fn of_a_crowd_one_adds_the_first_sealing_key(it: StoreUnderTest) {
    let crowd = (0..CROWD).map(|n| {
        let store = if n % 2 == 0 { it.store.clone() } else { it.other.clone() };
        tokio::spawn(async move {
            let mut work = store.write().await.unwrap();
            work.guard(Guard::SealingKeys).await.unwrap();
            if work.sealing_keys().all().await.unwrap().is_empty() {
                work.sealing_keys().insert(&key(u8::try_from(n).unwrap())).await.unwrap();
                work.commit().await.unwrap();
            }
        })
    });
    for one in crowd.collect::<Vec<_>>() {
        one.await.unwrap();
    }
    assert_eq!(all(&it).await.len(), 1);
}
