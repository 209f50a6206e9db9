use serde_json::{Value, json};

use crate::{Place, described, names};

fn listed(place: &Place, filters: &[&str]) -> Vec<Value> {
    let line = [&["audit", "list", "--output", "json"], filters].concat();
    place.run(&line).done().json().as_array().expect("a list is an array").clone()
}

#[test]
fn the_log_is_listed_newest_first_with_the_properties_that_rest_describes() {
    let place = Place::with_account("ann@example.com");
    place.run(&["role", "create", "support"]).done();
    let lines = listed(&place, &[]);
    let actions: Vec<_> = lines.iter().map(|line| line["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["role.created", "user.created"]);
    assert_eq!(names(&lines[0]), described("AuditEvent"));
    let expected = (&json!("operator"), &json!("role:support"), &Value::Null);
    assert_eq!((&lines[0]["actor"], &lines[0]["subject"], &lines[0]["address"]), expected);
    let table = place.run(&["audit", "list"]).done().out;
    assert!(table.starts_with("TIME") && table.lines().count() == 3 && table.contains("role:support"), "{table}");
}

#[test]
fn filters_narrow_the_list_and_a_bad_one_is_named() {
    let place = Place::with_account("ann@example.com");
    place.run(&["role", "create", "support"]).done();
    let ann = place.show("ann@example.com")["id"].as_str().unwrap().to_owned();
    assert_eq!(listed(&place, &["--action", "role.created"]).len(), 1);
    assert_eq!(listed(&place, &["--account", &ann]).len(), 1);
    assert_eq!(listed(&place, &["--subject", &format!("user:{ann}"), "--actor", "operator"]).len(), 1);
    assert_eq!(listed(&place, &["--outcome", "failure"]).len(), 0);
    assert_eq!(listed(&place, &["--to", "2020-01-01T00:00:00Z"]).len(), 0);
    place.run(&["audit", "list", "--from", "yesterday"]).refused(1, "from: is not a time");
    place.run(&["audit", "export", "--format", "xml"]).refused(2, "must be ndjson or csv");
}

#[test]
fn more_than_a_list_shows_is_told_and_all_are_listed_when_asked() {
    let place = Place::migrated();
    for name in ["a1", "b2", "c3"] {
        place.run(&["role", "create", name]).done();
    }
    let two = place.run(&["audit", "list", "--limit", "2"]).done();
    assert_eq!(two.out.lines().count(), 3);
    assert!(two.err.contains("the newest 2 lines: --all lists all"), "{two:?}");
    assert_eq!(listed(&place, &["--all"]).len(), 3);
}

#[test]
fn an_export_goes_to_standard_output_and_is_itself_in_the_log() {
    let place = Place::migrated();
    place.run(&["role", "create", "support"]).done();
    let exported = place.run(&["audit", "export", "--action", "role.created"]).done().out;
    let line: Value = serde_json::from_str(exported.trim_end()).unwrap();
    assert_eq!((&line["action"], exported.lines().count()), (&json!("role.created"), 1));
    let newest = listed(&place, &[]).remove(0);
    assert_eq!((&newest["action"], &newest["subject"]), (&json!("audit.exported"), &json!("audit_log")));
    assert_eq!(newest["details"], json!({ "filters": { "action": "role.created" } }));
    let csv = place.run(&["audit", "export", "--format", "csv"]).done().out;
    assert!(csv.starts_with("\"id\",\"seq\",\"occurred_at\"") && csv.contains(",\"audit.exported\","), "{csv}");
    // The export of NDJSON, the role, and this export itself.
    assert_eq!(csv.matches("\r\n").count(), 4);
}

#[test]
fn lines_are_deleted_only_when_that_is_meant_and_only_sealed_ones() {
    let place = Place::migrated();
    place.run(&["role", "create", "support"]).done();
    place.run(&["audit", "head"]).refused(1, "(audit_log_unsealed)");
    let before = "2026-01-01T00:00:00Z";
    place.run(&["audit", "prune", "--before", before]).refused(2, "--yes");
    let nothing = place.run(&["audit", "prune", "--before", before, "--yes"]).done().out;
    assert_eq!(nothing, format!("no line was sealed before {before}: nothing was deleted\n"));
    let json = place.run(&["audit", "prune", "--before", before, "--yes", "--output", "json"]).done().json();
    assert_eq!(json, json!({ "pruned_to": 0, "lines": 0 }));
    place.run(&["audit", "prune", "--before", "yesterday", "--yes"]).refused(1, "before: is not a time");
    place.run(&["audit", "prune", "--before", "9999-01-01T00:00:00Z", "--yes"]).refused(1, "must not be in the future");
    place.run(&["audit", "prune", "--yes"]).refused(2, "--before");
    assert_eq!(listed(&place, &[]).len(), 1);
}
