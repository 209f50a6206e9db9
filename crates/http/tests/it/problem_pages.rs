//! `docs/problems/`: one page a code, and no other.
use doorward_http::{PROBLEM_BASE, problem_codes};
use std::collections::BTreeSet;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/problems");

fn page(name: &str) -> String {
    std::fs::read_to_string(format!("{FOLDER}/{name}.md")).unwrap_or_else(|error| panic!("{name}.md: {error}"))
}

#[test]
fn every_code_has_a_page_and_every_page_a_code() {
    let files = std::fs::read_dir(FOLDER).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let pages: BTreeSet<String> = files.filter(|name| name != "README.md").collect();
    let codes: BTreeSet<String> = problem_codes().iter().map(|(code, ..)| format!("{code}.md")).collect();
    assert_eq!(pages, codes, "the pages (left) and the codes (right) differ");
}

#[test]
fn every_page_says_its_title_and_status_and_shows_an_example() {
    for (code, status, title) in problem_codes() {
        let page = page(code);
        assert!(page.starts_with(&format!("# {title}\n")), "{code}.md begins otherwise than with # {title}");
        assert!(page.contains(&format!("`{code}` · status {status}")), "{code}.md");
        for heading in ["## When", "## Example", "## What to do"] {
            assert!(page.contains(heading), "{code}.md lacks {heading}");
        }
    }
}

#[test]
fn every_example_is_a_problem_of_its_code() {
    for (code, status, title) in problem_codes() {
        let page = page(code);
        let example = page.split("```json\n").nth(1).and_then(|rest| rest.split("```").next());
        let example: serde_json::Value = serde_json::from_str(example.unwrap_or_default()).unwrap();
        // The endpoints of OAuth tell theirs in its way.
        if example["error"].is_string() {
            assert_eq!(example["code"], code);
            continue;
        }
        // And GraphQL in its own.
        if code.starts_with("graphql_") {
            assert_eq!(example["errors"][0]["extensions"]["code"], code);
            continue;
        }
        assert_eq!(example["type"], format!("{PROBLEM_BASE}{code}"));
        assert_eq!((&example["code"], &example["title"]), (&code.into(), &title.into()));
        assert_eq!(example["status"], status, "{code}.md");
        let has_errors = example["errors"].is_array();
        assert_eq!(has_errors, code == "validation_failed", "{code}.md");
    }
}

#[test]
fn the_list_names_every_page() {
    let list = page("README");
    assert_eq!(list, doorward_http::problem_index(), "it is stale: just generate");
    for (code, status, title) in problem_codes() {
        assert!(list.contains(&format!("| [`{code}`]({code}.md) | {status} | {title} |")), "{code}");
    }
    assert!(list.contains(PROBLEM_BASE));
}
