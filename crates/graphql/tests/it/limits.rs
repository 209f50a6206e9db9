//! What is refused before anything runs, and by which code.
use crate::world::{World, code, read};
use doorward_application::RateLimits;
use doorward_domain::Quota;
use doorward_ports::access::Operation;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::num::NonZeroU32;
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
    let asked = world.asked();
    assert_eq!(
        asked,
        vec![Operation::ReadDocs; 16],
        "a document that was refused is counted, and asks for nothing else"
    );
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
    assert_eq!(world.asked(), [Operation::ReadDocs]);
}

#[tokio::test]
async fn the_introspection_query_passes_with_all_options_of_graphql_js() {
    let world = World::new().await;
    let all = INTROSPECTION
        .replace("args {", "args(includeDeprecated: true) {")
        .replace("inputFields {", "inputFields(includeDeprecated: true) {")
        .replace("defaultValue", "defaultValue isDeprecated deprecationReason")
        .replace("locations", "isRepeatable locations")
        .replace("specifiedByURL", "specifiedByURL isOneOf")
        .replace("queryType {", "description queryType {");
    world.data(None, &all).await;
}

#[tokio::test]
async fn a_question_about_the_schema_is_bounded() {
    let world = World::new().await;
    let wide = format!("{{ __schema {{ types {{ fields {{ {} }} }} }} }}", "name ".repeat(250));
    assert_eq!(code(&world.ask(None, &wide).await), "graphql_too_many_fields");
    for deep in [
        "{ __schema { types { fields { type { fields { name } } } } } }",
        "{ __type(name: \"User\") { fields { type { fields { type { ...F } } } } } } fragment F on __Type { interfaces { name } }",
    ] {
        assert_eq!(code(&world.ask(None, deep).await), "graphql_too_costly", "{deep}");
    }
    world.data(None, "{ __type(name: \"User\") { fields { type { fields { name args { name } } } } } }").await;
}

#[tokio::test]
async fn null_is_refused_where_it_would_decide_what_is_selected() {
    let world = World::new().await;
    for document in [
        "query($x: Boolean = true) { __typename @skip(if: $x) }",
        "query($x: Boolean = true) { ... @include(if: $x) { __typename } }",
        "query($x: Boolean = true) { ...F @include(if: $x) } fragment F on Query { __typename }",
        "query($x: Boolean!) { __typename @skip(if: $x) }",
        "query($x: Boolean = null) { __typename @skip(if: $x) }",
        "query($x: Boolean) { __typename @skip(if: $x) }",
        "query($x: Int = 1) { users(first: $x) { edges { cursor } } }",
    ] {
        let answered = world.answer(None, document, json!({"x": null})).await;
        assert_eq!(code(&read(&answered)), "graphql_invalid", "{document}");
    }
    for document in ["query($x: Boolean = null) { __typename @skip(if: $x) }", "{ __typename @skip(if: null) }"] {
        assert_eq!(code(&world.ask(None, document).await), "graphql_invalid", "{document}");
    }
    world.data(None, "query($x: Boolean = true) { __typename @skip(if: $x) }").await;
}

#[tokio::test]
async fn fields_without_an_alias_are_bounded_too() {
    let world = World::new().await;
    assert_eq!(code(&world.ask(None, &format!("{{ {} }}", "__typename ".repeat(50))).await), "");
    let fragment = format!("{{ ...F ...F }} fragment F on Query {{ {} }}", "__typename ".repeat(26));
    for document in [format!("{{ {} }}", "__typename ".repeat(51)), fragment] {
        assert_eq!(code(&world.ask(None, &document).await), "graphql_too_many_fields", "{document}");
    }
}

#[tokio::test]
async fn a_long_variable_can_not_be_used_often() {
    let world = World::new().await;
    let document = "query($id: ID!) { a: node(id: $id) { id } b: node(id: $id) { id } }";
    for (length, expected) in [(128 * 1024, "authentication_required"), (128 * 1024 + 1, "graphql_too_costly")] {
        let answered = world.answer(None, document, json!({"id": "x".repeat(length)})).await;
        assert_eq!(code(&read(&answered)), expected, "{length}");
    }
    let default = "query($e: String = \"".to_owned()
        + &"x".repeat(140_000)
        + "\") { a: users(filter: {email: $e}) { edges { cursor } } b: users(filter: {email: $e}) { edges { cursor } } }";
    assert_eq!(code(&world.ask(None, &default).await), "graphql_too_costly");
}

#[tokio::test]
async fn a_mutation_can_not_be_selected_twice_by_one_name() {
    let world = World::new().await;
    world.asked();
    for document in [
        "mutation { signOut { done } signOut { userErrors { code } } }",
        "mutation { a: signOut { done } ...F } fragment F on Mutation { ... { a: signOut { done } } }",
        "mutation { signOut: endOwnOtherSessions { done } signOut { done } }",
    ] {
        assert_eq!(code(&world.ask(None, document).await), "graphql_invalid", "{document}");
    }
    assert!(!world.asked().contains(&Operation::SignOut));
    world.ask(None, "mutation { a: signOut { done } b: signOut { done } }").await;
    assert_eq!(world.asked(), [Operation::SignOut; 2]);
}

#[tokio::test]
async fn a_document_that_asks_for_nothing_is_counted_once() {
    let quota = |limit| Quota { limit: NonZeroU32::new(limit).unwrap(), per: Duration::from_hours(24) };
    let limits = RateLimits { login: quota(9), auth: quota(9), api: quota(9), admin: quota(9), public: quota(3) };
    let world = World::by(|policies| policies.limits = Some(limits)).await;
    let documents = ["{ nothing }", "{ __typename }", "query($n: Int) { users(first: $n) { edges { cursor } } }", "{"];
    let mut codes = Vec::new();
    for document in documents {
        let answered = world.answer(None, document, json!({"n": "many"})).await;
        codes.push(code(&read(&answered)).to_owned());
        assert!(answered.rate_limit.is_some(), "{document}");
    }
    assert_eq!(codes, ["graphql_invalid", "", "graphql_invalid", "rate_limited"]);
    assert_eq!(world.asked(), [Operation::ReadDocs; 4]);
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

#[tokio::test]
async fn a_list_that_is_never_null_counts_as_a_list() {
    let world = World::new().await;
    for (lists, expected) in [(19, "authentication_required"), (20, "graphql_too_costly")] {
        let names: String = (0..lists).map(|place| format!(" a{place}: roleNames")).collect();
        let document = format!("{{ users(first: 100) {{ edges {{ node {{{names} }} }} }} }}");
        assert_eq!(code(&world.ask(None, &document).await), expected, "{lists}");
    }
    let permissions = "{ roles(first: 100) { edges { node { a: permissions b: permissions c: permissions d: permissions
        e: permissions f: permissions g: permissions } } } }";
    assert_eq!(code(&world.ask(None, permissions).await), "graphql_too_costly");
}
