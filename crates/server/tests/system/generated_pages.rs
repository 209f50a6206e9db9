//! The pages of docs/ that the program writes itself are those in the repository.
use std::path::Path;

use crate::place::{Kind, Place};

#[test]
fn the_settings_page_is_current() {
    is_current("docs/configuration.md", &["config", "docs"]);
}

#[test]
fn the_page_of_access_is_current() {
    is_current("docs/features/access.md", &["access", "docs"]);
}

#[test]
fn the_page_of_limits_is_current() {
    is_current("docs/features/rate-limits.md", &["access", "limits"]);
}

#[test]
fn the_index_of_problems_is_current() {
    is_current("docs/problems/README.md", &["access", "problems"]);
}

#[test]
fn the_openapi_document_is_current() {
    is_current("docs/openapi.json", &["openapi"]);
}

#[test]
fn the_graphql_schema_is_current() {
    is_current("docs/graphql/schema.graphql", &["graphql-schema"]);
}

#[test]
fn a_server_answers_the_same_openapi_document() {
    let place = Place::on(Kind::Sqlite);
    let server = place.start();
    let answer = server.client.get("/openapi.json").send().expect_status(200);
    assert!(answer.body == in_repository("docs/openapi.json"), "run `just generate` and commit docs/openapi.json");
}

fn is_current(page: &str, command: &[&str]) {
    let output = Place::on(Kind::Sqlite).command(command).output().expect("the binary can be started");
    assert!(output.status.success(), "{output:?}");
    let fresh = String::from_utf8(output.stdout).expect("what is printed is UTF-8");
    let kept = in_repository(page);
    let differs = fresh.lines().zip(kept.lines()).find(|(fresh, kept)| fresh != kept);
    assert!(fresh == kept, "{page} is out of date, run `just generate` and commit it; first: {differs:?}");
}

fn in_repository(page: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(page);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{page}: {error}: run `just generate`"))
}
