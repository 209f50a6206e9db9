use serde_json::{Value, json};

use crate::{Place, described, names};

fn role(place: &Place, name: &str) -> Value {
    place.run(&["role", "show", name, "--output", "json"]).done().json()
}

#[test]
fn a_role_is_made_shown_and_listed_alike() {
    let place = Place::migrated();
    let line = ["role", "create", "support", "--description", "Answers tickets", "--permission", "users:read"];
    assert_eq!(place.run(&line).done().out, "created the role support\n");
    let made = role(&place, "support");
    assert_eq!((&made["description"], &made["permissions"]), (&json!("Answers tickets"), &json!(["users:read"])));
    let listed = place.run(&["role", "list", "--output", "json"]).done().json();
    assert_eq!(listed.as_array().unwrap().iter().find(|role| role["name"] == "support"), Some(&made));
}

#[test]
fn roles_and_permissions_have_the_properties_that_rest_describes() {
    let place = Place::migrated();
    assert_eq!(names(&role(&place, "admin")), described("Role"));
    let permissions = place.run(&["role", "permissions", "--output", "json"]).done().json();
    assert_eq!(names(&permissions[0]), described("Permission"));
}

#[test]
fn permissions_are_granted_and_revoked() {
    let place = Place::migrated();
    place.run(&["role", "create", "support"]).done();
    let granted = place.run(&["role", "grant", "support", "audit:read", "--output", "json"]).done().json();
    assert_eq!((&granted["permissions"], &granted), (&json!(["audit:read"]), &role(&place, "support")));
    place.run(&["role", "revoke", "support", "audit:read"]).done();
    assert_eq!(role(&place, "support")["permissions"], json!([]));
    place.run(&["role", "grant", "support", "no:such"]).refused(1, "(permission_not_found)");
}

#[test]
fn the_catalogue_lists_every_system_permission() {
    let list = Place::migrated().run(&["role", "permissions"]).done().out;
    for permission in doorward_domain::SYSTEM_PERMISSIONS {
        assert!(list.lines().any(|line| line.split_whitespace().next() == Some(permission)), "{permission}: {list}");
    }
}

#[test]
fn a_deleted_role_is_taken_from_all_who_held_it() {
    let place = Place::with_account("ann@example.com");
    place.run(&["role", "create", "support"]).done();
    place.run(&["user", "grant", "ann@example.com", "support"]).done();
    place.run(&["role", "delete", "support"]).refused(2, "--yes");
    assert_eq!(place.run(&["role", "delete", "support", "--yes"]).done().out, "deleted the role support\n");
    assert_eq!(place.show("ann@example.com")["roles"], json!(["user"]));
    place.run(&["role", "show", "support"]).refused(1, "(role_not_found)");
}

#[test]
fn system_roles_stay_as_they_are() {
    let place = Place::migrated();
    for line in [
        &["role", "delete", "admin", "--yes"][..],
        &["role", "grant", "user", "users:read"],
        &["role", "revoke", "admin", "users:read"],
    ] {
        place.run(line).refused(1, "(system_role)");
    }
    place.run(&["role", "create", "admin"]).refused(1, "(role_exists)");
}

#[test]
fn a_permission_is_made_listed_granted_and_deleted() {
    let place = Place::migrated();
    let made = place.run(&["permission", "create", "reports:read", "--description", "See reports", "--output", "json"]);
    let made = made.done().json();
    assert_eq!(
        (&made["name"], &made["description"], &made["is_system"]),
        (&json!("reports:read"), &json!("See reports"), &json!(false))
    );
    let listed = place.run(&["permission", "list", "--output", "json"]).done().json();
    assert_eq!(listed.as_array().unwrap().iter().find(|one| one["name"] == "reports:read"), Some(&made));
    assert_eq!(place.run(&["role", "permissions", "--output", "json"]).done().json(), listed);
    place.run(&["role", "create", "support", "--permission", "reports:read"]).done();
    place.run(&["permission", "delete", "reports:read"]).refused(2, "--yes");
    let deleted = place.run(&["permission", "delete", "reports:read", "--yes"]).done().out;
    assert_eq!(deleted, "deleted the permission reports:read\n");
    assert_eq!(role(&place, "support")["permissions"], json!([]));
    assert_eq!(
        place.run(&["permission", "create", "reports:read"]).done().out,
        "created the permission reports:read\n"
    );
    place.run(&["permission", "create", "reports:read"]).refused(1, "(permission_exists)");
    place.run(&["permission", "delete", "reports:erase", "--yes"]).refused(1, "(permission_not_found)");
    place.run(&["permission", "delete", "users:read", "--yes"]).refused(1, "(system_permission)");
}
