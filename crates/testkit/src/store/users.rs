//! What accounts promise.
use super::{AT_ONCE, StoreUnderTest};
use crate::{START, a_password_hash, a_session, a_user, an_event};
use doorward_domain::{Identifier, Network, RoleName, Timestamp, User};
use doorward_ports::outbound::{AccountKey, AuditFilter, StoreError, Unique};
use std::collections::BTreeSet;
use std::time::Duration;

fn with_everything(user: User) -> User {
    User {
        email_verified: true,
        must_change_password: true,
        username: Some("ann.o".parse().unwrap()),
        full_name: Some("Ann Ò'Brian 王".parse().unwrap()),
        locale: Some("en-GB".parse().unwrap()),
        roles: BTreeSet::from([RoleName::admin(), RoleName::user()]),
        external_id: Some("legacy:17".parse().unwrap()),
        updated_at: Timestamp::from_micros(user.created_at.as_micros() + 1),
        last_sign_in_at: Some(Timestamp::from_micros(user.created_at.as_micros() + 999_999)),
        version: 7,
        ..user
    }
}

/// `insert`: with its roles; `by_id`: as it was written.
pub async fn what_is_inserted_is_read_back_to_the_microsecond(it: StoreUnderTest) {
    let (ann, bob) = (with_everything(a_user("ann")), a_user("bob"));
    let whole_second = User { created_at: START, updated_at: START, roles: BTreeSet::new(), ..a_user("cid") };
    it.having(&[&ann, &bob, &whole_second]).await;
    assert_eq!(it.user(&ann).await, Some(ann));
    assert_eq!(it.user(&bob).await, Some(bob));
    assert_eq!(it.user(&whole_second).await, Some(whole_second));
}

/// Lookups answer `None`, and a deletion `false`.
pub async fn an_unknown_account_is_none(it: StoreUnderTest) {
    let nobody = a_user("nobody");
    let mut work = it.write().await;
    let users = work.users();
    assert_eq!(users.by_id(nobody.id).await.unwrap(), None);
    assert_eq!(users.lock(nobody.id).await.unwrap(), None);
    assert!(users.password(nobody.id).await.unwrap().is_none());
    for identifier in ["nobody@example.com", "nobody"] {
        assert!(users.credentials(&Identifier::parse(identifier).unwrap()).await.unwrap().is_none());
    }
    assert!(!users.delete(nobody.id).await.unwrap());
    assert_eq!(users.active_holders(&"unknown".parse().unwrap()).await.unwrap(), 0);
}

/// `credentials`, `password`: also of an account that has no password.
pub async fn credentials_are_found_by_address_and_by_username(it: StoreUnderTest) {
    let (ann, bob) = (with_everything(a_user("ann")), a_user("bob"));
    let mut work = it.write().await;
    work.users().insert(&ann, Some(&a_password_hash("scheme$digest"))).await.unwrap();
    work.users().insert(&bob, None).await.unwrap();
    work.commit().await.unwrap();

    let mut read = it.store.read().await.unwrap();
    for identifier in ["ann@example.com", "ann.o"] {
        let found = read.users().credentials(&Identifier::parse(identifier).unwrap()).await.unwrap().unwrap();
        assert_eq!((found.user, found.password), (ann.id, Some(a_password_hash("scheme$digest"))));
    }
    let found = read.users().credentials(&Identifier::Email(bob.email.clone())).await.unwrap().unwrap();
    assert_eq!((found.user, found.password), (bob.id, None));
    assert_eq!(read.users().password(ann.id).await.unwrap(), Some(a_password_hash("scheme$digest")));
    assert_eq!(read.users().password(bob.id).await.unwrap(), None);
}

/// `insert`: [`StoreError::Duplicate`].
pub async fn a_second_account_of_an_address_is_a_duplicate(it: StoreUnderTest) {
    it.having(&[&a_user("ann")]).await;
    let refused = it.write().await.users().insert(&a_user("ann"), None).await;
    assert!(matches!(refused, Err(StoreError::Duplicate(Unique::UserEmail))), "{refused:?}");
    it.others_can_write().await;
}

/// `insert`: [`StoreError::Duplicate`].
pub async fn a_second_account_of_a_username_is_a_duplicate(it: StoreUnderTest) {
    let ann = with_everything(a_user("ann"));
    it.having(&[&ann]).await;
    let second = User { username: ann.username.clone(), ..a_user("bob") };
    let refused = it.write().await.users().insert(&second, None).await;
    assert!(matches!(refused, Err(StoreError::Duplicate(Unique::Username))), "{refused:?}");
    it.others_can_write().await;
}

/// `update`: [`StoreError::Duplicate`].
pub async fn a_change_to_a_taken_address_or_username_is_a_duplicate(it: StoreUnderTest) {
    let (ann, bob) = (with_everything(a_user("ann")), a_user("bob"));
    it.having(&[&ann, &bob]).await;
    let same_address = User { email: ann.email.clone(), ..bob.clone() };
    let refused = it.write().await.users().update(&same_address).await;
    assert!(matches!(refused, Err(StoreError::Duplicate(Unique::UserEmail))), "{refused:?}");
    let same_name = User { username: ann.username.clone(), ..bob.clone() };
    let refused = it.write().await.users().update(&same_name).await;
    assert!(matches!(refused, Err(StoreError::Duplicate(Unique::Username))), "{refused:?}");
    assert_eq!(it.user(&bob).await, Some(bob));
}

/// `update`: every property but roles and last sign-in; also back to nothing.
pub async fn an_update_writes_every_property_and_counts_the_version(it: StoreUnderTest) {
    let ann = User { version: 7, ..a_user("ann") };
    it.having(&[&ann]).await;
    let full = with_everything(User { email: "ann@example.org".parse().unwrap(), is_active: false, ..ann.clone() });
    let mut work = it.write().await;
    work.users().update(&full).await.unwrap();
    work.commit().await.unwrap();
    let expected = User { version: 8, roles: ann.roles.clone(), last_sign_in_at: None, ..full };
    assert_eq!(it.user(&ann).await, Some(expected));

    let mut work = it.write().await;
    work.users().update(&ann).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(it.user(&ann).await, Some(User { version: 9, ..ann }));
}

/// Every change checks that it touched its row.
pub async fn a_change_of_nobody_is_an_error(it: StoreUnderTest) {
    let nobody = a_user("nobody");
    assert!(it.write().await.users().update(&nobody).await.is_err());
    assert!(it.write().await.users().set_password(nobody.id, &a_password_hash("x")).await.is_err());
    assert!(it.write().await.users().note_sign_in(nobody.id, START).await.is_err());
    it.others_can_write().await;
}

/// `note_sign_in`: the version stays.
pub async fn a_sign_in_is_noted_and_counts_no_version(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    let at = Timestamp::from_micros(START.as_micros() + 1);
    let mut work = it.write().await;
    work.users().note_sign_in(ann.id, at).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(it.user(&ann).await, Some(User { last_sign_in_at: Some(at), ..ann }));
}

/// `set_password`.
pub async fn a_password_is_replaced(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    for digest in ["first", "second"] {
        let mut work = it.write().await;
        work.users().set_password(ann.id, &a_password_hash(digest)).await.unwrap();
        work.commit().await.unwrap();
        let stored = it.store.read().await.unwrap().users().password(ann.id).await.unwrap();
        assert_eq!(stored, Some(a_password_hash(digest)));
    }
}

/// `remove_password`: there is none any more.
pub async fn a_password_is_removed(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    let mut work = it.write().await;
    work.users().set_password(ann.id, &a_password_hash("first")).await.unwrap();
    work.users().remove_password(ann.id).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(it.store.read().await.unwrap().users().password(ann.id).await.unwrap(), None);
}

/// `lock`: kept from change by others until this work ends; whoever waited sees what was done, roles included.
pub async fn a_lock_makes_others_wait_and_see_the_change(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    let mut first = it.write().await;
    assert_eq!(first.users().lock(ann.id).await.unwrap(), Some(ann.clone()));
    let (other, id) = (it.other.clone(), ann.id);
    let second = tokio::spawn(async move { other.write().await.unwrap().users().lock(id).await.unwrap() });

    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!second.is_finished(), "two hold the lock");
    first.users().update(&User { is_active: false, ..ann.clone() }).await.unwrap();
    first.users().grant(ann.id, &RoleName::admin(), START).await.unwrap();
    first.commit().await.unwrap();
    let seen = tokio::time::timeout(AT_ONCE, second).await.expect("the lock is free").unwrap().unwrap();
    assert!(!seen.is_active);
    assert_eq!((seen.version, seen.roles.contains(&RoleName::admin())), (3, true));
}

/// `grant`: false when it has it already; the version counts changes only.
pub async fn a_role_is_given_once(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    let at = ann.updated_at.plus(Duration::from_micros(1));
    let mut work = it.write().await;
    assert!(work.users().grant(ann.id, &RoleName::admin(), at).await.unwrap());
    assert!(!work.users().grant(ann.id, &RoleName::admin(), at.plus(AT_ONCE)).await.unwrap());
    work.commit().await.unwrap();
    let roles = BTreeSet::from([RoleName::admin(), RoleName::user()]);
    assert_eq!(it.user(&ann).await, Some(User { roles, updated_at: at, version: 2, ..ann }));
}

/// `revoke`: false when it has it not; the version counts changes only.
pub async fn a_role_is_taken_once(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    let at = ann.updated_at.plus(Duration::from_micros(1));
    let mut work = it.write().await;
    assert!(!work.users().revoke(ann.id, &RoleName::admin(), at).await.unwrap());
    assert!(work.users().revoke(ann.id, &RoleName::user(), at).await.unwrap());
    assert!(!work.users().revoke(ann.id, &RoleName::user(), at.plus(AT_ONCE)).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(it.user(&ann).await, Some(User { roles: BTreeSet::new(), updated_at: at, version: 2, ..ann }));
}

/// `delete`: with all that hangs on it. The audit log's lines stay, and others' things too.
pub async fn a_deleted_account_takes_what_hangs_on_it(it: StoreUnderTest) {
    let (ann, bob) = (a_user("ann"), a_user("bob"));
    it.having(&[&ann, &bob]).await;
    let (hers, his, line) = (a_session(&ann), a_session(&bob), an_event(&ann));
    it.having_sessions(&[&hers, &his]).await;
    let home = Network::of([198, 51, 100, 1].into());
    let mut work = it.write().await;
    work.attempts().note_network(ann.id, home, START).await.unwrap();
    work.audit().append(&line).await.unwrap();
    assert!(work.users().delete(ann.id).await.unwrap());
    assert!(!work.users().delete(ann.id).await.unwrap());
    assert!(!work.attempts().knows_network(AccountKey::of_user(ann.id), home, START).await.unwrap());
    work.commit().await.unwrap();

    assert_eq!((it.user(&ann).await, it.session(&hers).await), (None, None));
    assert_eq!((it.user(&bob).await, it.session(&his).await), (Some(bob), Some(his)));
    let filter = AuditFilter { account: Some(ann.id), ..AuditFilter::default() };
    let lines = it.store.read().await.unwrap().audit().list(&filter, None, 10).await.unwrap();
    assert_eq!(lines.into_iter().map(|line| line.event).collect::<Vec<_>>(), [line]);
}

/// `active_holders`.
pub async fn only_enabled_holders_are_counted(it: StoreUnderTest) {
    let admins = || BTreeSet::from([RoleName::admin()]);
    let ann = User { roles: admins(), ..a_user("ann") };
    let bob = User { roles: admins(), is_active: false, ..a_user("bob") };
    it.having(&[&ann, &bob, &a_user("cid")]).await;
    let mut read = it.store.read().await.unwrap();
    assert_eq!(read.users().active_holders(&RoleName::admin()).await.unwrap(), 1);
    assert_eq!(read.users().active_holders(&RoleName::user()).await.unwrap(), 1);
}

/// `any`.
pub async fn an_empty_store_has_no_account(it: StoreUnderTest) {
    assert!(!it.store.read().await.unwrap().users().any().await.unwrap());
    it.having(&[&a_user("ann")]).await;
    assert!(it.store.read().await.unwrap().users().any().await.unwrap());
}
