use std::os::unix::fs::PermissionsExt;

use crate::Place;

#[test]
fn migrating_says_what_it_applied_and_the_second_time_that_there_was_nothing() {
    let place = Place::empty();
    let first = place.run(&["migrate"]).done().out;
    assert!(!first.is_empty() && first.lines().all(|line| line.starts_with("applied: ")), "{first}");
    assert_eq!(place.run(&["migrate"]).done().out, "the schema is up to date\n");
}

#[test]
fn checking_ends_with_1_while_something_is_pending_and_changes_nothing() {
    let place = Place::empty();
    let behind = place.run(&["migrate", "--check", "--output", "json"]);
    assert_eq!(behind.code, Some(1));
    assert!(!behind.json()["pending"].as_array().unwrap().is_empty());
    assert!(!place.folder.path().join("data").exists());
    place.run(&["migrate"]).done();
    let current = place.run(&["migrate", "--check", "--output", "json"]).done();
    assert_eq!(current.json()["pending"].as_array().unwrap().len(), 0);
}

#[test]
fn the_database_is_made_for_its_owner_alone() {
    let place = Place::migrated();
    let mode = |path: &str| std::fs::metadata(place.folder.path().join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("data"), mode("data/doorward.db")), (0o700, 0o600));
}

#[test]
fn a_command_on_a_database_that_is_not_set_up_says_what_to_run() {
    let place = Place::empty();
    place.run(&["user", "list"]).refused(1, "run `doorward migrate` first");
    assert!(!place.folder.path().join("data").exists());
}
