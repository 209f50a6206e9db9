use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use crate::{Answer, Place, names};

const OTHER_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn status(place: &Place) -> Value {
    place.run(&["secrets", "status", "--output", "json"]).done().json()
}

#[test]
fn the_key_of_the_first_command_seals_and_is_shown_with_what_it_has_sealed() {
    let place = Place::migrated();
    place.run(&["keys", "rotate"]).done();
    let status = status(&place);
    assert_eq!(names(&status), ["keys", "nodes", "unknown_keys", "values"]);
    let key = &status["keys"][0];
    let known = ["completed_at", "created_at", "id", "known", "retired_at", "seals_from", "state", "values"];
    assert_eq!(names(key), known);
    assert_eq!((&key["state"], &key["known"], &key["values"]), (&json!("current"), &json!(true), &json!(1)));
    let values = json!([{
        "table": "signing_keys", "column": "sealed_private", "key": key["id"], "current_format": true, "values": 1,
    }]);
    assert_eq!((&status["values"], &status["nodes"], &status["unknown_keys"]), (&values, &json!([]), &json!([])));
    let table = place.run(&["secrets", "status"]).done().out;
    assert!(
        table.starts_with("ID ") && table.contains("\nTABLE ") && table.contains("\nrunning nodes: 0\n"),
        "{table}"
    );
}

#[test]
fn everything_is_sealed_with_a_new_key_and_the_old_one_is_retired_when_that_is_meant() {
    let place = Place::migrated();
    place.run(&["keys", "rotate"]).done();
    let old = status(&place)["keys"][0]["id"].as_str().expect("a key has an id").to_owned();
    place.run(&["secrets", "retire", &old, "--yes"]).refused(1, "(sealing_key_in_use)");
    let said = place.run(&["secrets", "rotate"]).done().out;
    assert!(said.starts_with("rotated to the sealing key ") && said.contains("; sealed 1 values again\n"), "{said}");
    let data = place.folder.path().join("data");
    let new = status(&place)["keys"][1]["id"].as_str().expect("a key has an id").to_owned();
    let mode = std::fs::metadata(data.join(format!("sealing-{new}.key"))).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    place.run(&["secrets", "retire", &old]).refused(2, "--yes");
    let said = place.run(&["secrets", "retire", &old, "--yes"]).done().out;
    assert!(said.starts_with(&format!("retired the sealing key {old}; ")) && !data.join("sealing.key").exists());
    place.run(&["keys", "rotate"]).done();
    let again = place.run(&["secrets", "rotate", "--output", "json"]).done().json();
    assert_eq!(names(&again), ["key", "resealed", "resumed", "unopened"]);
    assert_eq!((&again["resealed"], &again["resumed"]), (&json!(2), &json!(false)));
    place.run(&["secrets", "retire", "copper", "--yes"]).refused(1, "(sealing_key_not_found)");
}

#[test]
fn without_the_key_nothing_is_done_but_the_status_says_what_is_missing() {
    let place = Place::migrated();
    place.run(&["keys", "rotate"]).done();
    for line in [&["secrets", "rotate"][..], &["keys", "list"], &["user", "list"]] {
        let mut command = place.command(line);
        command.env("DOORWARD_SECRETS__SEALING_KEY", OTHER_KEY).env("DOORWARD_STORAGE__DATA_DIR", "elsewhere");
        Answer::of(command).refused(1, "(sealing_key_mismatch)");
    }
    let mut command = place.command(&["secrets", "status", "--output", "json"]);
    command.env("DOORWARD_SECRETS__SEALING_KEY", OTHER_KEY).env("DOORWARD_STORAGE__DATA_DIR", "elsewhere");
    let key = Answer::of(command).done().json()["keys"][0].clone();
    assert_eq!((&key["state"], &key["known"]), (&json!("current"), &json!(false)));
}

#[test]
fn keys_from_the_settings_are_rotated_one_after_the_other() {
    let place = Place::migrated();
    let run = |keys: &str, line: &[&str]| {
        let mut command = place.command(line);
        command.env("DOORWARD_SECRETS__SEALING_KEY", keys).env("DOORWARD_STORAGE__DATA_DIR", "elsewhere");
        Answer::of(command)
    };
    let next = "//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=";
    run(OTHER_KEY, &["keys", "rotate"]).done();
    run(OTHER_KEY, &["secrets", "rotate"]).refused(1, "(sealing_key_not_ready)");
    let both = format!("{OTHER_KEY},{next}");
    let said = run(&both, &["secrets", "rotate"]).done().out;
    assert!(said.contains("sealed 1 values again"), "{said}");
    run(next, &["keys", "rotate"]).done();
    run(OTHER_KEY, &["keys", "list"]).refused(1, "(sealing_key_mismatch)");
    run("AAEC", &["keys", "list"]).refused(1, "secrets.sealing_key");
}
