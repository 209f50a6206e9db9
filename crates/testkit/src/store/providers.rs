//! What providers promise.
use super::{AT_ONCE, CROWD, StoreUnderTest};
use crate::{START, a_provider, a_user, an_identity};
use doorward_domain::{ClaimMap, LinkingPolicy, Preset, Provider, ProviderKind};
use doorward_ports::outbound::{AllProviders, Revocation, Store, StoreError, StoredProvider, Unique};
use std::sync::Arc;
use std::time::Duration;

/// With everything that a provider may have, and nothing by default.
fn full(name: &str) -> StoredProvider {
    let provider = Provider {
        kind: ProviderKind::Entra,
        preset: Preset::named("apple"),
        display_name: "Work \"and\" more".parse().unwrap(),
        icon: Some("https://cdn.example.com/a.svg".parse().unwrap()),
        issuer: "https://login.microsoftonline.com/organizations/v2.0".parse().unwrap(),
        client_id: "0oa1".parse().unwrap(),
        team_id: Some("DEF123GHIJ".parse().unwrap()),
        key_id: Some("ABC123DEFG".parse().unwrap()),
        scopes: ["openid", "profile"].map(|scope| scope.parse().unwrap()).into(),
        claim_map: ClaimMap { groups: "https://example.com/groups".parse().unwrap(), ..ClaimMap::default() },
        registration: false,
        linking: LinkingPolicy::VerifiedEmail,
        email_domains: vec!["example.org".parse().unwrap(), "example.com".parse().unwrap()],
        tenants: vec!["72f988bf-86f1-41af-91ab-2d7cd011db47".parse().unwrap()],
        hosted_domain: Some("example.com".parse().unwrap()),
        roles: ["cn=a,ou=\u{e9}=support", "All \"Staff\"=admin"].iter().map(|entry| entry.parse().unwrap()).collect(),
        roles_may_give_admin: true,
        enabled: false,
        position: u16::MAX,
        sync_profile: true,
        ..a_provider(name).provider
    };
    StoredProvider { provider, sealed: Some(b"sealed\0".to_vec()), version: 3, ..a_provider(name) }
}

async fn insert(store: &dyn Store, provider: &StoredProvider) -> Result<(), StoreError> {
    let mut work = store.write().await?;
    work.providers().insert(provider).await?;
    work.commit().await
}

async fn read(it: &StoreUnderTest, provider: &StoredProvider) -> Option<StoredProvider> {
    it.store.read().await.unwrap().providers().by_name(&provider.provider.name).await.unwrap()
}

async fn all(it: &StoreUnderTest) -> Vec<StoredProvider> {
    it.providers.find(&AllProviders).await.unwrap().unwrap().to_vec()
}

fn is_duplicate(answer: &Result<(), StoreError>) -> bool {
    matches!(answer, Err(StoreError::Duplicate(Unique::Provider)))
}

/// `insert` and `by_name`: with everything, and with nothing that may be left out.
pub async fn what_is_inserted_is_read_back_to_the_microsecond(it: StoreUnderTest) {
    for provider in [full("full"), a_provider("plain")] {
        insert(&*it.store, &provider).await.unwrap();
        assert_eq!(read(&it, &provider).await, Some(provider));
    }
}

/// `by_name`, `lock` and `delete`.
pub async fn an_unknown_provider_is_none(it: StoreUnderTest) {
    let nothing = a_provider("nothing");
    assert_eq!(read(&it, &nothing).await, None);
    let mut work = it.write().await;
    assert_eq!(work.providers().lock(&nothing.provider.name).await.unwrap(), None);
    assert!(!work.providers().delete(&nothing.provider.name).await.unwrap());
}

/// `insert`.
pub async fn a_second_provider_of_a_name_is_a_duplicate(it: StoreUnderTest) {
    insert(&*it.store, &a_provider("work")).await.unwrap();
    let refused = insert(&*it.store, &full("work")).await;
    assert!(is_duplicate(&refused), "{refused:?}");
}

/// `insert`.
pub async fn of_a_crowd_one_adds_a_provider(it: StoreUnderTest) {
    let one = |n: usize| {
        let store = if n.is_multiple_of(2) { it.store.clone() } else { it.other.clone() };
        tokio::spawn(async move { insert(&*store, &a_provider("work")).await })
    };
    let crowd: Vec<_> = (0..CROWD).map(one).collect();
    let mut won = 0;
    for member in crowd {
        match member.await.unwrap() {
            Ok(()) => won += 1,
            refused => assert!(is_duplicate(&refused), "{refused:?}"),
        }
    }
    assert_eq!(won, 1);
}

/// `list`.
pub async fn lists_go_by_name_after_the_given_one(it: StoreUnderTest) {
    for name in ["c", "a", "b-1", "b"] {
        insert(&*it.store, &a_provider(name)).await.unwrap();
    }
    let mut work = it.store.read().await.unwrap();
    for (after, limit, expected) in [
        (None, 10, vec!["a", "b", "b-1", "c"]),
        (None, 2, vec!["a", "b"]),
        (Some("b"), 2, vec!["b-1", "c"]),
        (Some("aa"), 1, vec!["b"]),
        (Some("c"), 10, vec![]),
        (Some("b\0"), 1, vec!["b-1"]),
    ] {
        let page = work.providers().list(after, limit).await.unwrap();
        assert_eq!(page.iter().map(|it| it.provider.name.as_str()).collect::<Vec<_>>(), expected, "{after:?}");
    }
}

/// `update`: also to nothing.
pub async fn an_update_writes_every_property_and_counts_the_version(it: StoreUnderTest) {
    let (before, plain) = (full("work"), a_provider("work"));
    insert(&*it.store, &before).await.unwrap();
    let updated_at = before.updated_at.plus(Duration::from_micros(1));
    let provider = Provider { kind: before.provider.kind, ..plain.provider };
    let after = StoredProvider { provider, sealed: None, updated_at, ..before };
    let mut work = it.write().await;
    work.providers().update(&after).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(read(&it, &after).await, Some(StoredProvider { version: 4, ..after }));
}

/// `update`.
pub async fn a_change_of_nothing_is_an_error(it: StoreUnderTest) {
    let mut work = it.write().await;
    assert!(work.providers().update(&a_provider("nothing")).await.is_err());
}

/// `lock`.
pub async fn a_lock_makes_others_wait_and_see_the_change(it: StoreUnderTest) {
    let provider = full("work");
    insert(&*it.store, &provider).await.unwrap();
    let name = provider.provider.name.clone();
    let mut first = it.write().await;
    assert_eq!(first.providers().lock(&name).await.unwrap(), Some(provider.clone()));
    let other = it.other.clone();
    let second = tokio::spawn(async move { other.write().await.unwrap().providers().lock(&name).await.unwrap() });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!second.is_finished(), "two hold the lock");
    let changed = StoredProvider { sealed: None, updated_at: START, ..provider };
    first.providers().update(&changed).await.unwrap();
    first.commit().await.unwrap();
    let seen = tokio::time::timeout(AT_ONCE, second).await.expect("the lock is free").unwrap().unwrap();
    assert_eq!(seen, StoredProvider { version: 4, ..changed });
}

/// The catalogue: at once where nothing is cached, by position and name; and there is always one.
pub async fn all_providers_are_shown_as_they_are(it: StoreUnderTest) {
    assert_eq!(all(&it).await, []);
    let (last, first, second) = (full("a"), a_provider("b"), a_provider("c"));
    for provider in [&last, &second, &first] {
        insert(&*it.store, provider).await.unwrap();
    }
    let expected = [first, second, last];
    assert_eq!(all(&it).await, expected);
    let found = it.providers.find_many(&[AllProviders, AllProviders]).await.unwrap();
    assert_eq!(found, [(AllProviders, Arc::new(expected.to_vec()))].into());
    assert_eq!(it.providers.find_many(&[]).await.unwrap().len(), 0);
}

/// `insert`, `update` and `delete`, and not what changes nothing.
pub async fn every_change_of_a_provider_is_told_to_all_nodes(it: StoreUnderTest) {
    let provider = a_provider("work");
    let place = it.revocations.end().await.unwrap();
    insert(&*it.store, &provider).await.unwrap();
    let mut work = it.write().await;
    work.providers().lock(&provider.provider.name).await.unwrap();
    work.providers().update(&provider).await.unwrap();
    assert!(work.providers().delete(&provider.provider.name).await.unwrap());
    assert!(!work.providers().delete(&provider.provider.name).await.unwrap());
    work.commit().await.unwrap();
    let written = it.revocations.since(place).await.unwrap();
    let written: Vec<_> = written.into_iter().map(|(_, revocation)| revocation).collect();
    assert_eq!(written, [Revocation::Providers; 3]);
}

/// `delete`.
pub async fn identities_stay_when_their_provider_is_deleted(it: StoreUnderTest) {
    let (provider, ann) = (a_provider("example"), a_user("ann"));
    insert(&*it.store, &provider).await.unwrap();
    it.having(&[&ann]).await;
    let identity = an_identity(&ann);
    let mut work = it.write().await;
    work.identities().insert(&identity).await.unwrap();
    assert!(work.providers().delete(&provider.provider.name).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(read(&it, &provider).await, None);
    let kept = it.store.read().await.unwrap().identities().by_key(&identity.key).await.unwrap();
    assert_eq!(kept, Some(identity));
}
