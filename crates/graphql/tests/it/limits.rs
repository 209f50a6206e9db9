//! What is refused before anything runs, and by which code.
use crate::world::{World, code, read};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

const INTROSPECTION: &str = include_str!("introspection.graphql");

fn aliases(count: usize) -> String {
    let mut document = String::from("{");
    (0..count).for_each(|place| write!(document, " a{place}: __typename").unwrap());
    document + " }"
}

fn deep(levels: usize) -> String {
    format!("{}{}{}", "{ me ".repeat(levels), "{ id }", "}".repeat(levels))
}

/// Fragments of which each uses the next one twice.
fn doubling(fragments: usize) -> String {
    let mut document = String::from("{ me { ...F0 } } ");
    for place in 0..fragments {
        write!(document, "fragment F{place} on User {{ ...F{0} ...F{0} }} ", place + 1).unwrap();
    }
    write!(document, "fragment F{fragments} on User {{ id }}").unwrap();
    document
}

/// The same in a circle, which selects nothing.
fn circle(fragments: usize) -> String {
    let mut document = String::from("{ me { ...F0 } } ");
    for place in 0..fragments {
        write!(document, "fragment F{place} on User {{ ...F{0} ...F{0} }} ", (place + 1) % fragments).unwrap();
    }
    document
}

#[tokio::test]
async fn an_abusive_document_is_refused_by_the_name_of_its_limit_and_nothing_is_asked() {
    let world = World::new().await;
    world.asked();
    let lists = "{ users(first: 100) { edges { node { roles { name permissions description isSystem createdAt updatedAt id }
        id email username fullName locale } } } b: users(first: 100) { edges { node { roles { name permissions description
        isSystem createdAt updatedAt id } } } } c: users(first: 100) { edges { node { roles { name permissions } } } } }";
    let unknown_size = "query($n: Int) { a: users(first: $n) { edges { node { roles { name permissions description isSystem
        createdAt updatedAt id } } } } b: users(first: $n) { edges { node { roles { name permissions description isSystem
        createdAt updatedAt id } } } } c: users(first: $n) { edges { node { roles { name } } } } }";
    let braces = "{".repeat(60_000);
    for (document, refusal) in [
        (deep(40), "graphql_too_deep"),
        (aliases(51), "graphql_too_many_aliases"),
        (aliases(5_000), "graphql_too_long"),
        (doubling(12), "graphql_too_many_fields"),
        (doubling(40), "graphql_too_deep"),
        (circle(20), "graphql_too_many_fields"),
        ("{ me { ...A } } fragment A on User { ...A }".to_owned(), "graphql_invalid"),
        (lists.to_owned(), "graphql_too_costly"),
        (unknown_size.to_owned(), "graphql_too_costly"),
        (braces, "graphql_too_long"),
        ("{ me { id }".to_owned(), "graphql_syntax"),
        ("{ nothing }".to_owned(), "graphql_invalid"),
        ("{ me { roleNames { x } } }".to_owned(), "graphql_invalid"),
        ("subscription { x }".to_owned(), "graphql_invalid"),
        ("query A { __typename } query B { __typename }".to_owned(), "graphql_invalid"),
        (String::new(), "graphql_syntax"),
    ] {
        let answered = world.answer(None, &document, json!({})).await;
        let shown: String = document.chars().take(60).collect();
        assert_eq!(code(&read(&answered)), refusal, "{shown}: {}", read(&answered));
        assert_eq!(answered.fault.map(doorward_graphql::Fault::as_str), Some(refusal), "{shown}");
        assert_eq!(read(&answered)["data"], Value::Null, "{shown}");
    }
    assert_eq!(world.asked(), [], "admission was asked for a document that was refused");
}

#[tokio::test]
async fn to_refuse_costs_less_than_five_milliseconds() {
    let world = World::new().await;
    world.answer(None, "{ __typename }", json!({})).await;
    for document in [deep(40), aliases(51), aliases(5_000), doubling(12), circle(20), "{".repeat(60_000)] {
        let mut best = Duration::MAX;
        for _ in 0..5 {
            let begun = Instant::now();
            world.answer(None, &document, json!({})).await;
            best = best.min(begun.elapsed());
        }
        // A build for tests takes about ten times as long as one for use.
        assert!(best < Duration::from_millis(50), "{best:?} for {}", document.chars().take(40).collect::<String>());
    }
}

#[tokio::test]
async fn what_a_document_may_have_it_may_have() {
    let world = World::new().await;
    let admin = world.admin().await;
    let page = "{ users(first: 100) { edges { node { id email roles { name permissions description } } } } }";
    for document in [aliases(50), page.to_owned(), "{ ...on Query { me { id } } }".to_owned()] {
        world.data(Some(&admin), &document).await;
    }
}

#[tokio::test]
async fn the_introspection_query_of_graphql_js_passes_and_is_counted() {
    let world = World::new().await;
    world.asked();
    let schema = world.data(None, INTROSPECTION).await;
    assert!(schema["__schema"]["types"].as_array().unwrap().len() > 50);
    assert_eq!(world.asked(), [doorward_ports::access::Operation::ReadDocs]);
}

#[tokio::test]
async fn variables_of_any_kind_are_answered() {
    let world = World::new().await;
    let admin = world.admin().await;
    let document =
        "query($first: Int, $filter: UserFilter) { users(first: $first, filter: $filter) { edges { node { id } } } }";
    for variables in [
        json!({"first": "many"}),
        json!({"first": 1e300}),
        json!({"first": 99_999_999_999_999_i64}),
        json!({"first": u64::MAX}),
        json!({"first": [1]}),
        json!({"first": {"a": 1}}),
        json!({"filter": []}),
        json!({"filter": {"nothing": 1}}),
        json!({"filter": {"email": {"a": null}}}),
    ] {
        let answered = world.answer(Some(&admin.access_token), document, variables.clone()).await;
        assert_eq!(code(&read(&answered)), "graphql_invalid", "{variables}: {}", read(&answered));
    }
    let answered = world.answer(Some(&admin.access_token), document, json!({"first": null, "else": 1})).await;
    assert_eq!(code(&read(&answered)), "", "{}", read(&answered));
}
