use serde_json::{Value, json};

use crate::{Place, names};

fn list(place: &Place) -> Vec<Value> {
    place.run(&["keys", "list", "--output", "json"]).done().json().as_array().expect("a list is an array").clone()
}

fn rotate(place: &Place) -> String {
    let key = place.run(&["keys", "rotate", "--output", "json"]).done().json();
    key["kid"].as_str().expect("a key has a name").to_owned()
}

#[test]
fn keys_are_made_and_listed_with_all_that_is_known_of_them() {
    let place = Place::migrated();
    assert_eq!(place.run(&["keys", "list"]).done().out, "none\n");
    let first = rotate(&place);
    let said = place.run(&["keys", "rotate"]).done().out;
    assert!(said.starts_with("created the key ") && said.contains("(EdDSA); it signs from "), "{said}");
    let keys = list(&place);
    assert_eq!(
        (&keys[0]["kid"], &keys[0]["state"], &keys[1]["state"]),
        (&json!(first), &json!("signing"), &json!("upcoming"))
    );
    let known = ["accepted_until", "algorithm", "created_at", "kid", "retired_at", "revoked_at", "signs_from", "state"];
    assert_eq!(names(&keys[0]), known);
    let table = place.run(&["keys", "list"]).done().out;
    assert!(table.starts_with("KID") && table.contains(&first), "{table}");
}

#[test]
fn a_key_of_each_algorithm_is_made() {
    for algorithm in ["EdDSA", "Ed25519", "ES256", "RS256"] {
        let place = Place::migrated();
        let mut command = place.command(&["keys", "rotate", "--output", "json"]);
        command.env("DOORWARD_TOKENS__ALGORITHM", algorithm);
        assert_eq!(crate::Answer::of(command).done().json()["algorithm"], algorithm);
    }
}

#[test]
fn a_key_is_revoked_only_when_that_is_meant() {
    let place = Place::migrated();
    let first = rotate(&place);
    place.run(&["keys", "revoke", &first]).refused(2, "--yes");
    assert_eq!(list(&place)[0]["state"], "signing");
    let said = place.run(&["keys", "revoke", &first, "--yes"]).done().out;
    assert!(
        said.contains(&format!("revoked the key {first}")) && said.contains("in its place, which signs now"),
        "{said}"
    );
    let again = place.run(&["keys", "revoke", &first, "--yes", "--output", "json"]).done().json();
    assert_eq!((&again["key"]["state"], &again["successor"]), (&json!("revoked"), &Value::Null));
}

#[test]
fn the_only_key_is_not_retired_and_the_one_before_is() {
    let place = Place::migrated();
    let first = rotate(&place);
    place.run(&["keys", "retire", &first]).refused(1, "(only_signing_key)");
    rotate(&place);
    let said = place.run(&["keys", "retire", &first]).done().out;
    assert!(said.starts_with(&format!("retired the key {first}; its tokens are accepted until ")), "{said}");
    place.run(&["keys", "retire", "copper"]).refused(1, "(key_not_found)");
}

#[test]
fn with_another_sealing_key_no_key_is_made() {
    let place = Place::migrated();
    rotate(&place);
    let mut command = place.command(&["keys", "rotate"]);
    command.env("DOORWARD_SECRETS__SEALING_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    command.env("DOORWARD_STORAGE__DATA_DIR", "elsewhere");
    crate::Answer::of(command).refused(1, "(sealing_key_mismatch)");
    assert_eq!(list(&place).len(), 1);
}
