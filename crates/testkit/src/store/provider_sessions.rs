//! What is promised of the sessions at providers, and of logout tokens.
use super::{CROWD, StoreUnderTest};
use crate::{START, a_session, a_user};
use doorward_domain::{EndReason, IdentityKey, ProviderName, Session, SessionId, Timestamp, User, UserId};
use doorward_ports::outbound::{EndedThere, ProviderSession, Store, Whose};
use doorward_ports::{Secret, SecretDigest};
use std::time::Duration;

const MICROSECOND: Duration = Duration::from_micros(1);
const ISSUER: &str = "https://id.example.com";

fn digest(text: &str) -> SecretDigest {
    SecretDigest::of(&Secret::new(text.to_owned()))
}

fn example() -> ProviderName {
    "example".parse().unwrap()
}

/// A session of this account that began with one of the subject at the provider.
async fn having(it: &StoreUnderTest, user: &User, subject: &str, sid: Option<&str>) -> Session {
    let session = a_session(user);
    let (provider, key, sid) = (example(), IdentityKey::new(ISSUER, subject).unwrap(), sid.map(digest));
    let mut work = it.write().await;
    work.sessions().insert(&session).await.unwrap();
    let there = ProviderSession { provider: &provider, key: &key, id: sid.as_ref() };
    work.provider_sessions().insert(session.id, there).await.unwrap();
    work.commit().await.unwrap();
    session
}

async fn found(it: &StoreUnderTest, ended: EndedThere<'_>, now: Timestamp, limit: usize) -> Vec<(SessionId, UserId)> {
    it.write().await.provider_sessions().live(ended, now, limit).await.unwrap()
}

async fn found_by(it: &StoreUnderTest, whose: Whose<'_>) -> Vec<(SessionId, UserId)> {
    let provider = example();
    found(it, EndedThere { provider: &provider, issuer: ISSUER, whose }, START, 10).await
}

fn one(session: &Session) -> Vec<(SessionId, UserId)> {
    vec![(session.id, session.user)]
}

/// `live`: by either, and by both together.
pub async fn a_session_there_is_found_by_its_id_and_by_its_subject(it: StoreUnderTest) {
    let (ann, bob) = (a_user("ann"), a_user("bob"));
    it.having(&[&ann, &bob]).await;
    let (first, second) = (having(&it, &ann, "ann", Some("1")).await, having(&it, &ann, "ann", Some("2")).await);
    let (without, his) = (having(&it, &ann, "ann", None).await, having(&it, &bob, "bob", Some("3")).await);
    assert_eq!(found_by(&it, Whose::Session(&digest("1"), None)).await, one(&first));
    assert_eq!(found_by(&it, Whose::Session(&digest("2"), Some("ann"))).await, one(&second));
    assert_eq!(found_by(&it, Whose::Session(&digest("3"), None)).await, one(&his));
    let mut all = [one(&first), one(&second), one(&without)].concat();
    all.sort();
    assert_eq!(found_by(&it, Whose::Subject("ann")).await, all);
}

/// `live`: nothing if the provider, the issuer or the subject is another.
pub async fn what_is_another_providers_issuers_or_persons_is_not_found(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    having(&it, &ann, "ann", Some("1")).await;
    let (provider, other, sid) = (example(), "other".parse().unwrap(), digest("1"));
    let wrong = [
        EndedThere { provider: &other, issuer: ISSUER, whose: Whose::Session(&sid, None) },
        EndedThere { provider: &other, issuer: ISSUER, whose: Whose::Subject("ann") },
        EndedThere { provider: &provider, issuer: "https://id.example.com/", whose: Whose::Session(&sid, None) },
        EndedThere { provider: &provider, issuer: "https://id.example.com/", whose: Whose::Subject("ann") },
        EndedThere { provider: &provider, issuer: ISSUER, whose: Whose::Session(&sid, Some("bob")) },
        EndedThere { provider: &provider, issuer: ISSUER, whose: Whose::Subject("Ann") },
    ];
    for ended in wrong {
        assert_eq!(found(&it, ended, START, 10).await, [], "{ended:?}");
    }
}

/// `live`: live sessions alone.
pub async fn what_has_ended_or_expired_or_is_not_known_is_not_found(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    let session = having(&it, &ann, "ann", Some("1")).await;
    let (provider, whose) = (example(), Whose::Subject("ann"));
    let ended = EndedThere { provider: &provider, issuer: ISSUER, whose };
    assert_eq!(found(&it, ended, session.expires_at().minus(MICROSECOND), 10).await, one(&session));
    assert_eq!(found(&it, ended, session.expires_at(), 10).await, []);
    assert_eq!(found_by(&it, Whose::Session(&digest("2"), None)).await, []);
    let mut work = it.write().await;
    assert!(work.sessions().end(session.id, START, EndReason::EndedByProvider).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(found_by(&it, whose).await, []);
}

/// `live`: at most `limit`.
pub async fn no_more_are_found_than_asked_in_a_stable_order(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    let mut all = Vec::new();
    for _ in 0..3 {
        all.extend(one(&having(&it, &ann, "ann", Some("1")).await));
    }
    all.sort();
    let (provider, sid) = (example(), digest("1"));
    let ended = EndedThere { provider: &provider, issuer: ISSUER, whose: Whose::Session(&sid, None) };
    for limit in [2, 3] {
        assert_eq!(found(&it, ended, START, limit).await, all[..limit]);
    }
}

/// `insert`: deleted with the session.
pub async fn what_is_known_of_a_session_is_deleted_with_it(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    let session = having(&it, &ann, "ann", Some("1")).await;
    let mut work = it.write().await;
    assert_eq!(work.sessions().purge(session.expires_at().plus(MICROSECOND), 10).await.unwrap(), 1);
    work.commit().await.unwrap();
    assert_eq!(found_by(&it, Whose::Subject("ann")).await, []);
    it.others_can_write().await;
}

async fn uses(store: &dyn Store, token: &str) -> bool {
    let mut work = store.write().await.unwrap();
    let used = work.provider_sessions().use_logout_token(&digest(token), START).await.unwrap();
    work.commit().await.unwrap();
    used
}

/// `use_logout_token`: false from the second time on, and each for itself.
pub async fn a_logout_token_is_used_once(it: StoreUnderTest) {
    assert!(uses(&*it.store, "one").await);
    assert!(!uses(&*it.other, "one").await);
    assert!(uses(&*it.other, "two").await);
}

/// `use_logout_token`: of any number at once one.
pub async fn of_a_crowd_one_uses_a_logout_token(it: StoreUnderTest) {
    let one = |n: usize| {
        let store = if n.is_multiple_of(2) { it.store.clone() } else { it.other.clone() };
        tokio::spawn(async move { uses(&*store, "the same").await })
    };
    let crowd: Vec<_> = (0..CROWD).map(one).collect();
    let mut used = 0;
    for member in crowd {
        used += usize::from(member.await.unwrap());
    }
    assert_eq!(used, 1);
}

/// `use_logout_token`: part of the unit of work.
pub async fn a_use_that_is_not_committed_is_none(it: StoreUnderTest) {
    let mut work = it.write().await;
    assert!(work.provider_sessions().use_logout_token(&digest("one"), START).await.unwrap());
    drop(work);
    assert!(uses(&*it.other, "one").await);
}

async fn note(store: &dyn Store, whose: Whose<'_>, at: Timestamp) {
    let mut work = store.write().await.unwrap();
    let ended = EndedThere { provider: &example(), issuer: ISSUER, whose };
    work.provider_sessions().note_end(ended, at).await.unwrap();
    work.commit().await.unwrap();
}

/// Of the subject `ann`, in this session.
async fn has_ended(it: &StoreUnderTest, sid: Option<&str>, since: Timestamp) -> bool {
    let (key, sid) = (IdentityKey::new(ISSUER, "ann").unwrap(), sid.map(digest));
    let there = ProviderSession { provider: &example(), key: &key, id: sid.as_ref() };
    let mut work = it.write().await;
    let ended = work.provider_sessions().has_ended(there, since, START).await.unwrap();
    work.commit().await.unwrap();
    ended
}

/// `note_end` and `has_ended`: a session once and for all, a subject after it began, and no other.
pub async fn an_end_that_is_noted_means_what_it_names(it: StoreUnderTest) {
    for sid in [None, Some("1"), Some("2")] {
        assert!(!has_ended(&it, sid, START).await, "asking notes nothing");
    }
    note(&*it.store, Whose::Session(&digest("1"), None), START).await;
    note(&*it.store, Whose::Session(&digest("2"), Some("bob")), START).await;
    note(&*it.store, Whose::Subject("bob"), START).await;
    assert!(has_ended(&it, Some("1"), START.plus(MICROSECOND)).await);
    assert!(!has_ended(&it, Some("2"), START).await && !has_ended(&it, None, START).await);
    note(&*it.other, Whose::Session(&digest("2"), Some("ann")), START).await;
    assert!(has_ended(&it, Some("2"), START).await && !has_ended(&it, None, START).await);
    note(&*it.store, Whose::Subject("ann"), START).await;
    assert!(!has_ended(&it, None, START).await);
    let before = START.minus(MICROSECOND);
    assert!(has_ended(&it, None, before).await && has_ended(&it, Some("3"), before).await);
}

/// `has_ended`: whoever tries again and again would otherwise keep the end for ever.
pub async fn asking_does_not_prolong_an_end(it: StoreUnderTest) {
    note(&*it.store, Whose::Session(&digest("1"), None), START).await;
    let (key, sid, later) =
        (IdentityKey::new(ISSUER, "ann").unwrap(), digest("1"), START.plus(Duration::from_mins(10)));
    let there = ProviderSession { provider: &example(), key: &key, id: Some(&sid) };
    let mut work = it.write().await;
    assert!(work.provider_sessions().has_ended(there, START, later).await.unwrap());
    work.provider_sessions().purge_logout_tokens(START.plus(MICROSECOND), 10).await.unwrap();
    assert!(!work.provider_sessions().has_ended(there, START, later).await.unwrap());
    work.commit().await.unwrap();
}

/// A session of `ann` in this session at the provider, unless that has ended at this time; for this account.
async fn arrives(store: &dyn Store, user: &User, (sid, at): (&SecretDigest, Timestamp)) {
    let (provider, key, session) = (example(), IdentityKey::new(ISSUER, "ann").unwrap(), a_session(user));
    let there = ProviderSession { provider: &provider, key: &key, id: Some(sid) };
    let mut work = store.write().await.unwrap();
    if !work.provider_sessions().has_ended(there, at.minus(MICROSECOND), at).await.unwrap() {
        work.sessions().insert(&session).await.unwrap();
        work.provider_sessions().insert(session.id, there).await.unwrap();
    }
    work.commit().await.unwrap();
}

async fn ends(store: &dyn Store, whose: Whose<'_>, at: Timestamp) {
    let (provider, mut work) = (example(), store.write().await.unwrap());
    let ended = EndedThere { provider: &provider, issuer: ISSUER, whose };
    work.provider_sessions().note_end(ended, at).await.unwrap();
    for (session, _) in work.provider_sessions().live(ended, START, 10).await.unwrap() {
        assert!(work.sessions().end(session, START, EndReason::EndedByProvider).await.unwrap());
    }
    work.commit().await.unwrap();
}

/// `has_ended`: whichever of both comes first, the session does not outlive its end.
pub async fn a_session_and_its_end_at_once_do_not_miss_each_other(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    for n in 0..CROWD {
        let (sid, at) = (digest(&n.to_string()), START.plus(Duration::from_secs(n as u64)));
        let by_subject = n.is_multiple_of(2);
        let whose = if by_subject { Whose::Subject("ann") } else { Whose::Session(&sid, None) };
        tokio::join!(arrives(&*it.store, &ann, (&sid, at)), ends(&*it.other, whose, at));
        assert_eq!(found_by(&it, Whose::Session(&sid, None)).await, [], "{whose:?}");
    }
}

/// `purge_logout_tokens`: what expired before, and at most so many.
pub async fn a_purge_forgets_expired_tokens_and_no_more_than_asked(it: StoreUnderTest) {
    let mut work = it.write().await;
    let tokens = work.provider_sessions();
    tokens.use_logout_token(&digest("kept"), START).await.unwrap();
    for n in 0..3 {
        let expired = START.minus(MICROSECOND);
        tokens.use_logout_token(&digest(&format!("expired {n}")), expired).await.unwrap();
    }
    for expected in [2, 1, 0] {
        assert_eq!(tokens.purge_logout_tokens(START, 2).await.unwrap(), expected);
    }
    work.commit().await.unwrap();
    assert!(!uses(&*it.store, "kept").await);
    assert!(uses(&*it.store, "expired 0").await);
}
