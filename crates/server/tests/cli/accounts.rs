use serde_json::{Value, json};

use crate::{PASSWORD, Place, described, names};

#[test]
fn an_account_is_made_shown_and_listed_alike() {
    let place = Place::migrated();
    let made = place.create(&["Ann@Example.com", "--username", "ann", "--full-name", "Ann Lee", "--locale", "en-GB"]);
    assert_eq!(made["email"], "ann@example.com");
    assert_eq!(
        (&made["username"], &made["full_name"], &made["locale"]),
        (&json!("ann"), &json!("Ann Lee"), &json!("en-GB"))
    );
    assert_eq!(
        (&made["roles"], &made["is_active"], &made["email_verified"]),
        (&json!(["user"]), &json!(true), &json!(false))
    );
    assert_eq!(place.show("ann"), made);
    let listed = place.run(&["user", "list", "--output", "json"]).done().json();
    assert_eq!(listed, json!([made]));
}

#[test]
fn an_account_has_the_properties_that_rest_describes() {
    let place = Place::migrated();
    let account = place.create(&["ann@example.com", "--must-change-password"]);
    assert_eq!(names(&account), described("User"));
    let mut usual = described("User");
    usual.retain(|name| name != "must_change_password");
    assert_eq!(names(&place.create(&["bob@example.com"])), usual, "it is there only if it is true");
}

#[test]
fn what_was_asked_for_at_its_making_is_there() {
    let place = Place::migrated();
    let made = place.create(&["ann@example.com", "--role", "admin", "--verified", "--disabled", "--external-id", "7"]);
    assert_eq!(made["roles"], json!(["admin", "user"]));
    assert_eq!(
        (&made["email_verified"], &made["is_active"], &made["external_id"]),
        (&json!(true), &json!(false), &json!("7"))
    );
}

#[test]
fn an_account_is_found_by_id_address_and_username_in_any_case() {
    let place = Place::migrated();
    let made = place.create(&["ann@example.com", "--username", "ann"]);
    for who in [made["id"].as_str().unwrap(), "ANN@example.com", "Ann"] {
        assert_eq!(place.show(who), made, "{who}");
    }
}

#[test]
fn people_read_tables_without_frames() {
    let place = Place::with_account("ann@example.com");
    let list = place.run(&["user", "list"]).done().out;
    assert!(list.starts_with("EMAIL"), "{list}");
    let row: Vec<&str> = list.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!(row[..4], ["ann@example.com", "-", "user", "yes"]);
    let shown = place.run(&["user", "show", "ann@example.com"]).done().out;
    assert!(shown.contains("email:           ann@example.com\n"), "{shown}");
}

#[test]
fn a_password_is_never_taken_from_an_argument() {
    let place = Place::with_account("ann@example.com");
    for line in [
        &["user", "create", "bob@example.com", "--password", PASSWORD][..],
        &["user", "create", "bob@example.com", PASSWORD],
        &["user", "set-password", "ann@example.com", PASSWORD],
        &["user", "set-password", "ann@example.com", "--password", PASSWORD],
    ] {
        place.run(line).refused(2, "unexpected argument");
    }
}

#[test]
fn a_weak_password_and_a_missing_one_are_refused() {
    let place = Place::migrated();
    let line = ["user", "create", "ann@example.com"];
    place.told("short\n", &line).refused(1, "password: ");
    place.run(&line).refused(1, "no password was given");
    assert_eq!(place.run(&["user", "list"]).done().out, "none\n");
}

#[test]
fn an_account_can_be_made_without_a_password() {
    let place = Place::migrated();
    place.run(&["user", "create", "ann@example.com", "--no-password"]).done();
    assert_eq!(place.show("ann@example.com")["is_active"], true);
}

#[test]
fn every_wrong_field_is_named_at_once() {
    let place = Place::migrated();
    let line = ["user", "create", "not-an-address", "--username", "a b", "--role", "No Role"];
    let answer = place.told(&format!("{PASSWORD}\n"), &line);
    for field in ["\n  email: ", "\n  username: ", "\n  roles/0: ", "validation_failed"] {
        assert!(answer.err.contains(field), "{field:?} is not in {answer:?}");
    }
    answer.refused(1, "correct the input, and run the command again");
}

#[test]
fn a_taken_address_is_refused_with_its_code() {
    let place = Place::with_account("ann@example.com");
    place.told(&format!("{PASSWORD}\n"), &["user", "create", "ANN@example.com"]).refused(1, "(email_taken)");
}

#[test]
fn disabling_and_enabling_change_what_is_shown() {
    let place = Place::with_account("ann@example.com");
    let said = place.run(&["user", "disable", "ann@example.com"]).done().out;
    assert_eq!(said, "disabled ann@example.com and ended its sessions\n");
    assert_eq!(place.show("ann@example.com")["is_active"], false);
    let answered = place.run(&["user", "enable", "ann@example.com", "--output", "json"]).done().json();
    assert_eq!((&answered["is_active"], &answered), (&json!(true), &place.show("ann@example.com")));
}

#[test]
fn roles_are_granted_and_revoked_and_twice_is_no_error() {
    let place = Place::with_account("ann@example.com");
    place.create(&["root@example.com", "--role", "admin"]);
    for _ in 0..2 {
        place.run(&["user", "grant", "ann@example.com", "admin"]).done();
        assert_eq!(place.show("ann@example.com")["roles"], json!(["admin", "user"]));
    }
    for _ in 0..2 {
        place.run(&["user", "revoke", "ann@example.com", "admin"]).done();
        assert_eq!(place.show("ann@example.com")["roles"], json!(["user"]));
    }
    place.run(&["user", "grant", "ann@example.com", "nonsense"]).refused(1, "(role_not_found)");
}

#[test]
fn the_last_administrator_stays() {
    let place = Place::migrated();
    place.create(&["root@example.com", "--role", "admin"]);
    for line in [
        &["user", "revoke", "root@example.com", "admin"][..],
        &["user", "disable", "root@example.com"],
        &["user", "delete", "root@example.com", "--yes"],
    ] {
        place.run(line).refused(1, "(last_admin)");
    }
    assert_eq!(place.show("root@example.com")["is_active"], true);
}

#[test]
fn deleting_needs_a_yes_where_nobody_can_be_asked() {
    let place = Place::with_account("ann@example.com");
    let line = ["user", "delete", "ann@example.com"];
    place.told("y\n", &line).refused(2, "--yes");
    place.show("ann@example.com");
    assert_eq!(place.run(&["user", "delete", "ann@example.com", "--yes"]).done().out, "deleted ann@example.com\n");
    place.run(&["user", "show", "ann@example.com"]).refused(1, "(user_not_found)");
}

#[test]
fn an_unknown_account_is_told_by_every_verb() {
    let place = Place::migrated();
    for verb in ["show", "disable", "enable", "set-password", "unlock", "sessions", "sign-out"] {
        place.told(&format!("{PASSWORD}\n"), &["user", verb, "nobody"]).refused(1, "(user_not_found)");
    }
    place.run(&["user", "mfa", "list", "nobody"]).refused(1, "(user_not_found)");
    place.run(&["user", "mfa", "reset", "nobody", "--yes"]).refused(1, "(user_not_found)");
    place.run(&["user", "delete", "nobody", "--yes"]).refused(1, "(user_not_found)");
    place.run(&["user", "grant", "nobody", "admin"]).refused(1, "(user_not_found)");
    place.run(&["user", "revoke", "nobody", "admin"]).refused(1, "(user_not_found)");
}

fn emails(place: &Place, filter: &[&str]) -> Vec<String> {
    let line = [&["user", "list", "--output", "json"], filter].concat();
    let listed = place.run(&line).done().json();
    let email = |account: &Value| account["email"].as_str().map(|email| email.replace("@example.com", ""));
    listed.as_array().into_iter().flatten().filter_map(email).collect()
}

#[test]
fn lists_are_filtered_and_ordered_as_asked() {
    let place = Place::migrated();
    place.create(&["ann@example.com", "--username", "first"]);
    place.create(&["bob@example.com", "--role", "admin"]);
    place.create(&["abe@example.com", "--disabled"]);
    for (filter, expected) in [
        (&[][..], &["abe", "bob", "ann"][..]),
        (&["--sort", "created_at"], &["ann", "bob", "abe"]),
        (&["--sort", "-email"], &["bob", "ann", "abe"]),
        (&["--prefix", "a"], &["abe", "ann"]),
        (&["--role", "admin"], &["bob"]),
        (&["--active", "--sort", "email"], &["ann", "bob"]),
        (&["--disabled"], &["abe"]),
        (&["--email", "ANN@example.com"], &["ann"]),
        (&["--username", "first"], &["ann"]),
        (&["--username", "nobody"], &[]),
    ] {
        assert_eq!(emails(&place, filter), expected, "{filter:?}");
    }
}

#[test]
fn a_list_is_as_long_as_asked_and_says_when_there_are_more() {
    let place = Place::migrated();
    for name in ["ann", "bob", "cem"] {
        place.run(&["user", "create", &format!("{name}@example.com"), "--no-password"]).done();
    }
    let cut = place.run(&["user", "list", "--limit", "2"]).done();
    assert_eq!(cut.out.lines().count(), 3);
    assert!(cut.err.contains("these are the first 2 accounts: --all lists all"), "{cut:?}");
    let whole = place.run(&["user", "list", "--all"]).done();
    assert_eq!((whole.out.lines().count(), whole.err.as_str()), (4, ""));
}

#[test]
fn what_is_typed_wrongly_ends_with_2() {
    let place = Place::empty();
    for line in [
        &["user"][..],
        &["user", "create"],
        &["user", "show"],
        &["user", "grant", "ann"],
        &["user", "list", "--sort", "age"],
        &["user", "list", "--limit", "0"],
        &["user", "list", "--limit", "5", "--all"],
        &["user", "list", "--active", "--disabled"],
        &["role", "grant", "support"],
        &["migrate", "--nonsense"],
    ] {
        let answer = place.run(line);
        assert_eq!((answer.code, answer.out.as_str()), (Some(2), ""), "{line:?} {answer:?}");
    }
}

#[test]
fn a_temporary_password_is_shown_as_one() {
    let place = Place::migrated();
    let made = place.create(&["ann@example.com", "--must-change-password"]);
    assert_eq!(made["must_change_password"], true);
    let shown = place.run(&["user", "show", "ann@example.com"]).done().out;
    assert!(shown.contains("password:        must be changed\n"), "{shown}");
    place.told(&format!("{PASSWORD}\n"), &["user", "set-password", "ann@example.com"]).done();
    assert_eq!(place.show("ann@example.com").get("must_change_password"), None);
    place.told(&format!("{PASSWORD}\n"), &["user", "set-password", "ann@example.com", "--must-change"]).done();
    assert_eq!(place.show("ann@example.com")["must_change_password"], true);
}

#[test]
fn who_has_no_password_is_invited() {
    let place = Place::migrated();
    let invitations = |place: &Place| {
        let outbox = place.run(&["mail", "outbox", "--output", "json"]).done().json();
        outbox.as_array().unwrap().iter().filter(|mail| mail["kind"] == "invitation").count()
    };
    place.run(&["user", "create", "ann@example.com", "--no-password", "--no-invitation"]).done();
    assert_eq!(invitations(&place), 0);
    place.run(&["user", "invite", "ann@example.com"]).done();
    place.run(&["user", "create", "bob@example.com", "--no-password"]).done();
    assert_eq!(invitations(&place), 2);
    place.create(&["cid@example.com"]);
    place.run(&["user", "invite", "cid@example.com"]).refused(1, "(user_not_invitable)");
}
