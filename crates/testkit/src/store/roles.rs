//! What roles and permissions promise.
use super::{AT_ONCE, StoreUnderTest};
use crate::{START, a_permission, a_role, a_user};
use doorward_domain::{Permission, PermissionEntry, PermissionSet, Role, RoleName, User};
use doorward_ports::outbound::{StoreError, Unique};
use std::collections::BTreeSet;
use std::time::Duration;

fn support() -> Role {
    let permissions = PermissionSet::from_iter([Permission::users_read(), Permission::sessions_read()]);
    Role { description: Some("Helps.".parse().unwrap()), permissions, version: 3, ..a_role("support") }
}

async fn role(it: &StoreUnderTest, name: &RoleName) -> Option<Role> {
    it.store.read().await.unwrap().roles().role(name).await.unwrap()
}

/// The migrations' own rows: `admin` holds everything that Doorward asks for, `user` nothing.
pub async fn a_new_store_holds_the_system_roles_and_permissions(it: StoreUnderTest) {
    let mut read = it.store.read().await.unwrap();
    let roles = read.roles().list(None, 100).await.unwrap();
    let held: Vec<_> = roles.into_iter().map(|role| (role.name, role.permissions)).collect();
    assert_eq!(held, [(RoleName::admin(), PermissionSet::system()), (RoleName::user(), PermissionSet::new())]);
    let permissions = read.roles().permissions(None, 100).await.unwrap();
    assert!(permissions.iter().all(|entry| entry.description.is_some()));
    assert_eq!(permissions.into_iter().map(|entry| entry.name).collect::<PermissionSet>(), PermissionSet::system());
}

/// `insert`, `role`.
pub async fn a_role_is_read_back_with_its_permissions(it: StoreUnderTest) {
    let (support, empty) = (support(), a_role("empty"));
    it.having_role(&support).await;
    it.having_role(&empty).await;
    assert_eq!(role(&it, &support.name).await, Some(support));
    assert_eq!(role(&it, &empty.name).await, Some(empty));
}

/// Lookups answer `None`, and deletions `false`.
pub async fn an_unknown_role_or_permission_is_none(it: StoreUnderTest) {
    let (role, permission) = ("unknown".parse().unwrap(), "unknown".parse().unwrap());
    let mut work = it.write().await;
    let roles = work.roles();
    assert_eq!(roles.role(&role).await.unwrap(), None);
    assert_eq!(roles.lock(&role).await.unwrap(), None);
    assert_eq!(roles.permission(&permission).await.unwrap(), None);
    assert!(!roles.delete(&role).await.unwrap());
    assert!(!roles.delete_permission(&permission).await.unwrap());
    assert!(!roles.revoke_permission(&role, &permission, START).await.unwrap());
    assert!(roles.update(&a_role("unknown")).await.is_err());
}

/// `insert`: [`StoreError::Duplicate`].
pub async fn a_second_role_of_a_name_is_a_duplicate(it: StoreUnderTest) {
    let refused = it.write().await.roles().insert(&a_role("admin")).await;
    assert!(matches!(refused, Err(StoreError::Duplicate(Unique::Role))), "{refused:?}");
}

/// `insert_permission`: [`StoreError::Duplicate`].
pub async fn a_second_permission_of_a_name_is_a_duplicate(it: StoreUnderTest) {
    let entry = PermissionEntry { description: Some("Reads.".parse().unwrap()), ..a_permission("reports:read") };
    let mut work = it.write().await;
    work.roles().insert_permission(&entry).await.unwrap();
    work.commit().await.unwrap();
    let stored = it.store.read().await.unwrap().roles().permission(&entry.name).await.unwrap();
    assert_eq!(stored, Some(entry.clone()));
    let refused = it.write().await.roles().insert_permission(&entry).await;
    assert!(matches!(refused, Err(StoreError::Duplicate(Unique::Permission))), "{refused:?}");
}

/// `list`, `permissions`: byte by byte, after the given one, at most so many.
pub async fn lists_go_by_name_after_the_given_one(it: StoreUnderTest) {
    for name in ["b", "a-b", "a.b", "a_b", "ab", "z"] {
        it.having_role(&a_role(name)).await;
    }
    let mut read = it.store.read().await.unwrap();
    let mut names = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = read.roles().list(after.as_deref(), 3).await.unwrap();
        assert!(page.len() <= 3);
        let Some(last) = page.last() else { break };
        after = Some(last.name.to_string());
        names.extend(page.into_iter().map(|role| role.name.to_string()));
    }
    assert_eq!(names, ["a-b", "a.b", "a_b", "ab", "admin", "b", "user", "z"]);
    let permissions = read.roles().permissions(Some("tokens:introspect"), 1).await.unwrap();
    assert_eq!(permissions[0].name, Permission::users_read());
    assert_eq!(permissions.len(), 1);
}

/// `update`: the permissions are none of its business.
pub async fn a_change_of_the_description_counts_the_version(it: StoreUnderTest) {
    let support = support();
    it.having_role(&support).await;
    let at = support.updated_at.plus(Duration::from_micros(1));
    let changed = Role { description: None, updated_at: at, permissions: PermissionSet::new(), ..support.clone() };
    let mut work = it.write().await;
    work.roles().update(&changed).await.unwrap();
    work.commit().await.unwrap();
    let expected = Role { description: None, updated_at: at, version: 4, ..support };
    assert_eq!(role(&it, &expected.name).await, Some(expected));
}

/// `grant_permission`: false when it holds it already; the version counts changes only.
pub async fn a_permission_is_added_once(it: StoreUnderTest) {
    let mut support = support();
    it.having_role(&support).await;
    let at = support.updated_at.plus(Duration::from_micros(1));
    let mut work = it.write().await;
    assert!(work.roles().grant_permission(&support.name, &Permission::audit_read(), at).await.unwrap());
    assert!(!work.roles().grant_permission(&support.name, &Permission::audit_read(), at.plus(AT_ONCE)).await.unwrap());
    work.commit().await.unwrap();
    support.permissions.insert(Permission::audit_read());
    assert_eq!(role(&it, &support.name).await, Some(Role { updated_at: at, version: 4, ..support }));
}

/// `revoke_permission`: false when it does not hold it; the version counts changes only.
pub async fn a_permission_is_taken_once(it: StoreUnderTest) {
    let mut support = support();
    it.having_role(&support).await;
    let at = support.updated_at.plus(Duration::from_micros(1));
    let mut work = it.write().await;
    assert!(work.roles().revoke_permission(&support.name, &Permission::users_read(), at).await.unwrap());
    assert!(!work.roles().revoke_permission(&support.name, &Permission::users_read(), at.plus(AT_ONCE)).await.unwrap());
    work.commit().await.unwrap();
    support.permissions.remove(&Permission::users_read());
    assert_eq!(role(&it, &support.name).await, Some(Role { updated_at: at, version: 4, ..support }));
}

/// `lock`: kept from change by others until this work ends; whoever waited sees what was done.
pub async fn a_lock_makes_others_wait_and_see_the_change(it: StoreUnderTest) {
    let support = support();
    it.having_role(&support).await;
    let mut first = it.write().await;
    assert_eq!(first.roles().lock(&support.name).await.unwrap(), Some(support.clone()));
    let (other, name) = (it.other.clone(), support.name.clone());
    let second = tokio::spawn(async move { other.write().await.unwrap().roles().lock(&name).await.unwrap() });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!second.is_finished(), "two hold the lock");
    first.roles().grant_permission(&support.name, &Permission::audit_read(), START).await.unwrap();
    first.commit().await.unwrap();
    let seen = tokio::time::timeout(AT_ONCE, second).await.expect("the lock is free").unwrap().unwrap();
    assert!(seen.permissions.contains(&Permission::audit_read()));
    assert_eq!(seen.version, 4);
}

/// `delete`.
pub async fn a_deleted_role_is_taken_from_all_who_hold_it(it: StoreUnderTest) {
    let support = support();
    it.having_role(&support).await;
    let ann = User { roles: BTreeSet::from([support.name.clone(), RoleName::user()]), ..a_user("ann") };
    it.having(&[&ann]).await;
    let mut work = it.write().await;
    assert!(work.roles().delete(&support.name).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(role(&it, &support.name).await, None);
    assert_eq!(it.user(&ann).await.unwrap().roles, BTreeSet::from([RoleName::user()]));
}

/// `delete_permission`.
pub async fn a_deleted_permission_is_taken_from_all_roles(it: StoreUnderTest) {
    let entry = a_permission("reports:read");
    let holder = Role { permissions: PermissionSet::from_iter([entry.name.clone()]), ..a_role("holder") };
    let mut work = it.write().await;
    work.roles().insert_permission(&entry).await.unwrap();
    work.roles().insert(&holder).await.unwrap();
    assert!(work.roles().delete_permission(&entry.name).await.unwrap());
    work.commit().await.unwrap();
    assert!(role(&it, &holder.name).await.unwrap().permissions.is_empty());
}

/// `permissions_of` and `with_permissions`: together; empty, and none, for an unknown account.
pub async fn the_permissions_of_an_account_are_those_of_all_its_roles(it: StoreUnderTest) {
    let support = support();
    let auditor = Role {
        permissions: PermissionSet::from_iter([Permission::users_read(), Permission::audit_read()]),
        ..a_role("auditor")
    };
    it.having_role(&support).await;
    it.having_role(&auditor).await;
    let ann = User { roles: BTreeSet::from([support.name.clone(), auditor.name.clone()]), ..a_user("ann") };
    let bob = User { roles: BTreeSet::new(), ..a_user("bob") };
    it.having(&[&ann, &bob]).await;
    let mut read = it.store.read().await.unwrap();
    let hers = read.roles().permissions_of(ann.id).await.unwrap();
    assert_eq!(hers, support.permissions.union(&auditor.permissions));
    assert_eq!(read.users().with_permissions(ann.id).await.unwrap(), Some((ann, hers)));
    assert!(read.roles().permissions_of(bob.id).await.unwrap().is_empty());
    assert_eq!(read.users().with_permissions(bob.id).await.unwrap(), Some((bob, PermissionSet::new())));
    let nobody = a_user("nobody").id;
    assert!(read.roles().permissions_of(nobody).await.unwrap().is_empty());
    assert_eq!(read.users().with_permissions(nobody).await.unwrap(), None);
}
