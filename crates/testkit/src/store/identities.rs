//! What identities at providers promise.
use super::{CROWD, StoreUnderTest};
use crate::{START, a_password_hash, a_user, an_identity};
use doorward_domain::{Identity, IdentityKey, User};
use doorward_ports::outbound::{ProviderLinks, Store, StoreError, Unique};
use std::time::Duration;

const MICROSECOND: Duration = Duration::from_micros(1);
const ISSUER: &str = "https://id.example.com";

fn key(issuer: &str, subject: &str) -> IdentityKey {
    IdentityKey::new(issuer, subject).unwrap()
}

async fn insert(store: &dyn Store, identity: &Identity) -> Result<(), StoreError> {
    let mut work = store.write().await.unwrap();
    work.identities().insert(identity).await?;
    work.commit().await
}

async fn having(it: &StoreUnderTest, identities: &[&Identity]) {
    for identity in identities {
        insert(&*it.store, identity).await.unwrap();
    }
}

async fn found(it: &StoreUnderTest, key: &IdentityKey) -> Option<Identity> {
    it.store.read().await.unwrap().identities().by_key(key).await.unwrap()
}

async fn of_user(it: &StoreUnderTest, user: &User) -> Vec<Identity> {
    it.store.read().await.unwrap().identities().of_user(user.id).await.unwrap()
}

fn is_duplicate(answer: &Result<(), StoreError>) -> bool {
    matches!(answer, Err(StoreError::Duplicate(Unique::Identity)))
}

/// `insert`, `by_key`, `of_user`: with a use and without one.
pub async fn what_is_inserted_is_read_back_to_the_microsecond(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    let unused = an_identity(&ann);
    let used = Identity {
        provider: "work-2".parse().unwrap(),
        key: key("https://login.example.org/tenant/v2.0?x=1", "a B|~\"'%\\"),
        last_used_at: Some(START.plus(MICROSECOND)),
        ..an_identity(&ann)
    };
    having(&it, &[&unused, &used]).await;
    for identity in [&unused, &used] {
        assert_eq!(found(&it, &identity.key).await.as_ref(), Some(identity));
    }
    assert_eq!(of_user(&it, &ann).await, [unused, used]);
}

/// Lookups answer `None` or nothing, a deletion `false`, and a use of nobody is an error.
pub async fn an_unknown_identity_is_none(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    let nobody = an_identity(&ann);
    assert_eq!(found(&it, &nobody.key).await, None);
    assert_eq!(of_user(&it, &ann).await, []);
    assert!(!it.write().await.identities().delete(ann.id, nobody.id).await.unwrap());
    assert!(it.write().await.identities().note_use(nobody.id, START).await.is_err());
    it.others_can_write().await;
}

/// `of_user`: by the time when each was linked, and none of another account.
pub async fn identities_of_an_account_come_oldest_first(it: StoreUnderTest) {
    let (ann, bob) = (a_user("ann"), a_user("bob"));
    it.having(&[&ann, &bob]).await;
    let linked_after = |n| Identity { linked_at: START.plus(n * MICROSECOND), ..an_identity(&ann) };
    let [third, first, second] = [3, 1, 2].map(linked_after);
    let his = an_identity(&bob);
    having(&it, &[&third, &first, &his, &second]).await;
    assert_eq!(of_user(&it, &ann).await, [first, second, third]);
    assert_eq!(of_user(&it, &bob).await, [his]);
}

/// `insert`: [`StoreError::Duplicate`], whoever has it, and also by another provider of the same issuer.
pub async fn a_second_identity_of_a_key_is_a_duplicate(it: StoreUnderTest) {
    let (ann, bob) = (a_user("ann"), a_user("bob"));
    it.having(&[&ann, &bob]).await;
    let first = an_identity(&ann);
    having(&it, &[&first]).await;
    for user in [&ann, &bob] {
        let second = Identity { provider: "other".parse().unwrap(), key: first.key.clone(), ..an_identity(user) };
        let refused = insert(&*it.store, &second).await;
        assert!(is_duplicate(&refused), "{refused:?}");
    }
    assert_eq!(found(&it, &first.key).await, Some(first));
    it.others_can_write().await;
}

/// `insert`: of any number at once one, and the others are duplicates.
pub async fn of_a_crowd_one_links_an_identity(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    let one = |n: usize| {
        let store = if n.is_multiple_of(2) { it.store.clone() } else { it.other.clone() };
        let identity = Identity { key: key(ISSUER, "the-same"), ..an_identity(&ann) };
        tokio::spawn(async move { insert(&*store, &identity).await })
    };
    let crowd: Vec<_> = (0..CROWD).map(one).collect();
    let mut linked = 0;
    for member in crowd {
        let answer = member.await.unwrap();
        linked += usize::from(answer.is_ok());
        assert!(answer.is_ok() || is_duplicate(&answer), "{answer:?}");
    }
    assert_eq!((linked, of_user(&it, &ann).await.len()), (1, 1));
}

/// `insert`, `by_key`: issuer and subject together, byte by byte (OIDC Core §2: a subject is case-sensitive).
pub async fn another_issuer_or_another_spelling_is_another_identity(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    let keys = [
        (ISSUER, "abc"),
        (ISSUER, "Abc"),
        (ISSUER, "abc "),
        ("https://id.example.com/", "abc"),
        ("https://id.example.org", "abc"),
        ("abc", ISSUER),
    ];
    let identities = keys.map(|(issuer, subject)| Identity { key: key(issuer, subject), ..an_identity(&ann) });
    having(&it, &identities.each_ref()).await;
    for identity in identities {
        assert_eq!(found(&it, &identity.key).await, Some(identity));
    }
    assert_eq!(found(&it, &key(ISSUER, "ABC")).await, None);
}

/// `note_use`: of this one and no other; each replaces the one before.
pub async fn the_last_use_is_recorded(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    let (used, other) = (an_identity(&ann), an_identity(&ann));
    having(&it, &[&used, &other]).await;
    for at in [START.plus(MICROSECOND), START.plus(Duration::from_hours(24))] {
        let mut work = it.write().await;
        work.identities().note_use(used.id, at).await.unwrap();
        work.commit().await.unwrap();
        assert_eq!(found(&it, &used.key).await, Some(Identity { last_used_at: Some(at), ..used.clone() }));
    }
    assert_eq!(found(&it, &other.key).await, Some(other));
}

/// `delete`: false if it is another account's, or gone; then its key is free.
pub async fn an_identity_is_deleted_of_its_account_alone(it: StoreUnderTest) {
    let (ann, bob) = (a_user("ann"), a_user("bob"));
    it.having(&[&ann, &bob]).await;
    let (gone, kept) = (an_identity(&ann), an_identity(&ann));
    having(&it, &[&gone, &kept]).await;
    let mut work = it.write().await;
    assert!(!work.identities().delete(bob.id, gone.id).await.unwrap());
    assert!(work.identities().delete(ann.id, gone.id).await.unwrap());
    assert!(!work.identities().delete(ann.id, gone.id).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(of_user(&it, &ann).await, [kept]);
    let his = Identity { key: gone.key, ..an_identity(&bob) };
    having(&it, &[&his]).await;
    assert_eq!(found(&it, &his.key).await, Some(his));
}

/// They are deleted with their account, and no other account's.
pub async fn identities_are_deleted_with_their_account(it: StoreUnderTest) {
    let (ann, bob) = (a_user("ann"), a_user("bob"));
    it.having(&[&ann, &bob]).await;
    let (hers, his) = (an_identity(&ann), an_identity(&bob));
    having(&it, &[&hers, &his]).await;
    let mut work = it.write().await;
    assert!(work.users().delete(ann.id).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!((found(&it, &hers.key).await, of_user(&it, &ann).await), (None, vec![]));
    assert_eq!(found(&it, &his.key).await, Some(his));
}

/// `links_of`: ann has a password, bob another provider, and carl two identities at one.
pub async fn what_depends_on_a_provider_is_counted(it: StoreUnderTest) {
    let [ann, bob, carl] = ["ann", "bob", "carl"].map(a_user);
    it.having(&[&ann, &bob, &carl]).await;
    let elsewhere = Identity { provider: "other".parse().unwrap(), ..an_identity(&bob) };
    having(&it, &[&an_identity(&ann), &an_identity(&bob), &elsewhere]).await;
    having(&it, &[&an_identity(&carl), &an_identity(&carl)]).await;
    let mut work = it.write().await;
    work.users().set_password(ann.id, &a_password_hash("x")).await.unwrap();
    work.commit().await.unwrap();
    let mut read = it.store.read().await.unwrap();
    let mut links = async |name: &str| read.identities().links_of(&name.parse().unwrap()).await.unwrap();
    assert_eq!(links("example").await, ProviderLinks { identities: 4, only_way: 1 });
    assert_eq!(links("other").await, ProviderLinks { identities: 1, only_way: 0 });
    assert_eq!(links("nothing").await, ProviderLinks::default());
}
