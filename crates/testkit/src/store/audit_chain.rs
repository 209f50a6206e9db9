//! What the chain of the audit log promises.
use super::{CROWD, StoreUnderTest};
use crate::{a_seal, a_user, an_anchor, an_audit_key, an_event};
use doorward_domain::{AuditHash, AuditPersonal, AuditSeal, SealedLine};
use doorward_ports::outbound::{AuditEvent, ListedEvent, SealedEvent, Store};
use std::sync::Arc;

async fn append(store: &dyn Store, events: &[AuditEvent]) {
    let mut work = store.write().await.unwrap();
    for event in events {
        work.audit().append(event).await.unwrap();
    }
    work.commit().await.unwrap();
}

/// Seals what there is, up to `most` lines, as the sealer does; none if there is nothing, or another one was faster.
async fn seal(store: &dyn Store, most: usize) -> Option<AuditSeal> {
    let mut read = store.snapshot().await.unwrap();
    let head = read.audit_chain().head().await.unwrap();
    let lines = read.audit_chain().unsealed(most).await.unwrap();
    drop(read);
    if lines.is_empty() {
        return None;
    }
    let (seal, lines) = a_seal(head.as_ref(), lines);
    let mut work = store.write().await.unwrap();
    let sealed = work.audit_chain().seal(&seal, &lines).await.unwrap();
    if sealed {
        work.commit().await.unwrap();
    }
    sealed.then_some(seal)
}

async fn lines(store: &dyn Store) -> Vec<SealedLine> {
    store.read().await.unwrap().audit_chain().lines(1..=1_000).await.unwrap()
}

async fn after(store: &dyn Store, seq: i64, limit: usize) -> Vec<SealedEvent> {
    store.read().await.unwrap().audit().sealed_after(seq, limit).await.unwrap()
}

async fn written(it: &StoreUnderTest, count: usize) -> Vec<AuditEvent> {
    let ann = a_user("ann");
    let events: Vec<AuditEvent> = (0..count).map(|_| an_event(&ann)).collect();
    append(&*it.store, &events).await;
    events
}

/// `unsealed`, `seal`, `lines`: in the order of ids, with the digest of what tells of a person.
pub async fn sealed_lines_have_dense_numbers_and_their_links(it: StoreUnderTest) {
    let events = written(&it, 3).await;
    assert_eq!(lines(&*it.store).await, []);
    let unsealed = it.store.read().await.unwrap().audit_chain().unsealed(10).await.unwrap();
    let ids: Vec<String> = events.iter().map(|event| event.id.to_string()).collect();
    assert_eq!(unsealed.iter().map(|line| line.id.clone()).collect::<Vec<_>>(), ids);
    assert_eq!(unsealed[0].occurred_at, events[0].occurred_at.to_string());
    let (_, expected) = a_seal(None, unsealed.clone());
    let first = seal(&*it.store, 2).await.unwrap();
    let second = seal(&*it.store, 2).await.unwrap();
    assert_eq!((first.head.seq, second.first_seq, second.head.seq), (2, 3, 3));
    let stored = lines(&*it.store).await;
    let read: Vec<_> = stored.iter().map(|line| (line.seq, line.link, line.personal_digest)).collect();
    let expected: Vec<_> = expected.iter().map(|line| (line.seq, line.link, line.personal_digest)).collect();
    assert_eq!(read, expected);
    assert_eq!(stored.into_iter().map(|line| line.line).collect::<Vec<_>>(), unsealed);
    assert_eq!(it.store.read().await.unwrap().audit_chain().unsealed(10).await.unwrap(), []);
}

/// `append`: each with a salt of its own, that is not to be guessed.
pub async fn equal_personal_data_has_another_digest_in_each_line(it: StoreUnderTest) {
    written(&it, 2).await;
    seal(&*it.store, 10).await.unwrap();
    let stored = lines(&*it.store).await;
    let salts: Vec<_> = stored.iter().map(|line| line.line.personal.as_ref().unwrap().salt.clone()).collect();
    assert!(salts[0] != salts[1] && salts.iter().all(|salt| salt.len() == 16), "{salts:?}");
    assert_ne!(stored[0].personal_digest, stored[1].personal_digest);
}

/// `seal`, with `erase_personal`: the digest stays.
pub async fn an_erasure_leaves_the_digest(it: StoreUnderTest) {
    let ann = a_user("ann");
    append(&*it.store, &[an_event(&ann)]).await;
    seal(&*it.store, 10).await.unwrap();
    let before = lines(&*it.store).await.remove(0);
    assert_eq!(before.line.personal.as_ref().map(AuditPersonal::digest), before.personal_digest);
    let mut work = it.write().await;
    work.audit().erase_personal(ann.id).await.unwrap();
    work.commit().await.unwrap();
    let mut expected = before;
    expected.line.personal = None;
    assert_eq!(lines(&*it.store).await, [expected]);
}

/// `seal`, `head`, `seals`.
pub async fn a_seal_is_read_back(it: StoreUnderTest) {
    assert_eq!(it.store.read().await.unwrap().audit_chain().head().await.unwrap(), None);
    let mut seals = Vec::new();
    for _ in 0..3 {
        written(&it, 2).await;
        seals.push(seal(&*it.store, 10).await.unwrap());
    }
    let mut read = it.other.read().await.unwrap();
    let chain = read.audit_chain();
    assert_eq!(chain.head().await.unwrap().as_ref(), seals.last());
    assert_eq!(chain.seals(0, 2).await.unwrap(), seals[..2]);
    assert_eq!(chain.seals(2, 10).await.unwrap(), seals[1..]);
}

/// `seal`: the lines of a work that was given up have no numbers.
pub async fn a_seal_that_is_not_committed_has_never_been(it: StoreUnderTest) {
    written(&it, 2).await;
    let unsealed = it.store.read().await.unwrap().audit_chain().unsealed(10).await.unwrap();
    let (given_up, places) = a_seal(None, unsealed.clone());
    let mut work = it.write().await;
    assert!(work.audit_chain().seal(&given_up, &places).await.unwrap());
    drop(work);
    assert_eq!(it.other.write().await.unwrap().audit_chain().unsealed(10).await.unwrap(), unsealed);
    assert_eq!(seal(&*it.store, 10).await.map(|seal| seal.head.seq), Some(2));
}

/// `seal`: of any number of sealers at once that continue the same chain, one does.
pub async fn of_a_crowd_one_seals(it: StoreUnderTest) {
    written(&it, 3).await;
    let unsealed = it.store.read().await.unwrap().audit_chain().unsealed(10).await.unwrap();
    let one = |n: usize| {
        let store = if n.is_multiple_of(2) { it.store.clone() } else { it.other.clone() };
        let (seal, lines) = a_seal(None, unsealed[..1 + n % 3].to_vec());
        tokio::spawn(async move {
            let mut work = store.write().await.unwrap();
            let sealed = work.audit_chain().seal(&seal, &lines).await.unwrap();
            if sealed {
                work.commit().await.unwrap();
            }
            sealed
        })
    };
    let crowd: Vec<_> = (0..CROWD).map(one).collect();
    let mut sealed = 0;
    for member in crowd {
        sealed += usize::from(member.await.unwrap());
    }
    assert_eq!(sealed, 1);
}

/// Two sealers that know nothing of each other, beside twice as many writers on two nodes.
pub async fn many_writers_and_two_sealers_make_one_chain_without_a_gap(it: StoreUnderTest) {
    const EACH: usize = 5;
    let store = |n: usize| if n.is_multiple_of(2) { it.store.clone() } else { it.other.clone() };
    let writer = |n: usize| {
        let (store, ann): (Arc<dyn Store>, _) = (store(n), a_user("ann"));
        tokio::spawn(async move {
            for _ in 0..EACH {
                append(&*store, &[an_event(&ann)]).await;
            }
        })
    };
    let sealer = |n: usize| {
        let store = store(n);
        tokio::spawn(async move {
            loop {
                seal(&*store, 7).await;
                tokio::task::yield_now().await;
            }
        })
    };
    let sealers = [sealer(0), sealer(1)];
    let writers: Vec<_> = (0..2 * CROWD).map(writer).collect();
    for writer in writers {
        writer.await.unwrap();
    }
    for sealer in &sealers {
        sealer.abort();
    }
    while !it.store.read().await.unwrap().audit_chain().unsealed(1).await.unwrap().is_empty() {
        seal(&*it.store, 1_000).await;
    }
    let stored = lines(&*it.store).await;
    assert_eq!(stored.len(), 2 * CROWD * EACH);
    let mut before: Option<AuditSeal> = None;
    for next in it.store.read().await.unwrap().audit_chain().seals(0, 1_000).await.unwrap() {
        let covered = stored.iter().filter(|line| (next.first_seq..=next.head.seq).contains(&line.seq));
        let (expected, places) = a_seal(before.as_ref(), covered.clone().map(|line| line.line.clone()).collect());
        assert_eq!((next.first_seq, next.head.link), (expected.first_seq, expected.head.link));
        assert!(covered.map(|line| (line.seq, line.link)).eq(places.iter().map(|line| (line.seq, line.link))));
        before = Some(next);
    }
    assert_eq!(before.map(|seal| seal.head.seq), Some(i64::try_from(stored.len()).unwrap()));
}

/// `sealed_after`: in order, page by page, and with what comes later.
pub async fn who_reads_on_from_a_place_gets_every_line_once(it: StoreUnderTest) {
    let events = written(&it, 5).await;
    assert_eq!(after(&*it.store, 0, 10).await, []);
    seal(&*it.store, 10).await.unwrap();
    let mut seen: Vec<SealedEvent> = Vec::new();
    while let page = after(&*it.store, seen.last().map_or(0, |line| line.seq), 2).await
        && !page.is_empty()
    {
        assert!(page.len() <= 2);
        seen.extend(page);
    }
    let links = lines(&*it.store).await.into_iter().map(|line| line.link);
    let sealed = |((event, seq), link)| SealedEvent { seq, link, event };
    assert_eq!(seen, events.into_iter().zip(1..).zip(links).map(sealed).collect::<Vec<_>>());
}

/// `sealed_after`: a line that is committed when younger lines were already read has a later number.
pub async fn a_line_that_is_committed_late_is_not_lost(it: StoreUnderTest) {
    let ann = a_user("ann");
    let (late, early) = (an_event(&ann), an_event(&ann));
    append(&*it.other, std::slice::from_ref(&early)).await;
    seal(&*it.store, 10).await.unwrap();
    let first = after(&*it.store, 0, 10).await;
    assert_eq!(
        first.into_iter().map(ListedEvent::from).collect::<Vec<_>>(),
        [ListedEvent { seq: Some(1), event: early }]
    );
    append(&*it.store, std::slice::from_ref(&late)).await;
    seal(&*it.store, 10).await.unwrap();
    let second = after(&*it.store, 1, 10).await;
    assert_eq!(
        second.into_iter().map(ListedEvent::from).collect::<Vec<_>>(),
        [ListedEvent { seq: Some(2), event: late }]
    );
}

/// `prune`, `anchor`, `outside`: up to the anchor and no further; the next one replaces it.
pub async fn a_prune_deletes_up_to_its_anchor(it: StoreUnderTest) {
    let mut seals = Vec::new();
    for _ in 0..3 {
        written(&it, 2).await;
        seals.push(seal(&*it.store, 10).await.unwrap());
    }
    for (sealed, kept) in seals[..2].iter().zip([4, 2]) {
        let anchor = an_anchor(sealed);
        let mut work = it.write().await;
        assert_eq!(work.audit_chain().prune(&anchor).await.unwrap(), 2);
        work.commit().await.unwrap();
        let mut read = it.other.read().await.unwrap();
        let chain = read.audit_chain();
        assert_eq!(chain.anchor().await.unwrap(), Some(anchor));
        assert_eq!(chain.lines(1..=10).await.unwrap().len(), kept);
        assert_eq!(chain.seals(0, 10).await.unwrap().first(), Some(sealed));
    }
    let left = lines(&*it.store).await;
    let mut read = it.store.read().await.unwrap();
    let chain = read.audit_chain();
    assert_eq!(chain.outside(5..=6).await.unwrap(), None);
    assert_eq!(chain.outside(5..=5).await.unwrap(), Some((6, left[1].line.id.clone())));
    assert_eq!(chain.outside(6..=6).await.unwrap(), Some((5, left[0].line.id.clone())));
}

/// `add_key`, `keys`.
pub async fn keys_are_read_back_the_oldest_first(it: StoreUnderTest) {
    let (first, second) = (an_audit_key(), an_audit_key());
    for key in [&second, &first] {
        let mut work = it.write().await;
        work.audit_chain().add_key(key).await.unwrap();
        work.commit().await.unwrap();
    }
    assert!(it.write().await.audit_chain().add_key(&first).await.is_err());
    assert_eq!(it.store.read().await.unwrap().audit_chain().keys().await.unwrap(), [first, second]);
}

/// `lines`: a link or a digest is a hash, so nothing is lost on the way.
pub async fn a_line_without_personal_data_has_no_digest(it: StoreUnderTest) {
    let plain =
        AuditEvent { personal: doorward_ports::outbound::PersonalDetails::default(), ..an_event(&a_user("ann")) };
    append(&*it.store, &[plain]).await;
    seal(&*it.store, 10).await.unwrap();
    let stored = lines(&*it.store).await.remove(0);
    assert_eq!((stored.personal_digest, &stored.line.personal), (None, &None));
    assert_ne!(stored.link, AuditHash::ORIGIN);
}
