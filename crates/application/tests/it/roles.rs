//! Roles and permissions.
use crate::world::{MINUTE, World, code, faults, fields, operator, permission, permissions, role};
use doorward_domain::{MOST_OWN_PERMISSIONS, Permission, PermissionEntry, Role, RoleName, SYSTEM_PERMISSIONS};
use doorward_ports::inbound::{Change, NewPermission, NewRole, RoleChange};
use doorward_ports::{Cursor, ErrorCode, Limit, Page};

fn held(role: &Role) -> Vec<&str> {
    role.permissions.iter().map(Permission::as_str).collect()
}

fn names(page: &Page<Role>) -> Vec<&str> {
    page.items.iter().map(|role| role.name.as_str()).collect()
}

fn describe(text: &str) -> RoleChange {
    RoleChange { description: Change::Set(text.to_owned()) }
}

#[tokio::test]
async fn a_new_database_has_the_roles_admin_and_user() {
    let world = World::new().await;
    let page = world.roles().list(&operator(), None, Limit::default()).await.unwrap();
    assert_eq!((names(&page), &page.next), (vec!["admin", "user"], &None));
    let admin = world.roles().get(&operator(), "admin").await.unwrap();
    assert_eq!(admin.permissions, doorward_domain::PermissionSet::system());
    assert_eq!(held(&world.roles().get(&operator(), "user").await.unwrap()), [""; 0]);
}

#[tokio::test]
async fn a_role_is_made_read_changed_and_deleted() {
    let world = World::new().await;
    let new =
        NewRole { description: Some("Helps people.".to_owned()), ..role("support", &["users:read", "audit:read"]) };
    let made = world.roles().create(&operator(), new).await.unwrap();
    assert_eq!((made.name.as_str(), made.description.as_ref().unwrap().as_str()), ("support", "Helps people."));
    assert_eq!((held(&made), made.version), (vec!["audit:read", "users:read"], 1));
    assert_eq!((made.created_at, made.updated_at), (world.now(), world.now()));
    assert_eq!(world.roles().get(&operator(), "support").await.unwrap(), made);
    world.advance(MINUTE);
    let changed = world.roles().change(&operator(), "support", describe("Helps."), Some(1.into())).await.unwrap();
    assert_eq!(changed.description.as_ref().unwrap().as_str(), "Helps.");
    assert_eq!((changed.version, changed.updated_at, changed.created_at), (2, world.now(), made.created_at));
    let clear = RoleChange { description: Change::Clear };
    let cleared = world.roles().change(&operator(), "support", clear, None).await.unwrap();
    assert_eq!((cleared.description.as_ref(), cleared.version), (None, 3));
    assert_eq!(world.roles().get(&operator(), "support").await.unwrap(), cleared);
    world.roles().delete(&operator(), "support").await.unwrap();
    assert_eq!(code(world.roles().get(&operator(), "support").await), ErrorCode::RoleNotFound);
}

#[tokio::test]
async fn a_change_that_changes_nothing_keeps_the_version_and_an_old_version_is_refused() {
    let world = World::new().await;
    world.roles().create(&operator(), role("support", &[])).await.unwrap();
    let changed = world.roles().change(&operator(), "support", describe("Helps."), None).await.unwrap();
    world.journal.take();
    for same in [describe("Helps."), RoleChange::default()] {
        assert_eq!(world.roles().change(&operator(), "support", same, Some(2.into())).await.unwrap(), changed);
    }
    assert_eq!(world.journal.lines(), []);
    let late = world.roles().change(&operator(), "support", describe("Late."), Some(1.into())).await;
    assert_eq!(code(late), ErrorCode::VersionMismatch);
}

#[tokio::test]
async fn every_fault_of_a_role_is_told_at_once() {
    let world = World::new().await;
    let wrong = NewRole {
        name: "No Role".to_owned(),
        description: Some("two\nlines".to_owned()),
        permissions: vec!["users:read".to_owned(), "NO".to_owned(), String::new()],
    };
    let expected = [
        ("/name", "invalid_role_name"),
        ("/description", "invalid_description"),
        ("/permissions/1", "invalid_permission"),
        ("/permissions/2", "invalid_permission"),
    ];
    assert_eq!(faults(world.roles().create(&operator(), wrong).await), fields(&expected));
    world.roles().create(&operator(), role("support", &[])).await.unwrap();
    let change = world.roles().change(&operator(), "support", describe(""), None).await;
    assert_eq!(faults(change), fields(&[("/description", "invalid_description")]));
}

#[tokio::test]
async fn a_name_is_given_once_and_what_there_is_not_cannot_be_held() {
    let world = World::new().await;
    let roles = world.roles();
    roles.create(&operator(), role("support", &[])).await.unwrap();
    for name in ["support", "admin", "user"] {
        assert_eq!(code(roles.create(&operator(), role(name, &[])).await), ErrorCode::RoleExists);
    }
    let unknown = roles.create(&operator(), role("other", &["reports:read"])).await;
    assert_eq!(faults(unknown), fields(&[("/permissions/0", "permission_not_found")]));
    assert_eq!(code(roles.get(&operator(), "other").await), ErrorCode::RoleNotFound);
}

#[tokio::test]
async fn system_roles_stay_as_they_are_for_everybody() {
    let world = World::new().await;
    let admin = world.admin("eve").await;
    let roles = world.roles();
    for caller in [&operator(), &admin.caller] {
        for name in ["admin", "user"] {
            assert_eq!(code(roles.change(caller, name, describe("Mine."), None).await), ErrorCode::SystemRole);
            assert_eq!(code(roles.delete(caller, name).await), ErrorCode::SystemRole);
            assert_eq!(code(roles.grant_permission(caller, name, "users:read").await), ErrorCode::SystemRole);
            assert_eq!(code(roles.revoke_permission(caller, name, "users:read").await), ErrorCode::SystemRole);
        }
    }
}

#[tokio::test]
async fn a_role_that_there_is_not_is_not_found() {
    let world = World::new().await;
    let roles = world.roles();
    for name in ["support", "", "No Role", "admin\0", &"a".repeat(10_000)] {
        assert_eq!(code(roles.get(&operator(), name).await), ErrorCode::RoleNotFound);
        assert_eq!(code(roles.change(&operator(), name, describe("x"), None).await), ErrorCode::RoleNotFound);
        assert_eq!(code(roles.delete(&operator(), name).await), ErrorCode::RoleNotFound);
        assert_eq!(code(roles.grant_permission(&operator(), name, "users:read").await), ErrorCode::RoleNotFound);
        assert_eq!(code(roles.revoke_permission(&operator(), name, "users:read").await), ErrorCode::RoleNotFound);
    }
}

#[tokio::test]
async fn a_permission_is_added_to_a_role_and_taken_and_twice_is_no_change() {
    let world = World::new().await;
    let roles = world.roles();
    roles.create(&operator(), role("support", &[])).await.unwrap();
    world.advance(MINUTE);
    let more = roles.grant_permission(&operator(), "support", "users:read").await.unwrap();
    assert_eq!((held(&more), more.version, more.updated_at), (vec!["users:read"], 2, world.now()));
    assert_eq!(roles.grant_permission(&operator(), "support", "users:read").await.unwrap(), more);
    let less = roles.revoke_permission(&operator(), "support", "users:read").await.unwrap();
    assert_eq!((held(&less), less.version), (vec![], 3));
    assert_eq!(roles.revoke_permission(&operator(), "support", "users:read").await.unwrap(), less);
    for name in ["reports:read", "", "NO", "a\0"] {
        assert_eq!(code(roles.grant_permission(&operator(), "support", name).await), ErrorCode::PermissionNotFound);
        assert_eq!(code(roles.revoke_permission(&operator(), "support", name).await), ErrorCode::PermissionNotFound);
        assert_eq!(code(roles.delete_permission(&operator(), name).await), ErrorCode::PermissionNotFound);
    }
}

#[tokio::test]
async fn a_change_of_a_role_is_felt_by_the_next_request_of_who_holds_it() {
    let world = World::new().await;
    let ann = world.person_who_may("support", &["users:read"]).await;
    world.roles().grant_permission(&operator(), "support", "audit:read").await.unwrap();
    assert_eq!(permissions(&world.identify(&ann.tokens).await.unwrap()), ["audit:read", "users:read"]);
    world.roles().revoke_permission(&operator(), "support", "users:read").await.unwrap();
    assert_eq!(permissions(&world.identify(&ann.tokens).await.unwrap()), ["audit:read"]);
    world.roles().delete(&operator(), "support").await.unwrap();
    assert_eq!(permissions(&world.identify(&ann.tokens).await.unwrap()), [""; 0]);
    let names: Vec<_> = world.user(ann.id()).await.roles.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["user"]);
}

#[tokio::test]
async fn a_new_permission_lands_on_admin_and_its_deletion_takes_it_from_all() {
    let world = World::new().await;
    let admin = world.admin("eve").await;
    let new = NewPermission { description: Some("See reports.".to_owned()), ..permission("reports:read") };
    let made = world.roles().create_permission(&admin.caller, new).await.unwrap();
    assert_eq!((made.name.as_str(), made.description.as_ref().unwrap().as_str()), ("reports:read", "See reports."));
    assert_eq!(made.created_at, world.now());
    let again = world.identify(&admin.tokens).await.unwrap();
    assert!(permissions(&again).contains(&"reports:read".to_owned()));
    world.roles().create(&again, role("analyst", &["reports:read", "users:read"])).await.unwrap();
    world.roles().delete_permission(&again, "reports:read").await.unwrap();
    assert_eq!(held(&world.roles().get(&again, "analyst").await.unwrap()), ["users:read"]);
    assert_eq!(permissions(&world.identify(&admin.tokens).await.unwrap()).len(), SYSTEM_PERMISSIONS.len());
}

#[tokio::test]
async fn a_permission_that_there_is_or_that_is_none_is_refused() {
    let world = World::new().await;
    let roles = world.roles();
    assert_eq!(code(roles.create_permission(&operator(), permission("users:read")).await), ErrorCode::PermissionExists);
    let wrong = NewPermission { name: "Reports".to_owned(), description: Some(String::new()) };
    let expected = [("/name", "invalid_permission"), ("/description", "invalid_description")];
    assert_eq!(faults(roles.create_permission(&operator(), wrong).await), fields(&expected));
}

#[tokio::test]
async fn system_permissions_stay() {
    let world = World::new().await;
    for name in SYSTEM_PERMISSIONS {
        let answer = world.roles().delete_permission(&operator(), name).await;
        assert_eq!(code(answer), ErrorCode::SystemPermission, "{name}");
    }
}

#[tokio::test]
async fn roles_come_in_pages_by_name_while_others_come_and_go() {
    let world = World::new().await;
    for name in ["b", "d", "f"] {
        world.roles().create(&operator(), role(name, &[])).await.unwrap();
    }
    let limit = Limit::new(2).unwrap();
    let first = world.roles().list(&operator(), None, limit).await.unwrap();
    assert_eq!(names(&first), ["admin", "b"]);
    world.roles().delete(&operator(), "b").await.unwrap();
    for name in ["aa", "e"] {
        world.roles().create(&operator(), role(name, &[])).await.unwrap();
    }
    let second = world.roles().list(&operator(), first.next, limit).await.unwrap();
    assert_eq!(names(&second), ["d", "e"]);
    let last = world.roles().list(&operator(), second.next, limit).await.unwrap();
    assert_eq!((names(&last), &last.next), (vec!["f", "user"], &None));
}

#[tokio::test]
async fn permissions_come_in_pages_by_name() {
    let world = World::new().await;
    let (mut cursor, mut seen) = (None, Vec::new());
    loop {
        let page: Page<PermissionEntry> =
            world.roles().list_permissions(&operator(), cursor, Limit::new(5).unwrap()).await.unwrap();
        seen.extend(page.items.iter().map(|entry| entry.name.to_string()));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let mut expected = SYSTEM_PERMISSIONS.to_vec();
    expected.sort_unstable();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let world = World::new().await;
    let one = Limit::new(1).unwrap();
    let of_roles = world.roles().list(&operator(), None, one).await.unwrap().next.unwrap();
    let of_permissions = world.roles().list_permissions(&operator(), None, one).await.unwrap().next.unwrap();
    let junk = Cursor::from_text("junk".to_owned());
    for cursor in [&of_permissions, &junk] {
        let answer = world.roles().list(&operator(), Some(cursor.clone()), one).await;
        assert_eq!(code(answer), ErrorCode::InvalidCursor);
    }
    for cursor in [&of_roles, &junk] {
        let answer = world.roles().list_permissions(&operator(), Some(cursor.clone()), one).await;
        assert_eq!(code(answer), ErrorCode::InvalidCursor);
    }
}

/// So many permissions beside Doorward's own, as many calls of `create_permission` would have made them.
async fn with_permissions(world: &World, count: usize) {
    let mut work = world.store().write().await.unwrap();
    for n in 0..count {
        let name = Permission::parse(&format!("reports:{n}")).unwrap();
        let entry = PermissionEntry { name, description: None, created_at: world.now() };
        work.roles().insert_permission(&entry).await.unwrap();
        work.roles().grant_permission(&RoleName::admin(), &entry.name, world.now()).await.unwrap();
    }
    work.commit().await.unwrap();
}

#[tokio::test]
async fn there_can_be_a_thousand_permissions_and_no_more_until_one_is_deleted() {
    let world = World::new().await;
    with_permissions(&world, MOST_OWN_PERMISSIONS - 1).await;
    let create = async |name: &str| world.roles().create_permission(&operator(), permission(name)).await;
    create("the:last").await.unwrap();
    assert_eq!(code(create("one:more").await), ErrorCode::TooManyPermissions);
    world.roles().delete_permission(&operator(), "reports:0").await.unwrap();
    create("one:more").await.unwrap();
    assert_eq!(code(create("reports:0").await), ErrorCode::TooManyPermissions);
    let admin = world.roles().get(&operator(), "admin").await.unwrap();
    assert_eq!(admin.permissions.own(), MOST_OWN_PERMISSIONS);
}

#[tokio::test]
async fn of_many_who_make_the_last_permission_there_can_be_one_does() {
    let world = World::on_postgres(|_| {}).await;
    with_permissions(&world, MOST_OWN_PERMISSIONS - 1).await;
    let tries: Vec<_> = (0..8)
        .map(|n| {
            let (world, new) = (world.clone(), permission(&format!("last:{n}")));
            tokio::spawn(async move { world.roles().create_permission(&operator(), new).await })
        })
        .collect();
    let mut made = 0;
    for one in tries {
        match one.await.unwrap() {
            Ok(_) => made += 1,
            Err(error) => assert_eq!(error.code, ErrorCode::TooManyPermissions),
        }
    }
    assert_eq!(made, 1);
}
