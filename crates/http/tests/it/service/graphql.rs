//! GraphQL over HTTP: what is taken, and which status and media type it is answered with.
use super::world::World;
use crate::actors::{ANONYMOUS, Actor};
use actix_web::http::Method;
use actix_web::test::TestRequest;
use serde_json::{Value, json};

const GRAPHQL: &str = "application/graphql-response+json";

fn asks(actor: Actor, document: &str) -> TestRequest {
    actor.post("/graphql", &json!({"query": document}))
}

#[actix_web::test]
async fn a_document_is_answered_with_the_media_type_that_the_client_accepts() {
    let world = World::new().await;
    let ann = world.ann().await;
    let older = world.send(asks(*ann, "{ me { id } }")).await;
    assert_eq!(older.json(), json!({"data": {"me": {"id": ann.account.id}}}));
    assert_eq!(older.header("content-type"), "application/json; charset=utf-8");
    assert_eq!(older.header("cache-control"), "no-store");
    assert!(older.header("ratelimit-policy").is_empty(), "there are no limits in this world");
    let newer = world.send(asks(*ann, "{ me { id } }").insert_header(("accept", GRAPHQL))).await;
    assert_eq!(newer.header("content-type"), format!("{GRAPHQL}; charset=utf-8"));
}

#[actix_web::test]
async fn the_status_of_a_document_that_is_not_executed_is_for_who_accepts_it() {
    let world = World::new().await;
    for (document, code) in [("{", "graphql_syntax"), ("{ nothing }", "graphql_invalid")] {
        let older = world.send(asks(ANONYMOUS, document)).await;
        let newer = world.send(asks(ANONYMOUS, document).insert_header(("accept", GRAPHQL))).await;
        assert_eq!((older.status.as_u16(), newer.status.as_u16()), (200, 400), "{document}");
        for answer in [older.json(), newer.json()] {
            assert_eq!(answer["errors"][0]["extensions"]["code"], code);
            assert_eq!(answer.get("data"), None);
        }
    }
}

#[actix_web::test]
async fn what_is_no_request_is_400_and_what_is_no_json_is_415() {
    let world = World::new().await;
    for (body, code) in [
        (json!({"notquery": "{ me { id } }"}), "graphql_invalid_request"),
        (json!({"query": 1}), "graphql_invalid_request"),
        (json!({"query": "{ __typename }", "variables": "x"}), "graphql_invalid_request"),
        (json!({"query": "{ __typename }", "extensions": 0}), "graphql_invalid_request"),
        (json!([{"query": "{ __typename }"}]), "graphql_batch"),
    ] {
        let answer = world.send(ANONYMOUS.post("/graphql", &body)).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["errors"][0]["extensions"]["code"]), (400, &json!(code)));
    }
    for simple in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        let body = json!({"query": "{ __typename }"}).to_string();
        let request = ANONYMOUS.asks(Method::POST, "/graphql");
        let request = request.insert_header(("content-type", simple)).set_payload(body);
        assert_eq!(world.outcome(request).await, "415 unsupported_media_type", "{simple}");
    }
}

fn get(parameters: &[(&str, &str)]) -> TestRequest {
    let query: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    ANONYMOUS.get(&format!("/graphql?{query}"))
}

#[actix_web::test]
async fn get_is_for_queries_only() {
    let world = World::new().await;
    let read = [
        ("query", "query($id: ID!) { providers { name } node(id: $id) @skip(if: true) { id } }"),
        ("variables", "{\"id\": \"1\"}"),
        ("operationName", ""),
    ];
    let read = world.send(get(&read)).await;
    let read = read.json();
    assert_eq!((&read["data"]["providers"][0], read["data"].get("node")), (&json!({"name": "local"}), None));
    assert_eq!(read.get("errors"), None);
    let written = world.send(get(&[("query", "mutation { signOut { done } }")])).await;
    assert_eq!((written.status.as_u16(), written.header("allow")), (405, "POST"));
    assert_eq!(written.json()["errors"][0]["extensions"]["code"], "graphql_queries_only");
    assert_eq!(world.send(get(&[("variables", "{}")])).await.status.as_u16(), 400);
    assert_eq!(world.outcome(ANONYMOUS.put("/graphql")).await, "405 method_not_allowed");
}

#[actix_web::test]
async fn a_sign_in_works_and_its_answer_is_not_compressed() {
    let world = World::new().await;
    world.account("ann").await;
    let document =
        r#"mutation($p: String!) { signIn(input: {identifier: "ann", password: $p}) { tokens { accessToken } } }"#;
    let body = json!({"query": document, "variables": {"p": super::world::PASSWORD}});
    let answer = world.send(ANONYMOUS.post("/graphql", &body).insert_header(("accept-encoding", "gzip"))).await;
    assert_eq!(answer.header("content-encoding"), "");
    let token = answer.json()["data"]["signIn"]["tokens"]["accessToken"].take();
    let me = world.send(asks(Actor::with(token.as_str().unwrap()), "{ me { username } }")).await;
    assert_eq!(me.json()["data"]["me"], json!({"username": "ann"}));
}

#[actix_web::test]
async fn an_authorization_header_that_can_t_be_read_is_refused_by_each_field_that_needs_one() {
    let world = World::new().await;
    let document = json!({"query": "{ me { id } providers { name } }"});
    let answer = world.send(ANONYMOUS.post("/graphql", &document).insert_header(("authorization", "Bearer a b"))).await;
    let answer = answer.json();
    assert_eq!((&answer["data"]["me"], &answer["data"]["providers"][0]["name"]), (&Value::Null, &json!("local")));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "invalid_token");
}
