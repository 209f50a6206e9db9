//! What Prometheus' own tool says.
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::expressions::{Asked, of_the_dashboard};
use super::{in_repository, program};
use crate::metrics::scraped_text;
use crate::nodes::redis::RedisServer;
use crate::place::{ADMIN, Kind, PASSWORD, Place};

/// It must find nothing wrong.
#[track_caller]
fn accepts(promtool: &PathBuf, arguments: &[&str], files: &[PathBuf], input: &str) {
    let mut command = Command::new(promtool);
    command.args(arguments).args(files).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = command.spawn().expect("promtool can be started");
    let mut stdin = running.stdin.take().expect("it is piped");
    stdin.write_all(input.as_bytes()).expect("promtool reads it");
    drop(stdin);
    let done = running.wait_with_output().expect("promtool ends");
    let told = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "promtool {}: {told}", arguments.join(" "));
}

#[test]
fn the_linter_finds_nothing_wrong_with_the_metrics_of_a_server_that_was_used() {
    let Some(promtool) = program("promtool") else { return };
    let redis = RedisServer::start();
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let place = Place::on(kind).with_known_admin().set("REDIS_URL", &redis.url());
        let server = place.start();
        server.client.sign_in(ADMIN, PASSWORD);
        server.client.register("ann@example.com", PASSWORD);
        server.client.get("/api/v1/users/me").send().expect_status(401);
        accepts(&promtool, &["check", "metrics"], &[], &scraped_text(server.client));
    }
}

#[test]
fn the_linter_does_find_what_is_wrong() {
    let Some(promtool) = program("promtool") else { return };
    let wrong = "# TYPE doorward_things counter\ndoorward_things 1\n";
    let found = std::panic::catch_unwind(|| accepts(&promtool, &["check", "metrics"], &[], wrong));
    assert!(found.is_err(), "a counter whose name does not end with _total");
}

#[test]
fn the_rules_are_well_formed_and_pass_their_tests() {
    let Some(promtool) = program("promtool") else { return };
    let files = ["alerts", "recording"].map(|file| in_repository(&format!("docs/deploy/prometheus/rules/{file}.yml")));
    accepts(&promtool, &["check", "rules"], &files, "");
    accepts(&promtool, &["test", "rules"], &[in_repository("tests/alerts/alerts.yml")], "");
}

/// As rules, because promtool has no other way to be given expressions. JSON is YAML.
#[test]
fn every_query_of_the_dashboard_is_well_formed() {
    let Some(promtool) = program("promtool") else { return };
    let queries = of_the_dashboard();
    assert!(queries.len() > 40, "the dashboard has lost its queries");
    let rule =
        |(number, asked): (usize, &Asked)| json!({"record": format!("query:{number}"), "expr": asked.expression});
    let rules: Vec<Value> = queries.iter().enumerate().map(rule).collect();
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("rules.yml");
    let whole = json!({"groups": [{"name": "dashboard", "rules": rules}]});
    std::fs::write(&file, whole.to_string()).expect("the folder is ours");
    accepts(&promtool, &["check", "rules"], &[file], "");
}
